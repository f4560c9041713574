"""Time as Beseda keeps it: aware, UTC. Naive moments are refused by the tables."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)

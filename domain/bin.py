"""The bin: how long what people deleted themselves can be brought back."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.clock import now

KEPT_IN_BIN = timedelta(days=30)


def bin_since() -> datetime:
    """What was deleted before this moment is out of reach, and will be erased (domain/retention.py)."""
    return now() - KEPT_IN_BIN

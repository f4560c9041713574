"""The bin: the time for which people can restore what they deleted themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.clock import now

KEPT_IN_BIN = timedelta(days=30)


def bin_since() -> datetime:
    """The cutoff: anything deleted earlier is out of reach, and will be erased (domain/retention.py)."""
    return now() - KEPT_IN_BIN

"""Leases: who works on something holds it until a moment, and renews that while they live; whoever finds it passed
takes them for dead.

With several instances these moments are the database's (storage/moments.py), never an instance's own: else one whose
clock is ahead would end what the others are doing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.clock import now
from storage.moments import DatabaseTime


def lease_for(term: timedelta) -> Any:
    """The end of a lease that begins now, to be set as a column's value, as if it were a `datetime`."""
    return DatabaseTime(now(), term)


def leases_now() -> DatabaseTime:
    """What the ends of leases are compared with."""
    return DatabaseTime(now())

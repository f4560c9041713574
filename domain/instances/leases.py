"""Leases: whoever works on something holds a lease on it, and renews it while alive. If a lease has expired, its holder
is taken for dead.

With several instances, leases go by the database's clock (storage/moments.py), never by an instance's own. Otherwise an
instance whose clock is ahead would end what the others are doing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.clock import now
from storage.moments import DatabaseTime


def lease_for(term: timedelta) -> Any:
    """The end of a lease that begins now. It can be set as a column's value like a `datetime`."""
    return DatabaseTime(now(), term)


def leases_now() -> DatabaseTime:
    """The current moment, to compare the ends of leases with."""
    return DatabaseTime(now())

"""The clock: the time as Beseda keeps it, aware and in UTC. Naive moments are refused by the tables.

Whatever a rule means by "now" (a term, a window, a lease, the age of something) is asked here, so that a test can set
the time instead of waiting for it (tests/clock.py). How long something takes is measured by `time.monotonic`, which
nobody sets.
"""

from __future__ import annotations

from datetime import UTC, datetime


def system_time() -> datetime:
    return datetime.now(UTC)


source = system_time
"""What tells the time; tests put their own in its place."""


def now() -> datetime:
    return source()

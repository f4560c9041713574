"""Clock: the current time, aware and in UTC. The tables refuse naive datetimes.

Every rule that depends on "now" (a term, a window, a lease, an age) asks here, so that a test can set the time instead
of waiting for it (tests/clock.py). Durations are measured by `time.monotonic`, which nobody sets.
"""

from __future__ import annotations

from datetime import UTC, datetime


def system_time() -> datetime:
    return datetime.now(UTC)


source = system_time
"""The source of the time; tests substitute their own."""


def now() -> datetime:
    return source()

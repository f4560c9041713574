"""Sample data, timestamps: at the hours at which people are awake."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from itertools import accumulate
from random import Random

MOSCOW = timezone(timedelta(hours=3))
HOURS = range(24)
LIVELINESS = tuple(accumulate((4, 2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 9, 10, 10, 9, 9, 10, 11, 13, 16, 18, 18, 14, 8)))
"""Cumulative weights of activity per hour, Moscow time."""


def moment_between(chance: Random, earliest: datetime, latest: datetime) -> datetime:
    """A random moment: days are uniform, hours are not."""
    around = earliest + (latest - earliest) * chance.random()
    [hour] = chance.choices(HOURS, cum_weights=LIVELINESS)
    midnight = datetime.combine(around.astimezone(MOSCOW), time(), MOSCOW)
    moment = midnight + timedelta(hours=hour, seconds=chance.randrange(3600))
    return moment if earliest <= moment <= latest else around

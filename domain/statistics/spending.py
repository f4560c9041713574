"""Daily usage: tokens and cost of a user or character, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.usage.usage import Usage, hour_begins, hour_of

DAYS = 30


@dataclass(frozen=True)
class Day:
    """A day in the reader's time zone. `cost` in millionths of a rouble."""

    day: date
    replies: int
    tokens: int
    cost: int


async def last_days(db: AsyncSession, whose: ColumnElement[bool], zone: tzinfo) -> list[Day]:
    """The last 30 days up to today, including days without usage. `whose` is a condition on `Usage`."""
    counts = (col(Usage.replies), col(Usage.tokens_in) + col(Usage.tokens_out), col(Usage.cost))
    found = await (await db.connection()).execute(
        sqlalchemy.select(col(Usage.hour), *(func.sum(each) for each in counts))
        .where(whose, col(Usage.hour) >= hour_of(now() - timedelta(days=DAYS + 1)))
        .group_by(col(Usage.hour))
    )
    today = now().astimezone(zone).date()
    days = {today - timedelta(days=back): [0, 0, 0] for back in reversed(range(DAYS))}
    for hour, *sums in found:
        day = hour_begins(hour).astimezone(zone).date()
        if day in days:
            days[day] = [old + int(new) for old, new in zip(days[day], sums, strict=True)]
    return [Day(day, *sums) for day, sums in days.items()]

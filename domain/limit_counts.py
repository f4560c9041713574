"""Counts of rate limits (domain/rate_limits.py) in the database: shared by all instances, and kept over a restart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlmodel import Field, col, select

from domain.clock import now
from storage.database import Database
from storage.tables import Table
from storage.upsert import insert_into

Count = tuple[int, datetime]
"""Number of uses, and the time at which their window began."""
LONGEST_WINDOW = timedelta(days=1)
SWEPT_EVERY = 1000
"""Number of counts between two sweeps of the expired ones."""


class LimitCount(Table, table=True):
    """The count of `key` in the window that began at `since`."""

    __tablename__ = "limit_count"

    key: str = Field(primary_key=True, max_length=120)
    since: datetime
    count: int


class InDatabase:
    """The store of a `RateLimiter`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._until_sweep = SWEPT_EVERY

    async def increment(self, windows: Mapping[str, timedelta]) -> dict[str, Count]:
        moment = now()
        begun_after = case({key: moment - per for key, per in windows.items()}, value=col(LimitCount.key))
        is_over = col(LimitCount.since) <= begun_after
        rows = [{"key": key, "since": moment, "count": 1} for key in windows]
        again = insert_into(LimitCount, self._database.dialect).values(rows)
        again = again.on_conflict_do_update(
            index_elements=[LimitCount.key],
            set_={
                "count": case((is_over, 1), else_=col(LimitCount.count) + 1),
                "since": case((is_over, moment), else_=col(LimitCount.since)),
            },
        )
        counted = again.returning(col(LimitCount.key), col(LimitCount.count), col(LimitCount.since))
        async with self._database.write() as db:
            counts = {key: (count, since) for key, count, since in await db.exec(counted)}
            self._until_sweep -= 1
            if self._until_sweep <= 0:
                self._until_sweep = SWEPT_EVERY
                await db.exec(delete(LimitCount).where(col(LimitCount.since) < moment - LONGEST_WINDOW))
        return counts

    async def decrement(self, key: str) -> None:
        async with self._database.write() as db:
            fewer = {"count": col(LimitCount.count) - 1}
            await db.exec(update(LimitCount).where(col(LimitCount.key) == key).values(fewer))

    async def transfer(self, keys: Mapping[str, str]) -> None:
        async with self._database.write() as db:
            found = await db.exec(select(LimitCount).where(col(LimitCount.key).in_(keys)))
            for kept in found.all():
                same = {"since": kept.since, "count": kept.count}
                again = insert_into(LimitCount, self._database.dialect).values(key=keys[kept.key], **same)
                has_less = col(LimitCount.count) < kept.count
                await db.exec(again.on_conflict_do_update(index_elements=[LimitCount.key], set_=same, where=has_less))

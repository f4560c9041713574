"""Roll-up (aggregation job): computes in the background what admin pages would be too slow to count: totals of past
hours, and statistics per user.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.background.periodic import NOT_AT_ONCE, PeriodicTask
from domain.clock import now
from domain.instances.claims import Claim
from domain.model.dialog import Message
from domain.model.user import User
from domain.statistics.daily_totals import HOURS_A_DAY, delete_days, store_day
from domain.statistics.hourly_totals import HourModel, HourTotal, compute
from domain.statistics.person_stats_refresh import changed_since, next_ones, refresh_user_stats, without_user_stats
from domain.usage.usage import Usage, hour_of
from storage.database import Database

EVERY = 30  # seconds
GRACE = timedelta(minutes=5)
"""Time after the end of an hour by which all rows with its timestamps are surely committed."""
LOOKS_BACK = timedelta(days=1)
"""Time that a new process recounts: more than its predecessor can have left undone."""


class RollUp:
    """The aggregation job, a periodic task."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # A user being counted may have been deleted meanwhile: that, too, fails only this run.
        self._rounds = PeriodicTask(
            self._sum_up,
            every=EVERY,
            fault="Nothing could be summed up just now",
            claim=Claim(database, "roll_up", EVERY),
        )
        self._counted_until: datetime | None = None
        self._swept_to = 0

    async def start(self) -> None:
        self._rounds.start(after=NOT_AT_ONCE)

    async def close(self) -> None:
        await self._rounds.close()

    async def _sum_up(self) -> None:
        await self.hours()
        await self.people()
        await self.sweep()

    async def hours(self) -> None:
        """Store the totals of every past hour not stored yet, oldest first."""
        async with self._database.read(patient=True) as db:
            last = await _last_kept(db)
            first = await _first_hour(db) if last is None else last + 1
        over = range(first, hour_of(now() - GRACE))
        while over:
            end = min((over.start // HOURS_A_DAY + 1) * HOURS_A_DAY, over.stop)
            await self._keep(last, range(over.start, end))
            last, over = end - 1, range(end, over.stop)

    async def recompute_since(self, moment: datetime) -> None:
        """Delete the totals from `moment` on so that they are recomputed, because rows were added to past hours.

        Activity of accounts deleted in the meantime disappears from these totals.
        """
        first = hour_of(moment)
        async with self._database.write() as db:
            for sums in (HourTotal, HourModel):
                await db.exec(delete(sums).where(col(sums.hour) >= first))
            await delete_days(db, first // HOURS_A_DAY)

    async def _keep(self, last: int | None, hours: range) -> None:
        """Store the totals of hours of one day, and of the day itself if they complete it; skipped if hours after
        `last` were stored meanwhile, or it was deleted: no hour may be left out.
        """
        async with self._database.read(patient=True) as db:
            reckoned = await compute(db, hours)
        with suppress(IntegrityError):  # another instance was faster
            async with self._database.write() as db:
                if await _last_kept(db) != last:
                    return
                for total, models in reckoned:
                    db.add(HourTotal(**total._asdict()))
                    db.add_all(HourModel(hour=total.hour, **each._asdict()) for each in models)
                if hours.stop % HOURS_A_DAY == 0:
                    await store_day(db, hours.stop // HOURS_A_DAY - 1)

    async def people(self) -> None:
        """Recount the users with new activity, and those who have never been counted."""
        moment = now()
        before = self._counted_until or moment - LOOKS_BACK
        async with self._database.read(patient=True) as db:
            changed = await changed_since(db, before, moment)
        await refresh_user_stats(self._database, changed, moment)
        if self._counted_until is None:
            await self._catch_up(moment)
        self._counted_until = moment - GRACE  # rows committed meanwhile are seen next time

    async def _catch_up(self, moment: datetime) -> None:
        last = 0
        while True:
            async with self._database.read(patient=True) as db:
                people = await without_user_stats(db, last)
            if not people:
                return
            await refresh_user_stats(self._database, people, moment)
            last = people[-1]

    async def sweep(self) -> None:
        """Recount the next few of all users, whatever has happened: some changes leave no trace to be found by."""
        async with self._database.read() as db:
            people = await next_ones(db, self._swept_to)
        await refresh_user_stats(self._database, people, now())
        self._swept_to = people[-1] if people else 0


async def _last_kept(db: AsyncSession) -> int | None:
    return (await db.exec(select(func.max(HourTotal.hour)))).one()


async def _first_hour(db: AsyncSession) -> int:
    """The hour of the oldest row that counts; the current one if there is none."""
    said = select(func.min(Message.created_at)).where(col(Message.is_loaded).is_(False))  # a file may say 1970
    moments = [(await db.exec(oldest)).one() for oldest in (said, select(func.min(User.created_at)))]
    hours = [(await db.exec(select(func.min(Usage.hour)))).one(), *(hour_of(each) for each in moments if each)]
    return min((hour for hour in hours if hour is not None), default=hour_of(now()))

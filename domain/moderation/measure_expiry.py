"""Measure expiry, a periodic task: lifts expired measures at the start and then once a minute."""

from __future__ import annotations

from sqlmodel import col, select

from domain.background.periodic import PeriodicTask
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.moderation.effects import apply_aftermath
from domain.moderation.enforcement import Enforcement
from domain.moderation.measure import Measure
from domain.moderation.measure_notices import MeasureNotifier
from storage.bus import Bus
from storage.database import Database

LOOKS_EVERY = 60  # seconds
AT_ONCE = 100


class MeasureExpiry:
    """The periodic task that lifts expired measures."""

    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter, notifier: MeasureNotifier) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer
        self._notifier = notifier
        self._rounds = PeriodicTask(
            self._lift_what_has_run_out,
            every=LOOKS_EVERY,
            fault="Measures that have run out could not be looked for",
        )

    async def start(self) -> None:
        await self._lift_what_has_run_out()
        self._rounds.start(after=LOOKS_EVERY)

    async def close(self) -> None:
        await self._rounds.close()

    async def _lift_what_has_run_out(self) -> None:
        """One per transaction; another instance that does the same finds them lifted."""
        over = select(Measure).where(col(Measure.lifted_at).is_(None), col(Measure.until) <= now())
        async with self._database.read() as db:
            measures = list(await db.exec(over.order_by(col(Measure.until)).limit(AT_ONCE)))
        for measure in measures:
            async with self._database.write() as db:
                enforcement = Enforcement(db, self._notifier)
                await enforcement.lift(measure, None)
            await apply_aftermath(enforcement.after, self._database, self._bus, self._reply_writer)

"""The keeper of memory, a background job: after a reply it summarises what has become old, without delaying replies.

It works on one dialog and sends one request at a time, using a spare place at the model. As soon as a reply waits for a
place, it breaks off and tries again later. What fails is retried after one minute, then five, then half an hour.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from domain.background.periodic import PeriodicTask
from domain.books.books_of_dialog import BookOfDialog
from domain.chat.tree.events import ReplyEnded
from domain.clock import now
from domain.llm.concurrency import Loan, ModelPlaces, PlaceNeeded
from domain.llm.faults import KnownFault, PlaceLost
from domain.memory.chapter_plan import NEWEST, Sizes
from domain.memory.chapter_rows import Job, claim, claim_new, fail, is_free, postpone, put_back
from domain.memory.events import MemoryChanged
from domain.memory.facts.pattern_learning import learn_from
from domain.memory.rows import MemoryChapter
from domain.memory.shares import Shares
from domain.memory.summaries.next_work import Backlog, Work, is_short, next_work
from domain.memory.summaries.permission import Standing, standing_of
from domain.memory.summaries.summary_job import Draft, SummaryJobs
from domain.memory.summaries.writing import Made, freeing
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.usage.budget import TokenBudgets
from storage.bus import Bus
from storage.database import LOCK_FOR_UPDATE, Database, DatabaseUnavailable
from storage.url import SQLITE

log = logging.getLogger(__name__)

TRIED_AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
A_REST = timedelta(minutes=1)
"""Pause after a fault of the provider, before the model is asked about any dialog."""
LOOKS_EVERY = 10  # seconds
MOST_FOUND = 50
"""Maximum dialogs with unfinished work, and as many long talks, that one look takes up."""
UNEXPECTED = "unexpected"
WITHOUT_LEAVE = timedelta(minutes=30)
"""Delay of unfinished work if the dialog's memory may not be worked on now."""


SharesOf = Callable[[Dialog, Character, User, Sequence[BookOfDialog]], Shares]


class MemoryKeeper:
    """`jobs` makes the summaries; `shares_of` tells how a dialog's prompt is divided."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        places: ModelPlaces,
        jobs: SummaryJobs,
        *,
        budgets: TokenBudgets | None = None,
        shares_of: SharesOf,
    ) -> None:
        self._database = database
        self._bus = bus
        self._places = places
        self._jobs = jobs
        self._budgets = budgets or TokenBudgets()
        self._shares_of = shares_of
        self._due: OrderedDict[int, bool] = OrderedDict()
        """Dialogs to be looked at, each with whether sums of chapters may be due there."""
        self._is_due = asyncio.Event()
        self._is_working = self._is_closing = False
        self._rests_until = now()
        self._working: asyncio.Task[None] | None = None
        self._loan: tuple[int, Loan] | None = None
        """The dialog being worked on, and the loan of a place whose recall breaks that off."""
        self._job: Job | None = None
        self._looked_upto = 0
        """Id of the last long talk taken up, so that talks that may not be read now do not hold up those after them."""
        self._looks = PeriodicTask(self._look, every=LOOKS_EVERY, fault="What memory had left could not be looked for")

    async def start(self) -> None:
        if self._database.dialect == SQLITE:
            async with self._database.write() as db:
                await db.exec(freeing())
        self._bus.subscribe_to_all(ReplyEnded, lambda fact: self.look_at(fact.about), own_only=True)
        self._working = asyncio.create_task(self._work(), name="the keeper of memory")
        self._looks.start()

    async def close(self) -> None:
        """Break off a request, which is left to whoever comes next; whatever is being stored is still stored."""
        await self._looks.close()
        self._is_closing = True
        self._is_due.set()
        if self._loan:
            self._loan[1].recall()
        if self._working:
            await self._working

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done here or waiting to be done."""
        return not self._due and not self._is_working

    def look_at(self, dialog_id: int, *, sums_too: bool = False) -> None:
        """Check a dialog for something to summarise. To be called after the commit of the change."""
        self._due[dialog_id] = self._due.get(dialog_id, False) or sums_too
        self._is_due.set()

    def break_off(self, dialog_id: int) -> None:
        """Break off what is being made here for this dialog, because it is out of date."""
        if self._loan and self._loan[0] == dialog_id:
            self._loan[1].recall()

    async def _look(self) -> None:
        """Take up unfinished work: what failed, what another worker died over, and long talks that are to be read."""
        left = select(MemoryChapter.dialog_id).where(is_free()).distinct().limit(MOST_FOUND)
        read = select(Dialog.id).where(col(Dialog.reads_backlog), col(Dialog.id) > self._looked_upto)
        async with self._database.read() as db:
            found = list(await db.exec(left))
            to_be_read = list(await db.exec(read.order_by(col(Dialog.id)).limit(MOST_FOUND)))
        self._looked_upto = to_be_read[-1] if len(to_be_read) == MOST_FOUND else 0
        for dialog_id in (*found, *to_be_read):
            self.look_at(dialog_id, sums_too=True)

    async def _work(self) -> None:
        while True:
            await self._is_due.wait()
            if self._is_closing:
                return
            if not self._due:
                self._is_due.clear()
                continue
            dialog_id, sums_too = self._due.popitem(last=False)
            self._is_working = True
            turn = asyncio.create_task(
                self._turn_to(dialog_id, sums_too=sums_too), name=f"memory of dialog {dialog_id}"
            )
            await asyncio.wait({turn})
            if error := turn.exception():
                await self._tell(dialog_id, error)
            self._job, self._is_working = None, False

    async def _tell(self, dialog_id: int, error: BaseException) -> None:
        """Log an error and put the job off, so that one broken dialog does not hold up the others."""
        if isinstance(error, DatabaseUnavailable | SQLAlchemyError):
            log.warning("The memory of dialog %s waits for the database: %s", dialog_id, error)
            return
        reference = secrets.token_hex(4)
        log.error("The memory of dialog %s broke [%s]", dialog_id, reference, exc_info=error)
        if self._job:
            with suppress(DatabaseUnavailable):
                await fail(self._database, self._job, UNEXPECTED, reference, now() + TRIED_AGAIN_AFTER[-1])

    async def _turn_to(self, dialog_id: int, *, sums_too: bool) -> None:
        """Do one thing for this dialog; anything more waits until other dialogs have had their turn."""
        if self._jobs.asks and now() < self._rests_until:
            return  # the next look finds what was begun; the next reply leads to the rest
        found = await self._find_work(dialog_id, sums_too=sums_too)
        if found is None:
            return
        if await self._do(*found):
            self.look_at(dialog_id, sums_too=True)

    async def _find_work(self, dialog_id: int, *, sums_too: bool) -> tuple[Standing, Work] | None:
        async with self._database.read() as db:
            standing = await standing_of(db, dialog_id, self._budgets)
            may_work = standing is not None and standing.may_be_worked_on(costs=self._jobs.asks)
            work = path = None
            if standing and may_work:
                sizes = self._sizes_of(standing)
                only_chapters = self._jobs.asks and not sums_too  # to find facts by patterns, even a short talk is read
                if not (only_chapters and await is_short(db, dialog_id, sizes)):
                    path = await self._jobs.paths.of(db, standing.dialog.leaf_id)
                    work = await next_work(db, standing.dialog, path, sizes, sums_too=sums_too)
        if path and not self._jobs.asks and await learn_from(self._database, dialog_id, path, path.ids[-NEWEST:]):
            self._bus.publish(MemoryChanged(dialog_id))
        if standing and not may_work:
            await postpone(self._database, dialog_id, now() + WITHOUT_LEAVE)
        elif standing and work is None and standing.dialog.reads_backlog:
            await self._end_backlog(dialog_id)
        if isinstance(work, Backlog):
            await self._leave_unread(dialog_id, work)
            return None
        return (standing, work) if standing and work else None

    async def _leave_unread(self, dialog_id: int, backlog: Backlog) -> None:
        """Skip a backlog, about which the person is asked. Even if they never answer, newer messages are remembered."""
        async with self._database.write() as db:
            dialog = await db.get(Dialog, dialog_id, with_for_update=LOCK_FOR_UPDATE)
            if dialog and not dialog.reads_backlog:
                dialog.unread_upto = max(dialog.unread_upto, backlog.upto)

    async def _end_backlog(self, dialog_id: int) -> None:
        """Note that the backlog has been read, so that the person is asked about any later one."""
        async with self._database.write() as db:
            if dialog := await db.get(Dialog, dialog_id):
                dialog.reads_backlog = False

    def _sizes_of(self, standing: Standing) -> Sizes:
        """The sizes by the dialog's shares, limited to what the summariser can read at once."""
        talkers = standing.participants
        shares = self._shares_of(standing.dialog, talkers.character, talkers.person, standing.books)
        return Sizes.of(shares, self._jobs.room)

    async def _do(self, standing: Standing, work: Work) -> bool:
        """Do the work; returns whether it was done or broken off, so that more may be due."""
        job = await self._claim(standing, work)
        if job is None:
            return False  # somebody else has it
        self._job = job
        self._bus.publish(MemoryChanged(job.dialog_id))
        draft = await self._jobs.prepare(job, standing.participants, self._sizes_of(standing))
        try:
            if draft:
                await self._jobs.store(draft, await self._ask(draft))
        except (PlaceNeeded, PlaceLost):
            await self._jobs.count(draft)
            await put_back(self._database, job)
        except KnownFault as fault:
            await self._jobs.count(draft)
            await self._put_off(job, fault)
            return False
        finally:
            self._bus.publish(MemoryChanged(job.dialog_id))
        return True

    async def _ask(self, draft: Draft) -> Made:
        """Make the summary, with a spare place at the model if it is asked. Raises `PlaceNeeded` if broken off."""
        if self._is_closing:
            raise PlaceNeeded
        loan = Loan()
        self._loan = draft.job.dialog_id, loan
        try:
            async with self._jobs.renewed(draft.job, loan), loan.open(), self._place():
                return await self._jobs.ask(draft)
        finally:
            self._loan = None

    def _place(self) -> AbstractAsyncContextManager[None]:
        return self._places.spare() if self._jobs.asks else nullcontext()

    async def _claim(self, standing: Standing, work: Work) -> Job | None:
        if work.row:
            return await claim(self._database, work.row)
        return await claim_new(self._database, standing.dialog.id, standing.participants.person.id, work.span)

    async def _put_off(self, job: Job, fault: KnownFault) -> None:
        after = TRIED_AGAIN_AFTER[min(job.attempts, len(TRIED_AGAIN_AFTER)) - 1]
        self._rests_until = now() + A_REST
        reference = secrets.token_hex(4)
        words = (job.dialog_id, fault.code, reference, fault.detail)
        log.warning("The memory of dialog %s waits: %s [%s] %s", *words, extra={"reference": reference})
        await fail(self._database, job, fault.code, reference, now() + after)

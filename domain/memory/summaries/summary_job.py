"""One summary, from its material to its row. The lease is renewed meanwhile, and the cost is counted however it
ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from domain.chat.tree.message_tree import is_deleted
from domain.clock import now
from domain.llm.concurrency import Loan
from domain.llm.faults import Misconfigured
from domain.llm.server_load import ServerLoad
from domain.memory.chapter_plan import Sizes
from domain.memory.chapter_rows import Job, fail, renew
from domain.memory.facts.known_facts import known_on
from domain.memory.path_ids import Path, PathIds
from domain.memory.summaries.chapter_facts import KnownBefore, facts_taught, known_before
from domain.memory.summaries.material import Material, Participants, material_of
from domain.memory.summaries.summariser import Spent, Summariser, Summary
from domain.memory.summaries.writing import Made, Written, count_usage, drop, write
from domain.model.dialog import Message
from domain.prices import Prices
from domain.usage.meter import Meter, NoMeter
from domain.usage.usage import Used
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

RENEWED_EVERY = 10  # seconds
HOPELESS = 3
"""Number of attempts with a misconfigured model after which excerpts stand in for the summary."""
PAUSES = (0.5, 1, 2, 4)
"""Seconds between attempts to store the summary while the database does not answer."""
PARTS_MISSING = timedelta(minutes=1)
"""Delay until a sum with missing chapters is tried again."""


@dataclass
class Draft:
    """A summary that is being made."""

    job: Job
    path: Path
    material: Material
    known: KnownBefore
    spent: Spent = field(default_factory=Spent)


class SummaryJobs:
    """`load` tells what else the model's server is doing."""

    def __init__(
        self,
        database: Database,
        summariser: Summariser,
        load: ServerLoad,
        *,
        paths: PathIds | None = None,
        prices: Prices | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._summariser = summariser
        self._load = load
        self.paths = paths or PathIds()
        self._prices = prices or Prices()
        self._meter = meter or NoMeter()

    @property
    def asks(self) -> bool:
        """Whether a model is asked; otherwise there are only excerpts, which cost nothing."""
        return self._summariser.asks

    @property
    def room(self) -> int:
        """Maximum characters of a prompt for a summary."""
        return self._summariser.room

    async def prepare(self, job: Job, participants: Participants, sizes: Sizes) -> Draft | None:
        """Read all that the summary is made of; None if it cannot be made, at least not now."""
        async with self._database.read() as db:
            last = await db.get(Message, job.last_id)
            is_gone = last is None or await is_deleted(db, last)
            path = await self.paths.of(db, job.last_id)
            material = await material_of(db, job, path, participants, sizes)
            known = await known_on(db, job.dialog_id, path)
        if is_gone:
            await drop(self._database, job)
        elif not material.is_whole:
            await fail(self._database, job, "", "", now() + PARTS_MISSING)
        else:
            return Draft(job, path, material, await known_before(known, material))
        return None

    async def ask(self, draft: Draft) -> Made:
        """Make the summary and its facts. Raises `KnownFault` if it is to be retried later."""
        summary = await self._summary(draft)
        return Made(summary, draft.known, await facts_taught(summary, draft.known, draft.material))

    async def _summary(self, draft: Draft) -> Summary:
        request = draft.material.with_known(draft.known.offered)
        if not self.asks or not (request.lines or request.texts):
            return await self._summariser.excerpts(request)
        try:
            return await self._summariser.summarise(request, draft.spent, self._load)
        except Misconfigured as fault:
            if draft.job.attempts < HOPELESS:
                raise
            return replace(await self._summariser.excerpts(request), fault=fault.code)

    async def store(self, draft: Draft, made: Made) -> None:
        """Store the summary. Since it has been paid for, this is retried while the database is unavailable."""
        used = self._used(draft.spent)
        for pause in (*PAUSES, None):
            try:
                written = await write(self._database, draft.job, draft.path, draft.material, made=made, used=used)
            except DatabaseUnavailable:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                break
        if written is not Written.STORED:
            log.info("A summary of dialog %s was thrown away: %s", draft.job.dialog_id, written.name)

    async def count(self, draft: Draft | None) -> None:
        """Count the cost of a summary that came to nothing."""
        if draft and draft.spent.tokens_in:
            await count_usage(self._database, draft.job, self._used(draft.spent))

    def _used(self, spent: Spent) -> Used:
        model = self._summariser.model_name
        cost = self._prices.cost(model, spent.tokens_in, spent.tokens_out) or 0
        if spent.tokens_in:
            self._meter.tokens_used(model, spent.tokens_in, spent.tokens_out, cost)
        return Used(model, spent.tokens_in, spent.tokens_out, cost, failed=0, filtered=0)

    @asynccontextmanager
    async def renewed(self, job: Job, loan: Loan) -> AsyncGenerator[None]:
        """Renew the lease during the block; if somebody else has taken it over, recall `loan`."""
        is_over = asyncio.Event()
        renewing = asyncio.create_task(self._renew(job, loan, is_over), name=f"lease of summary {job.id}")
        try:
            yield
        finally:
            is_over.set()
            await renewing  # not cancelled: an interrupted query costs a connection

    async def _renew(self, job: Job, loan: Loan, is_over: asyncio.Event) -> None:
        while not await _is_set_within(is_over, RENEWED_EVERY):
            try:
                if not await renew(self._database, job):
                    log.warning("A summary of dialog %s was taken over by somebody else", job.dialog_id)
                    loan.recall()
                    return
            except DatabaseUnavailable as error:
                log.warning("The lease of a summary could not be renewed just now: %s", error)


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()

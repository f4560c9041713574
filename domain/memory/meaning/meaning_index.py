"""Meaning index, a background job: makes the vectors of facts and chapters, at the expense of the dialog's owner.

After a change of a dialog's memory, and after a reply, texts without a vector get one, one dialog at a time. Like
summaries, this takes from the owner's tokens of the day; once they are used up, nothing is embedded until there are
more. A text that the server refuses gets an empty vector, so that it is not sent again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from domain.background.work_queue import Worker, WorkQueue
from domain.chat.tree.events import ReplyEnded
from domain.llm.embeddings import Embedding, Embeddings
from domain.memory.events import MemoryChanged
from domain.memory.meaning.missing_vectors import Unembedded, keep, without_vector
from domain.memory.meaning.near import Meaning
from domain.memory.summaries.permission import standing_of
from domain.prices import Prices
from domain.usage.budget import TokenBudgets
from domain.usage.meter import Meter, NoMeter
from domain.usage.usage import Used
from storage.bus import Bus
from storage.database import Database

GIVEN_UP_AFTER = 3
"""Number of texts in a row without an answer after which the job rests. After only one, the text may be the cause."""
A_REST = 60.0
"""Seconds for which the job rests."""


class MeaningIndex:
    def __init__(
        self,
        database: Database,
        bus: Bus,
        embeddings: Embeddings,
        meaning: Meaning,
        *,
        budgets: TokenBudgets | None = None,
        prices: Prices | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._embeddings = embeddings
        self._meaning = meaning
        self._budgets = budgets or TokenBudgets()
        self._prices = prices or Prices()
        self._meter = meter or NoMeter()
        self._wanted = WorkQueue[int]()
        self._worker = Worker(self._wanted.get, self._pay_and_make, fault="Vectors of a dialog could not be kept")
        self._rests_until = 0.0

    async def start(self) -> None:
        self._bus.subscribe_to_all(MemoryChanged, self._want, own_only=True)
        self._bus.subscribe_to_all(ReplyEnded, self._want, own_only=True)
        self._worker.start()

    async def close(self) -> None:
        await self._worker.close()
        for dialog_id in self._meaning.unpaid_dialogs:
            await self._pay_for_questions(dialog_id)

    def _want(self, fact: MemoryChanged | ReplyEnded) -> None:
        self._wanted.put_nowait(fact.about)

    async def _pay_and_make(self, dialog_id: int) -> None:
        await self._pay_for_questions(dialog_id)
        await self.make_missing(dialog_id)

    async def make_missing(self, dialog_id: int) -> None:
        """Make the missing vectors of the dialog's facts and chapters, as long as the server answers and the budget
        lasts.
        """
        last: Unembedded | None = None
        while time.monotonic() >= self._rests_until:
            async with self._database.read() as db:
                missing = await without_vector(db, dialog_id, self._embeddings.name, last)
                standing = await standing_of(db, dialog_id, self._budgets) if missing else None
            if standing is None or not standing.may_be_worked_on(costs=True):
                return
            last = missing[-1]
            if made := await self._embedded(missing):
                used = self._used(embedding for _text, embedding in made)
                await keep(self._database, dialog_id, self._embeddings.name, made, used)

    async def _embedded(self, missing: Iterable[Unembedded]) -> list[tuple[Unembedded, Embedding]]:
        made: list[tuple[Unembedded, Embedding]] = []
        in_vain = 0
        for each in missing:
            embedding = await self._embeddings.of_text(each.text)
            if embedding is None:
                in_vain += 1
                if in_vain == GIVEN_UP_AFTER:
                    self._rests_until = time.monotonic() + A_REST
                    break
            else:
                in_vain = 0
                made.append((each, embedding))
        return made

    async def _pay_for_questions(self, dialog_id: int) -> None:
        if asked := self._meaning.take_unpaid(dialog_id):
            await keep(self._database, dialog_id, self._embeddings.name, (), self._used(asked))

    def _used(self, embeddings: Iterable[Embedding]) -> list[Used]:
        """The usage by model, without models that took no tokens."""
        tokens: dict[str, int] = {}
        for each in embeddings:
            tokens[each.model] = tokens.get(each.model, 0) + each.tokens
        used = []
        for model, taken in tokens.items():
            cost = self._prices.cost(model, taken, 0) or 0
            self._meter.tokens_used(model, taken, 0, cost)
            used.append(Used(model, taken, 0, cost, failed=0, filtered=0))
        return [each for each in used if each.tokens_in]

"""The places at the model: so many replies are asked for at once, the others wait in turn.

The provider counts running generations (YandexGPT: ten, facts of April 2025) and refuses more with 429. A refusal
slows everybody down, not only the one who met it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from domain.llm.faults import Overloaded
from storage.fair_queue import FairQueue, TooManyWaiting

LONGEST_QUEUE, LONGEST_OF_ONE = 1000, 100
"""In all, and of one person, whose replies are fewer by another rule (domain/chat/at_once.py)."""


class QueueFull(Overloaded):
    """More wait here than could be served in any sensible time; the provider has said nothing."""


class Places:
    """`number` at once, at most `each` of them for one person; the queue goes round the people."""

    def __init__(self, number: int, each: int | None = None) -> None:
        self._queue = FairQueue(number, each=each, longest=LONGEST_QUEUE, longest_of_one=LONGEST_OF_ONE)
        self._not_before = 0.0

    @property
    def number(self) -> int:
        return self._queue.places

    @property
    def taken(self) -> int:
        return self._queue.taken

    @property
    def waiting(self) -> int:
        return self._queue.waiting

    def ahead(self, person_id: int) -> int:
        """How many would be served before this person if they came now; 0 when there is a free place for them."""
        return self._queue.ahead(person_id)

    @asynccontextmanager
    async def one(self, person_id: int) -> AsyncGenerator[None]:
        """Wait for a place and keep it for the block; `QueueFull` when the queue is absurdly long."""
        try:
            await self._queue.take(person_id)
        except TooManyWaiting as error:
            raise QueueFull from error
        try:
            await self._wait_until_allowed()
            yield
        finally:
            self._queue.give_back(person_id)

    def slow_down(self, seconds: float) -> None:
        """Nobody asks the model for so long: the provider has had enough for now."""
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    async def _wait_until_allowed(self) -> None:
        rest = self._not_before - asyncio.get_running_loop().time()
        if rest > 0:
            await asyncio.sleep(rest)
            await self._wait_until_allowed()  # somebody else may have been refused meanwhile

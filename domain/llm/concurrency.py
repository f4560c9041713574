"""Concurrency limit at the model: only so many replies are requested at once, the others wait in a fair queue.

The provider counts running generations (YandexGPT: ten, facts of April 2025) and refuses more with 429. A refusal slows
everybody down, not only the request that met it (backoff).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from domain.llm.faults import Overloaded
from domain.llm.server_load import ServerLoad
from storage.fair_queue import FairQueue, QueueFull

LONGEST_QUEUE, LONGEST_OF_ONE = 1000, 100
"""Maximum queue length in all, and per user, whose replies are also limited by domain/usage/concurrent_replies.py."""


class ModelQueueFull(Overloaded):
    """Our own queue is full; the provider has not refused anything."""


class ModelConcurrency:
    """`number` requests at once, at most `each` of them for one user; the queue is served round robin by user."""

    def __init__(self, number: int, each: int | None = None) -> None:
        self._queue = FairQueue(number, each=each, longest=LONGEST_QUEUE, longest_of_one=LONGEST_OF_ONE)
        self._not_before = 0.0
        self.load = ServerLoad()
        """What the server is writing for us."""

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
        """How many would be served before this user now; 0 if a place is free for them."""
        return self._queue.ahead(person_id)

    @asynccontextmanager
    async def acquire(self, person_id: int) -> AsyncGenerator[None]:
        """Acquire a place for the duration of the block; `ModelQueueFull` if the queue is full."""
        try:
            await self._queue.acquire(person_id)
        except QueueFull as error:
            raise ModelQueueFull from error
        try:
            await self._wait_until_allowed()
            yield
        finally:
            self._queue.release(person_id)

    def back_off(self, seconds: float) -> None:
        """Backoff: nobody asks the model for `seconds`, since the provider is overloaded."""
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    async def _wait_until_allowed(self) -> None:
        rest = self._not_before - asyncio.get_running_loop().time()
        if rest > 0:
            await asyncio.sleep(rest)
            await self._wait_until_allowed()  # another request may have been refused meanwhile

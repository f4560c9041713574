"""Concurrency limit for the model: only so many replies are requested at once, the others wait in a fair queue.

The provider counts running generations (YandexGPT: ten, as of April 2025) and refuses more with 429. A refusal slows
everybody down, not only the request that met it (backoff).

`ModelConcurrency` counts in this process, which is enough on SQLite; several instances share one queue in the database
(shared_concurrency.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.faults import Overloaded
from domain.llm.server_load import ServerLoad
from storage.fair_queue import FairQueue, QueueFull

LONGEST_QUEUE, LONGEST_OF_ONE = 1000, 100
"""Maximum length of the queue, and of one user's part of it. A user's replies are also limited by
domain/usage/concurrent_replies.py.
"""
SPARE = 0
"""Person id under which a spare place is lent; no user has it."""
IDLE = 3.0
"""Seconds without a reply after which a place may be lent if it is the only one."""
SPARE_LOOKS_EVERY = 0.5
"""Polling interval, in seconds, for a place that can be spared."""


class ModelQueueFull(Overloaded):
    """Our own queue is full; the provider has not refused anything."""


class PlaceNeeded(Exception):
    """Somebody waits for a reply, so a place that was lent must be given back at once."""


@dataclass(frozen=True)
class PlacesInUse:
    taken: int
    waiting: int


def nobody_cares(_ahead: int) -> None:
    """For callers that do not tell the person how long the queue is."""


class ModelPlaces(Protocol):
    """The places at the model, which limit the requests at the same time, and the queue for them."""

    load: ServerLoad
    """The server's load with our own requests."""

    @property
    def number(self) -> int: ...

    async def in_use(self, db: AsyncSession) -> PlacesInUse: ...

    def acquire(
        self, person_id: int, queued: Callable[[int], None] = nobody_cares
    ) -> AbstractAsyncContextManager[None]:
        """Acquire a place for the duration of the block. `queued` is called with the number of replies ahead, if there
        are any. Raises `ModelQueueFull`, and from within the block `PlaceLost`.
        """

    def spare(self) -> AbstractAsyncContextManager[None]:
        """Borrow a place for work that nobody waits for, once one can be spared: the queue is empty, there is no
        backoff, and another place stays free. If there is only one place, it must have been idle for a while.

        As soon as a reply has to wait, the block is cancelled and ends in `PlaceNeeded`.
        """

    def back_off(self, seconds: float) -> None:
        """Backoff: nobody asks the model for `seconds`, since the provider is overloaded."""


class Loan:
    """A place that was lent: `recall` cancels what is done with it."""

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(None)
        self._is_open = False

    def recall(self) -> None:
        if self._is_open and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """The block ends in `PlaceNeeded` when the place is recalled."""
        try:
            async with self._timeout:
                self._is_open = True
                yield
        except TimeoutError as error:
            if self._timeout.expired():
                raise PlaceNeeded from error
            raise
        finally:
            self._is_open = False


class Backoff:
    """The time before which nobody may ask the model; it is only ever extended."""

    def __init__(self) -> None:
        self._not_before = 0.0

    def extend(self, seconds: float) -> None:
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    @property
    def is_on(self) -> bool:
        return self._not_before > asyncio.get_running_loop().time()

    async def over(self) -> None:
        rest = self._not_before - asyncio.get_running_loop().time()
        if rest > 0:
            await asyncio.sleep(rest)
            await self.over()  # another request may have been refused meanwhile


class ModelConcurrency:
    """`number` requests at once, at most `each` of them for one user; the queue is served round robin by user."""

    def __init__(self, number: int, each: int | None = None) -> None:
        self._queue = FairQueue(number, each=each, longest=LONGEST_QUEUE, longest_of_one=LONGEST_OF_ONE)
        self._backoff = Backoff()
        self._loan: Loan | None = None
        self._left_at = float("-inf")
        """Time at which the last reply gave back its place, by the event loop's clock."""
        self.load = ServerLoad()

    @property
    def number(self) -> int:
        return self._queue.places

    @property
    def taken(self) -> int:
        return self._queue.taken

    @property
    def waiting(self) -> int:
        return self._queue.waiting

    async def in_use(self, _db: AsyncSession) -> PlacesInUse:
        return PlacesInUse(self.taken, self.waiting)

    def ahead(self, person_id: int) -> int:
        """Number of replies ahead of a new one of this user; 0 if a place is free for it."""
        return self._queue.ahead(person_id)

    @asynccontextmanager
    async def acquire(self, person_id: int, queued: Callable[[int], None] = nobody_cares) -> AsyncGenerator[None]:
        if ahead := self.ahead(person_id):
            queued(ahead)
            if self._loan and self.taken == self.number:
                self._loan.recall()
        try:
            await self._queue.acquire(person_id)
        except QueueFull as error:
            raise ModelQueueFull from error
        try:
            await self._backoff.over()
            yield
        finally:
            self._left_at = asyncio.get_running_loop().time()
            self._queue.release(person_id)

    @asynccontextmanager
    async def spare(self) -> AsyncGenerator[None]:
        while not self._can_be_spared():  # noqa: ASYNC110 - a backoff and idleness end by the clock, not by an event
            await asyncio.sleep(SPARE_LOOKS_EVERY)
        await self._queue.acquire(SPARE)  # does not wait, since a place is free
        self._loan = Loan()
        try:
            async with self._loan.open():
                yield
        finally:
            self._loan = None
            self._queue.release(SPARE)

    def _can_be_spared(self) -> bool:
        if self._loan or self.waiting or self._backoff.is_on:
            return False
        if self.number == 1:
            return not self.taken and asyncio.get_running_loop().time() >= self._left_at + IDLE
        return self.number - self.taken > 1

    def back_off(self, seconds: float) -> None:
        self._backoff.extend(seconds)

"""Fair queue (concurrency limit): places granted round robin by user, so that whoever asks for much delays only
themselves.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from contextvars import ContextVar

BACKGROUND = "background"

acting_for: ContextVar[Hashable] = ContextVar("acting_for", default=BACKGROUND)
"""Key under which the running code queues for shared resources: the user or IP address it works for, else `BACKGROUND`.
Set where requests come in (ui/acting.py); tasks inherit it, so saving a reply takes turns of the user who asked for it.
"""


class QueueFull(Exception):
    """Queue full: more are waiting, in all or for this key, than could be served in sensible time."""


class FairQueue:
    """A semaphore with `places`, granted round robin by key and first come, first served within a key.

    One key holds at most `each` of them (all, if not given), even while others are free; at most `longest` wait in all
    and `longest_of_one` per key.
    """

    def __init__(self, places: int, *, longest: int, longest_of_one: int, each: int | None = None) -> None:
        self.places = self._free = places
        self._each = min(each or places, places)
        self._longest, self._longest_of_one = longest, longest_of_one
        self._held: Counter[Hashable] = Counter()
        self._rows: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        """Waiters by key; the first key that is below its limit is served next."""
        self.waiting = 0

    @property
    def taken(self) -> int:
        return self.places - self._free

    def ahead(self, key: Hashable) -> int:
        """Number of turns before a newcomer with this key, one being served included; 0 if a place is free for it."""
        if self._may_take(key):
            return 0
        own = len(self._rows.get(key, ()))
        return 1 + own + sum(min(len(row), own + 1) for other, row in self._rows.items() if other != key)

    @asynccontextmanager
    async def slot(self, key: Hashable) -> AsyncGenerator[None]:
        """Hold a place for the duration of the block."""
        await self.acquire(key)
        try:
            yield
        finally:
            self.release(key)

    def _may_take(self, key: Hashable) -> bool:
        # While a place is free, every waiting key is at its own limit: nobody is overtaken.
        return self._free > 0 and self._held[key] < self._each

    async def acquire(self, key: Hashable) -> None:
        """Acquire a place, to be released with the same key; raises `QueueFull` at once if the queue is full."""
        if self._may_take(key):
            self._free -= 1
            self._held[key] += 1
            return
        if self.waiting >= self._longest or len(self._rows.get(key, ())) >= self._longest_of_one:
            raise QueueFull
        turn = asyncio.get_running_loop().create_future()
        self._rows.setdefault(key, deque()).append(turn)
        self.waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            row = self._rows.get(key, ())
            if turn in row:
                self._leave(key, turn)
            elif not turn.cancelled():  # the place was granted just as the task was cancelled
                self.release(key)
            raise

    def release(self, key: Hashable) -> None:
        """Release a place; it passes to the next in the queue."""
        self._free += 1
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        while self._free and (turn := self._next()):
            turn.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        """The next waiter, who holds the place from now on; None if none of the waiting may have one."""
        while (key := self._next_key()) is not None:
            turn = self._rows[key][0]
            self._leave(key, turn)
            if turn.cancelled():  # cancelled a moment ago and not yet removed
                continue
            if key in self._rows:
                self._rows.move_to_end(key)
            self._free -= 1
            self._held[key] += 1
            return turn
        return None

    def _next_key(self) -> Hashable | None:
        return next((key for key in self._rows if self._held[key] < self._each), None)

    def _leave(self, key: Hashable, turn: asyncio.Future[None]) -> None:
        row = self._rows[key]
        row.remove(turn)
        self.waiting -= 1
        if not row:
            del self._rows[key]

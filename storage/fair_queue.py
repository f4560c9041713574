"""A fair queue: whoever asks for much waits for themselves, and not everybody else for them."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from contextvars import ContextVar

BACKGROUND = "background"

acting_for: ContextVar[Hashable] = ContextVar("acting_for", default=BACKGROUND)
"""For whom the running code works: the key by which it waits for what everybody shares. Set where requests come in
(ui/acting.py); tasks inherit it, so a reply that somebody asked for is saved in their name.
"""


class TooManyWaiting(Exception):
    """More wait here, in all or for this key, than could be served in any sensible time."""


class FairQueue:
    """`places` to be held at once, granted round robin by key and within a key in the order they were asked for.

    One key holds at most `each` of them (all, if it is not given), even while others are free; at most `longest` wait
    in all and `longest_of_one` of a key.
    """

    def __init__(self, places: int, *, longest: int, longest_of_one: int, each: int | None = None) -> None:
        self.places = self._free = places
        self._each = min(each or places, places)
        self._longest, self._longest_of_one = longest, longest_of_one
        self._held: Counter[Hashable] = Counter()
        self._rows: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        """Who waits, by key; the first key's turn comes next."""
        self.waiting = 0

    @property
    def taken(self) -> int:
        return self.places - self._free

    def ahead(self, key: Hashable) -> int:
        """How many would be served before somebody who came now; 0 when there is a place for them."""
        if self._may_take(key):
            return 0
        own = len(self._rows.get(key, ()))
        return 1 + own + sum(min(len(row), own + 1) for other, row in self._rows.items() if other != key)

    @asynccontextmanager
    async def place(self, key: Hashable) -> AsyncGenerator[None]:
        """A place for the block."""
        await self.take(key)
        try:
            yield
        finally:
            self.give_back(key)

    def _may_take(self, key: Hashable) -> bool:
        # While a place is free, all who wait have as many as they may: nobody is overtaken.
        return self._free > 0 and self._held[key] < self._each

    async def take(self, key: Hashable) -> None:
        """Wait for a place, to be given back by the same key; `TooManyWaiting` at once when too many wait already."""
        if self._may_take(key):
            self._free -= 1
            self._held[key] += 1
            return
        if self.waiting >= self._longest or len(self._rows.get(key, ())) >= self._longest_of_one:
            raise TooManyWaiting
        turn = asyncio.get_running_loop().create_future()
        self._rows.setdefault(key, deque()).append(turn)
        self.waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            row = self._rows.get(key, ())
            if turn in row:
                self._leave(key, turn)
            elif not turn.cancelled():  # the place came in the same moment as the stop
                self.give_back(key)
            raise

    def give_back(self, key: Hashable) -> None:
        self._free += 1
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        while self._free and (turn := self._next()):
            turn.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        """The one whose turn it is, who has the place from now on; None when nobody who waits may have one."""
        while (key := self._next_key()) is not None:
            turn = self._rows[key][0]
            self._leave(key, turn)
            if turn.cancelled():  # a moment ago, and not yet gone
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

"""Concurrency limit of searches: one per user, few at once, each with a timeout of a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

LONGEST_SEARCH = 1.0
"""Timeout in seconds; what was found by then is shown."""
AT_ONCE = 2
"""Maximum concurrent searches of all users together, since each keeps a CPU busy."""


class Search:
    """A search of one user. `is_wanted` is true until they begin another, whose result the page then waits for."""

    def __init__(self, turn: asyncio.Lock) -> None:
        self.turn = turn
        self.is_wanted = True
        self.ends_at = 0.0

    @property
    def is_over(self) -> bool:
        return not self.is_wanted or time.monotonic() > self.ends_at


class Searches:
    """Limits concurrent searches; a user's new one cancels the previous."""

    def __init__(self) -> None:
        self._newest: dict[int, Search] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def begin(self, user_id: int) -> AsyncGenerator[Search]:
        """Wait for a free place and for the user's earlier searches, which end soon."""
        former = self._newest.get(user_id)
        search = self._newest[user_id] = Search(former.turn if former else asyncio.Lock())
        if former:
            former.is_wanted = False
        try:
            async with search.turn, self._places:
                search.ends_at = time.monotonic() + LONGEST_SEARCH
                yield search
        finally:
            if self._newest.get(user_id) is search:
                del self._newest[user_id]

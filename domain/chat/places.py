"""The places at the model: so many replies are asked for at once, the others wait in turn.

The provider counts running generations (YandexGPT: ten, facts of April 2025) and refuses more with 429. A refusal
slows everybody down, not only the one who met it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from domain.llm.faults import Overloaded

LONGEST_QUEUE = 1000


class QueueFull(Overloaded):
    """More wait here than could be served in any sensible time; the provider has said nothing."""


class Places:
    """First come, first served; `number` at once."""

    def __init__(self, number: int) -> None:
        self.number = self._free = number
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._not_before = 0.0

    @property
    def taken(self) -> int:
        return self.number - self._free

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def queue(self) -> int:
        """How many would be served before somebody who came now; 0 when there is a free place."""
        return 0 if self._free else len(self._waiting) + 1

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[None]:
        """Wait for a place and keep it for the block; `QueueFull` when the queue is absurdly long."""
        await self._take()
        try:
            await self._wait_until_allowed()
            yield
        finally:
            self._give_back()

    def slow_down(self, seconds: float) -> None:
        """Nobody asks the model for so long: the provider has had enough for now."""
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    async def _wait_until_allowed(self) -> None:
        rest = self._not_before - asyncio.get_running_loop().time()
        if rest > 0:
            await asyncio.sleep(rest)
            await self._wait_until_allowed()  # somebody else may have been refused meanwhile

    async def _take(self) -> None:
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= LONGEST_QUEUE:
            raise QueueFull
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not turn.cancelled():  # the place came in the same moment as the stop
                self._give_back()
            raise

    def _give_back(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.cancelled():  # cancelled a moment ago, and not yet gone
                turn.set_result(None)
                return
        self._free += 1

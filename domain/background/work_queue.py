"""Work queues: items to be worked on in the background, and the worker that takes them, one after another."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from domain.background.attempt import attempt

Item = TypeVar("Item")


class WorkQueue(asyncio.Queue[Item]):
    """A queue without duplicates: an item that is put in again before its turn keeps its place and is taken once."""

    def _init(self, maxsize: int) -> None:  # noqa: ARG002 - asyncio.Queue passes it
        self._queue = OrderedDict[Item, None]()

    def _put(self, item: Item) -> None:
        self._queue[item] = None

    def _get(self) -> Item:
        return self._queue.popitem(last=False)[0]

    async def get_all(self) -> list[Item]:
        """Everything that waits; if nothing does, wait for an item."""
        return [await self.get(), *(self.get_nowait() for _ in range(self.qsize()))]


class Worker(Generic[Item]):
    """A task that takes one item after another and does its work, from `start` to `close`.

    An item whose work fails is logged as `fault` and dropped, so that it does not hold up the others: whoever uses this
    can do without it, or finds it again.
    """

    def __init__(
        self, take: Callable[[], Awaitable[Item]], work: Callable[[Item], Awaitable[None]], *, fault: str
    ) -> None:
        self._take = take
        self._work = work
        self._fault = fault
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name=self._fault)

    async def close(self) -> None:
        """Cancel the work under way and wait until it has cleaned up; what is still queued is left undone."""
        if self._running:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        while True:
            item = await self._take()
            await attempt(self._work(item), f"{self._fault} ({item})")

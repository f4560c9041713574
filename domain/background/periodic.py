"""Periodic tasks: background jobs that repeat on a fixed schedule for as long as the server runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from domain.background.attempt import attempt

NOT_AT_ONCE = 5
"""Seconds after the start until the first run of what need not precede the first pages."""


class PeriodicTask:
    """A periodic task: runs `do` every `every` seconds. A run that fails is logged as `fault` and does not end it; the
    next run then waits `rest` seconds longer (backoff). With a `claim` it runs only if that allows it: a run meant once
    for all is done by one instance (domain/instances/claims.py).
    """

    def __init__(
        self,
        do: Callable[[], Awaitable[None]],
        *,
        every: float,
        fault: str,
        rest: float = 0,
        claim: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._do = do
        self._every = every
        self._fault = fault
        self._rest = rest
        self.claim = claim
        self._going: asyncio.Task[None] | None = None

    def start(self, after: float = 0) -> None:
        """Start the task; the first run is `after` seconds from now."""
        self._going = asyncio.create_task(self._go(after), name=self._fault)

    async def close(self) -> None:
        if self._going:
            self._going.cancel()
            with suppress(asyncio.CancelledError):
                await self._going

    async def _go(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            pause = self._every
            if not await attempt(self._run(), self._fault):
                pause += self._rest

    async def _run(self) -> None:
        if self.claim is None or await self.claim():
            await self._do()

"""The web server: uvicorn, whose signals begin a drain instead of closing every connection at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from socket import socket

import uvicorn

from ui.drain import Drain

HEARD = (signal.SIGINT, signal.SIGTERM)


class DrainingServer(uvicorn.Server):
    """The first signal begins the drain, a second one ends it, a third one waits for nothing."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self._draining: asyncio.Task[None] | None = None
        self.is_interrupted = False
        """By Ctrl+C."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """In place of uvicorn's, which sends itself the signal once more at the end, for an exit code other than 0."""
        loop = asyncio.get_running_loop()
        for each in HEARD:
            loop.add_signal_handler(each, self._hear, each)
        yield
        for each in HEARD:
            loop.remove_signal_handler(each)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        try:
            if self._draining:
                with suppress(asyncio.CancelledError):
                    await self._draining
        finally:
            await super().shutdown(sockets)

    def _hear(self, heard: signal.Signals) -> None:
        self.is_interrupted |= heard is signal.SIGINT
        if not self.started:
            self.should_exit = True
        elif self._draining is None:
            self._draining = asyncio.create_task(self._drain.run(is_urgent=self.is_interrupted), name="drain")
            self._draining.add_done_callback(lambda _drained: self._exit())
        elif not self._draining.done():
            self._draining.cancel()
        else:
            self.force_exit = True

    def _exit(self) -> None:
        self.should_exit = True

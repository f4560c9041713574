"""The web server: uvicorn, whose signals begin a drain instead of closing every connection at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from socket import socket

import uvicorn
from fastapi import FastAPI

from domain.services.groups import Services
from ui.request.head_limit import BoundedHttpProtocol
from ui.serving.drain import Drain
from ui.socket.border import FRAMES_WAITING, LARGEST_FRAME

OPEN_REQUESTS = 2  # seconds that open requests get once the server has drained
HEARD = (signal.SIGINT, signal.SIGTERM)


def server_for(web: FastAPI, services: Services) -> DrainingServer:
    settings = services.settings
    config = uvicorn.Config(
        web,
        http=BoundedHttpProtocol,
        log_config=None,  # through our only handler, which prevents log injection
        log_level="warning",
        access_log=False,  # it would contain the secret links from letters
        timeout_graceful_shutdown=OPEN_REQUESTS,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),  # without any, people could forge their IP address
        forwarded_allow_ips=settings.trusted_proxies or None,
        ws_max_size=LARGEST_FRAME,
        ws_max_queue=FRAMES_WAITING,
        ws_per_message_deflate=False,  # it would cost 50 KB and some CPU a page, only to shrink a few small messages
    )
    drain = Drain(
        services.readiness, services.reply_writer, lead=settings.seconds_to_drain, grace=settings.shutdown_grace
    )
    return DrainingServer(config, drain)


class DrainingServer(uvicorn.Server):
    """The first signal begins the drain, a second one ends it, a third one waits for nothing."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self._draining: asyncio.Task[None] | None = None
        self.is_interrupted = False
        """True after Ctrl+C (SIGINT)."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Replaces uvicorn's, which sends itself the signal once more at the end, for an exit code other than 0."""
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

"""Metrics endpoint: what Prometheus scrapes, on a port of its own, so that no proxy passes it on by mistake."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from domain.environment.product_version import product_version
from domain.settings.settings import Settings
from ui.metrics.meter import PrometheusMeter
from ui.metrics.read_when_scraped import ReadWhenScraped, Source

BEAT = 0.5  # seconds between two measurements of the event loop's lag
LAG = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)
LEVELS = {logging.WARNING: "warning", logging.ERROR: "error", logging.CRITICAL: "critical"}


class MetricsEndpoint:
    """A background job. It listens as soon as it is made (`OSError` if it cannot), so that a port already in use stops
    the start; figures of the running server are added once that has started.
    """

    def __init__(self, settings: Settings) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it lacks its types; no second series for each
        registry = CollectorRegistry()
        self.meter = PrometheusMeter(registry, ["demo"] if settings.is_demo else settings.models)
        self.sources: Sequence[Source] = ()
        self._read_when_scraped = ReadWhenScraped()
        registry.register(self._read_when_scraped)
        ProcessCollector(registry=registry)
        Info("beseda_build", "Which version runs.", registry=registry).info({"version": product_version()})
        self._lag = Histogram(
            "beseda_event_loop_lag_seconds",
            "By how much the event loop came late to what was due.",
            buckets=LAG,
            registry=registry,
        )
        self._records = LogCounter(registry)
        self._server, self._thread = start_http_server(settings.metrics_port, settings.metrics_host, registry)
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        logging.getLogger().addHandler(self._records)
        self._read_when_scraped.connect(self.sources, asyncio.get_running_loop())
        self._beating = asyncio.create_task(self._beat(), name="event loop lag")

    async def close(self) -> None:
        logging.getLogger().removeHandler(self._records)
        self._read_when_scraped.connect((), None)
        if self._beating:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()
        self._thread.join()

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT
            await asyncio.sleep(BEAT)
            self._lag.observe(max(loop.time() - due, 0))


class LogCounter(logging.Handler):
    """Counts warnings and errors: every unforeseen failure ends up in the log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(logging.WARNING)
        self._counts = Counter("beseda_log_records", "Lines of the log, by level.", ["level"], registry=registry)
        for level in LEVELS.values():
            self._counts.labels(level)

    def emit(self, record: logging.LogRecord) -> None:
        if level := LEVELS.get(record.levelno):
            self._counts.labels(level).inc()

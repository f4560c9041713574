"""Prometheus metrics that are read at each scrape, instead of being written at each change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from storage.database import DatabaseUnavailable

log = logging.getLogger(__name__)

WITHIN = 5
"""Timeout in seconds for all figures together; Prometheus itself gives up after ten."""
GAUGES = {
    "places": "Places at the model: LLM_CONCURRENCY.",
    "places_taken": "Places at the model that are taken, over all instances.",
    "places_waiting": "Those who wait for a place at the model, over all instances.",
    "replies_running": "Replies that this instance writes or has in its queue.",
    "pages_open": "Open pages with a connection.",
    "letters_waiting": "Letters that are not sent yet, in the whole database.",
    "letters_failing": "Those of them that the mail server has refused at least once.",
    "letter_oldest_timestamp_seconds": "When the oldest of them was written; absent without one.",
    "data_disk_free_bytes": "Free space where DATA_DIR lies.",
    "data_disk_size_bytes": "All space where DATA_DIR lies.",
    "bus_up": "1 while instances hear each other; absent where there is only one.",
    "clock_skew_seconds": "How far this machine's clock is ahead of the database's.",
    "backup_sound": "1 if the last one that was verified is whole, else 0; absent before the first check.",
    "backup_last_success_timestamp_seconds": "When the newest backup was made; absent without one.",
}
COUNTERS = {
    "socket_reconnects": "Pages that came back after their connection was cut.",
    "bus_gaps": "How often this instance may have missed what others told.",
    "bus_dropped": "Messages to other instances that were given up: too long, or the oldest of too many that waited.",
}
Source = Callable[[], Awaitable[Mapping[str, float]]]
"""Returns figures by the names above, without those that it does not know."""


class ReadWhenScraped(Collector):
    """Called in a thread of the metrics' server; the sources are called in the event loop, where their state lives."""

    def __init__(self) -> None:
        self._sources: Sequence[Source] = ()
        self._loop: asyncio.AbstractEventLoop | None = None

    def connect(self, sources: Sequence[Source], loop: asyncio.AbstractEventLoop | None) -> None:
        self._sources, self._loop = sources, loop

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        if self._loop is None:
            return  # the server is starting or has stopped
        reading = asyncio.run_coroutine_threadsafe(self._read(), self._loop)
        try:
            figures = reading.result(WITHIN)
        except TimeoutError:
            reading.cancel()
            log.warning("Metrics: the figures were not read within %s seconds", WITHIN)
            return
        for name, value in figures.items():
            if name in COUNTERS:
                yield CounterMetricFamily(f"beseda_{name}", COUNTERS[name], value)
            else:
                yield GaugeMetricFamily(f"beseda_{name}", GAUGES[name], value)

    async def _read(self) -> dict[str, float]:
        """Read each source by itself: while the database does not answer, the others' figures are wanted most."""
        figures: dict[str, float] = {}
        for source in self._sources:
            try:
                figures |= await source()
            except (DatabaseUnavailable, OSError) as error:
                log.warning("Metrics: some figures cannot be read: %s", error)
        return figures

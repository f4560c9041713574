"""Server figures: the values that the server's metrics read at each scrape. Numbers only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from domain.admin.server_status import disk_health, mail_health
from domain.backup.records import backup_health
from domain.chat.replies.reply_writer import ReplyWriter
from domain.instances.clock_skew import ClockSkew
from storage.bus import Bus
from storage.database import Database


class ServerFigures:
    """Figures by the names of the metrics (ui/metrics/read_when_scraped.py). Unknown ones are left out."""

    def __init__(
        self, database: Database, bus: Bus, reply_writer: ReplyWriter, clock_skew: ClockSkew, data: Path
    ) -> None:
        self._database = database
        self._wire = bus.wire
        self._reply_writer = reply_writer
        self._clock_skew = clock_skew
        self._data = data

    async def of_process(self) -> Mapping[str, float]:
        """Figures of this process, read without the database, so that they are there while it is down."""
        disk = await asyncio.to_thread(disk_health, self._data)
        figures: dict[str, float] = {
            "places": self._reply_writer.places.number,
            "replies_running": self._reply_writer.running,
            "data_disk_free_bytes": disk.free,
            "data_disk_size_bytes": disk.size,
        }
        if self._wire.reaches_others:
            figures |= {"bus_up": self._wire.is_up, "bus_gaps": self._wire.gaps, "bus_dropped": self._wire.dropped}
            figures["clock_skew_seconds"] = self._clock_skew.seconds
        return figures

    async def of_database(self) -> Mapping[str, float]:
        """Figures from the database, the same for all instances that share it."""
        async with self._database.read() as db:
            places = await self._reply_writer.places.in_use(db)
            letters = await mail_health(db)
            backup = await backup_health(db)
        figures: dict[str, float] = {
            "places_taken": places.taken,
            "places_waiting": places.waiting,
            "letters_waiting": letters.waiting,
            "letters_failing": letters.failing,
        }
        if letters.oldest_at:
            figures["letter_oldest_timestamp_seconds"] = letters.oldest_at.timestamp()
        if backup:
            figures["backup_last_success_timestamp_seconds"] = backup.made_at.timestamp()
            if backup.is_sound is not None:
                figures["backup_sound"] = backup.is_sound
        return figures

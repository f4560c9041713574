"""Server figures (metrics): what the server's metrics read each time they are asked for. Numbers only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from domain.admin.server_status import disk_health, mail_health
from domain.chat.reply_writer import ReplyWriter
from storage.database import Database


class ServerFigures:
    """By the names of the metrics (ui/metrics/read_when_scraped.py). What is not known is left out."""

    def __init__(self, database: Database, reply_writer: ReplyWriter, data: Path) -> None:
        self._database = database
        self._reply_writer = reply_writer
        self._data = data

    async def of_process(self) -> Mapping[str, float]:
        places = self._reply_writer.places
        disk = await asyncio.to_thread(disk_health, self._data)
        return {
            "places": places.number,
            "places_taken": places.taken,
            "places_waiting": places.waiting,
            "replies_running": self._reply_writer.running,
            "data_disk_free_bytes": disk.free,
            "data_disk_size_bytes": disk.size,
        }

    async def of_database(self) -> Mapping[str, float]:
        """What all instances over one database say alike."""
        async with self._database.read() as db:
            letters = await mail_health(db)
        oldest = {"letter_oldest_timestamp_seconds": letters.oldest_at.timestamp()} if letters.oldest_at else {}
        return {"letters_waiting": letters.waiting, "letters_failing": letters.failing, **oldest}

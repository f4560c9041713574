"""Books ahead: when a chat is opened, its lorebooks are compiled before anybody waits for a reply."""

from __future__ import annotations

import asyncio
import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from domain.books.compiled_books import CompiledBooks
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)


LONGEST_REST = 5.0
"""Seconds."""


class BooksAhead:
    """A background job that compiles one book at a time, in a thread, the one expected last first. It rests as long as
    it worked, since chats are opened more often than anybody writes in them.
    """

    def __init__(self, database: Database, compiled: CompiledBooks) -> None:
        self._database = database
        self._compiled = compiled
        self._work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._work = asyncio.create_task(self._go(), name="making lorebooks ready")

    async def close(self) -> None:
        if self._work:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def make_next(self) -> float:
        """Wait for the next book and compile it; returns how many seconds compiling took."""
        book_id, revision = await self._compiled.expected()
        began = time.monotonic()
        try:
            await self._compiled.of(self._database, book_id, revision)
        except (DatabaseUnavailable, SQLAlchemyError) as error:
            log.warning("A lorebook could not be made ready: %s", error)
        return time.monotonic() - began

    async def _go(self) -> None:
        while True:
            [worked] = await asyncio.gather(self.make_next(), return_exceptions=True)
            if isinstance(worked, BaseException):  # one broken book must not hold up the others
                log.error("Making lorebooks ready met an unexpected error", exc_info=worked)
                worked = LONGEST_REST
            await asyncio.sleep(min(worked, LONGEST_REST))

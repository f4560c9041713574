"""Compiling ahead: when a chat is opened, its lorebooks are compiled before anybody waits for a reply."""

from __future__ import annotations

import asyncio
import time

from domain.background.work_queue import Worker
from domain.books.compiled_books import CompiledBooks
from storage.database import Database

LONGEST_REST = 5.0
"""Seconds."""


class BooksAhead:
    """A background job that compiles one book at a time, in a thread: the most recently expected one first, since its
    chat was opened just now.
    """

    def __init__(self, database: Database, compiled: CompiledBooks) -> None:
        self._database = database
        self._compiled = compiled
        self._worker = Worker(compiled.expected, self.compile, fault="A lorebook could not be made ready")

    async def start(self) -> None:
        self._worker.start()

    async def close(self) -> None:
        await self._worker.close()

    async def compile(self, version: tuple[int, int]) -> None:
        """Compile a book by its id and revision, then rest as long as that took, since chats are opened more often than
        anybody writes in them.
        """
        began = time.monotonic()
        await self._compiled.of(self._database, *version)
        await asyncio.sleep(min(time.monotonic() - began, LONGEST_REST))

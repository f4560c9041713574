"""Exporting a lorebook as a file that other programs read: `lorebook_v3`."""

from __future__ import annotations

from domain.accounts.sessions import Caller, authenticate
from domain.books.access import readable_book, record_book_view
from domain.books.book_rows import entry_texts
from domain.cards.card_export import COLUMNS, CardDownload
from domain.cards.faults import UnreadableCard, unwritten
from domain.cards.workers import Workers
from domain.cards.writing import write_book_file
from domain.rate_limits import EXPORTS, RateLimiter
from domain.zip_stream import file_name
from storage.database import Database


class BookExport:
    def __init__(self, database: Database, limits: RateLimiter, workers: Workers) -> None:
        self._database = database
        self._limits = limits
        self._workers = workers

    async def export(self, caller: Caller, book_id: int) -> CardDownload:
        """Export one of the caller's worlds, or the book of a character that the caller may change, as JSON.

        Raises `NotFound`, `RateLimited`, `Busy`.
        """
        await self._limits.take(EXPORTS, caller.user_id)
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            book = await readable_book(db, person, book_id)
            entries = await entry_texts(db, book.id)
            columns = {name: getattr(book, name) for name in COLUMNS}
        await record_book_view(self._database, person, book)
        try:
            async with self._workers.one(caller.user_id) as worker:
                data = await write_book_file(worker, columns, entries)
        except UnreadableCard as error:
            raise unwritten(error) from error
        return CardDownload(f"{file_name(book.name) or 'lorebook'}.json", "application/json", data)

"""Compiled books: a cache in each process of those used most recently, each in one version."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import Any
from weakref import WeakValueDictionary

from sqlmodel import col, select

from domain.books.activation import CompiledBook
from domain.model.book import Book, BookEntry
from storage.database import Database

MOST_ENTRIES = 10_000
"""Maximum entries of all cached books together; two thousand take ten megabytes."""
KEYS_OF_AN_ENTRY = 4
"""Usual number of keys per entry. A book with more keys than this counts as one with more entries."""
MOST_EXPECTED = 100
"""Maximum books waiting to be compiled ahead. Beyond it, the oldest are compiled only when they are needed."""


class CompiledBooks:
    """A cache that all requests share. Entries are identified by `BookEntry.id`, so moving them changes nothing."""

    def __init__(self, most_entries: int = MOST_ENTRIES) -> None:
        self._kept: OrderedDict[tuple[int, int], CompiledBook] = OrderedDict()
        self._most_entries = most_entries
        self._being_made: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()
        self._expected: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._is_expected = asyncio.Event()

    def expect(self, book_id: int, revision: int) -> None:
        """Note that the book will soon be needed (domain/books/books_ahead.py)."""
        key = book_id, revision
        if key not in self._kept:
            self._expected[key] = None
            self._expected.move_to_end(key)
            while len(self._expected) > MOST_EXPECTED:
                self._expected.popitem(last=False)
            self._is_expected.set()

    async def expected(self) -> tuple[int, int]:
        """The id and revision of the book to compile next: the most recently expected one. Waits until there is one."""
        while not self._expected:
            self._is_expected.clear()
            await self._is_expected.wait()
        return self._expected.popitem()[0]

    async def of(self, database: Database, book_id: int, revision: int) -> CompiledBook | None:
        """The compiled book of this revision or a newer one; None if the book is gone. Call it outside transactions."""
        key = book_id, revision
        if key not in self._kept:
            making = self._being_made.setdefault(key, asyncio.Lock())
            async with making:  # a second caller finds it compiled
                if key not in self._kept:
                    book = await _read(database, book_id)
                    if book is None:
                        return None
                    before = next((self._kept[each] for each in self._kept if each[0] == book_id), None)
                    self._keep(key, await asyncio.to_thread(_compiled, *book, before))
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: tuple[int, int], book: CompiledBook) -> None:
        for older in [each for each in self._kept if each[0] == key[0] and each[1] < key[1]]:
            del self._kept[older]
        self._kept[key] = book
        while len(self._kept) > 1 and sum(map(_weight, self._kept.values())) > self._most_entries:
            self._kept.popitem(last=False)


def _weight(book: CompiledBook) -> int:
    return max(len(book.entries), len(book.made_keys) // KEYS_OF_AN_ENTRY)


async def _read(database: Database, book_id: int) -> tuple[dict[str, Any], list[tuple[int, bool, str]]] | None:
    async with database.read() as db:
        book = await db.get(Book, book_id)
        if book is None or book.deleted_at is not None:
            return None
        kept = select(BookEntry.id, BookEntry.is_on, BookEntry.entry).where(
            BookEntry.book_id == book_id, col(BookEntry.deleted_at).is_(None)
        )
        settings = {
            "scan_depth": book.scan_depth,
            "token_budget": book.token_budget,
            "recursive_scanning": book.is_recursive,
        }
        in_order = kept.order_by(col(BookEntry.position), col(BookEntry.id))
        return settings, [(entry_id, is_on, entry) for entry_id, is_on, entry in await db.exec(in_order)]


def _compiled(settings: dict[str, Any], rows: list[tuple[int, bool, str]], before: CompiledBook | None) -> CompiledBook:
    """Slow: it parses JSON, and consults the dictionary for each key that the previous version did not have."""
    entries = [json.loads(entry) | {"enabled": is_on} for _id, is_on, entry in rows]
    return CompiledBook(settings | {"entries": entries}, [entry_id for entry_id, _is_on, _entry in rows], before)

"""Conversion of a lorebook between rows and the V3 format: lossless, whatever program it came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.book_room import Amount
from domain.books.entry_json import stands_always
from domain.model.book import BOOK_NAME_LIMIT, KEYS_LIMIT, TITLE_LIMIT, Book, BookEntry
from domain.text import on_one_line

AT_ONCE = 200
ROWS = ("name", "scan_depth", "token_budget", "recursive_scanning", "entries")
"""Fields of a V3 book that have columns or rows of their own."""


@dataclass(frozen=True)
class EntryRow:
    """The columns of an entry; `entry` is the whole entry as JSON text."""

    is_on: bool
    is_constant: bool
    insertion_order: float
    title: str
    keys: str
    key_count: int
    tokens: int
    entry: str


@dataclass(frozen=True)
class BookRows:
    """A book that is not stored yet. `rest` is JSON text."""

    name: str
    scan_depth: int | None
    token_budget: int | None
    is_recursive: bool | None
    rest: str
    entries: list[EntryRow]

    @property
    def amount(self) -> Amount:
        keys, tokens = (sum(getattr(each, name) for each in self.entries) for name in ("key_count", "tokens"))
        return Amount(len(self.entries), keys, tokens)

    @property
    def size(self) -> int:
        """Stored size in characters."""
        return len(self.rest) + sum(len(each.entry) for each in self.entries)


def rows_of(book: Mapping[str, Any]) -> BookRows:
    """The rows of a V3 book (domain/books/book_forms.py). Slow for a large book: call it in a thread or process."""
    name = book.get("name")
    is_recursive = book.get("recursive_scanning")
    rest = {key: value for key, value in book.items() if key not in ROWS}
    if not isinstance(name, str) or on_one_line(name)[:BOOK_NAME_LIMIT] != name:
        rest |= {"name": name} if "name" in book else {}
    if is_recursive is not None and not isinstance(is_recursive, bool):
        rest["recursive_scanning"] = is_recursive
    return BookRows(
        name=on_one_line(name)[:BOOK_NAME_LIMIT] if isinstance(name, str) else "",
        scan_depth=_whole(book, "scan_depth", rest),
        token_budget=_whole(book, "token_budget", rest),
        is_recursive=is_recursive if isinstance(is_recursive, bool) else None,
        rest=json.dumps(rest, ensure_ascii=False),
        entries=[entry_row(each) for each in book["entries"]],
    )


def entry_row(entry: Mapping[str, Any]) -> EntryRow:
    amount = Amount.of(entry)
    return EntryRow(
        is_on=entry["enabled"],
        is_constant=stands_always(entry),
        insertion_order=entry["insertion_order"],
        title=on_one_line(str(entry.get("name") or entry.get("comment") or ""))[:TITLE_LIMIT],
        keys=", ".join(entry["keys"])[:KEYS_LIMIT],
        key_count=amount.keys,
        tokens=amount.tokens,
        entry=json.dumps(entry, ensure_ascii=False),
    )


def book_of(book: Book, entries: Iterable[BookEntry]) -> dict[str, Any]:
    """The V3 book made of rows, its entries in the order given. Slow for a large book: call it in a thread."""
    rest: dict[str, Any] = json.loads(book.rest)
    told = {
        "name": book.name or None,
        "scan_depth": book.scan_depth,
        "token_budget": book.token_budget,
        "recursive_scanning": book.is_recursive,
    }
    said = {key: value for key, value in told.items() if value is not None}
    return said | rest | {"entries": [said_of(each) for each in entries]}


def said_of(entry: BookEntry) -> dict[str, Any]:
    """The entry in the V3 format."""
    found: dict[str, Any] = json.loads(entry.entry)
    return found | {"enabled": entry.is_on}


def in_prompt_order() -> tuple[Any, ...]:
    """The columns that put entries in prompt order."""
    return col(BookEntry.insertion_order), col(BookEntry.position), col(BookEntry.id)


async def entries_of(db: AsyncSession, book_id: int) -> list[BookEntry]:
    kept = select(BookEntry).where(BookEntry.book_id == book_id, col(BookEntry.deleted_at).is_(None))
    return list(await db.exec(kept.order_by(col(BookEntry.position), col(BookEntry.id))))


async def entry_texts(db: AsyncSession, book_id: int) -> list[tuple[bool, str]]:
    """For each entry of a book, in order: whether it is on, and its JSON text."""
    kept = select(BookEntry.is_on, BookEntry.entry).where(
        BookEntry.book_id == book_id, col(BookEntry.deleted_at).is_(None)
    )
    return list(await db.exec(kept.order_by(col(BookEntry.position), col(BookEntry.id))))


async def add_book(db: AsyncSession, found: BookRows, *, owner_id: int, character_id: int | None) -> Book:
    """Store a new book with all its entries. A character's book replaces a deleted one in the bin, and its size is
    stored as 0, since it counts as part of the card it came with.
    """
    if character_id is not None:
        thrown_away = col(Book.character_id) == character_id, col(Book.deleted_at).is_not(None)
        await db.exec(delete(Book).where(*thrown_away))
    book = Book(
        owner_id=owner_id,
        character_id=character_id,
        name=found.name,
        scan_depth=found.scan_depth,
        token_budget=found.token_budget,
        is_recursive=found.is_recursive,
        rest=found.rest,
        size=found.size if character_id is None else 0,
        entries=len(found.entries),
    )
    db.add(book)
    await db.flush()
    await add_entries(db, book.id, found.entries)
    return book


async def add_entries(db: AsyncSession, book_id: int, entries: Sequence[EntryRow], *, after: int = 0) -> None:
    """Store entries of a book, the first at position `after`. They go in batches, so that nobody waits for long."""
    for start in range(0, len(entries), AT_ONCE):
        some = enumerate(entries[start : start + AT_ONCE], start=after + start)
        rows = [vars(each) | {"book_id": book_id, "position": place} for place, each in some]
        await db.exec(insert(BookEntry), params=rows)


def renamed(found: BookRows, name: str) -> BookRows:
    """The book under another name, for a world whose file gave it none."""
    return replace(found, name=on_one_line(name)[:BOOK_NAME_LIMIT])


def _whole(book: Mapping[str, Any], name: str, rest: dict[str, Any]) -> int | None:
    """A number for a column. A value that no column can hold is kept in `rest` as it was written."""
    value = book.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    if name in book:
        rest[name] = value
    return None

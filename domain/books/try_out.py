"""Trying keys out: what fires on a text that somebody tries, and why."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from domain.accounts.sessions import Caller, authenticate
from domain.books.access import readable_book
from domain.books.activation import CompiledBook, Fired
from domain.books.book_rows import book_of, entries_of
from domain.books.conditions import Circumstances
from domain.books.entry import Place
from domain.llm.port import Role
from domain.llm.token_estimates import tokens_of
from domain.model.book import Book, BookEntry
from domain.rate_limits import KEY_TRIALS, RateLimiter
from domain.text import clean_text
from storage.database import Database

LONGEST_TRIED = 20_000


@dataclass(frozen=True)
class TriedEntry:
    """`because` is the key as its author wrote it; empty: it always stands there."""

    id: int
    title: str
    because: str
    by_entry: bool
    place: Place
    depth: int
    role: Role
    order: float
    tokens: int


@dataclass(frozen=True)
class Tried:
    fired: list[TriedEntry]
    """In the order in which they stand in the prompt."""
    left_out: list[TriedEntry]
    """What fired and did not fit the book's budget."""


class TryOut:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def of_text(self, caller: Caller, book_id: int, text: str) -> Tried:
        """What fires on this text as the last message. Raises `Invalid` for `text`, `NotFound`, `RateLimited`."""
        said = clean_text(text, "text", LONGEST_TRIED)
        await self._limits.take(KEY_TRIALS, caller.user_id)
        async with self._database.read() as db:
            book = await readable_book(db, await authenticate(db, caller), book_id)
            entries = await entries_of(db, book.id)
        return await asyncio.to_thread(_tried, book, entries, said)


def _tried(book: Book, entries: list[BookEntry], said: str) -> Tried:
    compiled = CompiledBook(book_of(book, entries))
    outcome = compiled.activate([said], Circumstances())
    return Tried([_told(each, entries) for each in outcome.fired], [_told(each, entries) for each in outcome.left_out])


def _told(fired: Fired, entries: list[BookEntry]) -> TriedEntry:
    entry = fired.entry
    return TriedEntry(
        id=entries[entry.number].id,
        title=entry.title,
        because=fired.because,
        by_entry=fired.by_entry,
        place=entry.place,
        depth=entry.depth,
        role=entry.role,
        order=entry.order,
        tokens=tokens_of(entry.content),
    )

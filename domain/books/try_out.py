"""Trying keys out: which entries fire on a text, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from domain.accounts.sessions import Caller, authenticate
from domain.books.access import no_such_book, readable_book, record_book_view
from domain.books.activation import CompiledBook
from domain.books.books_of_dialog import share_of
from domain.books.compiled_books import CompiledBooks
from domain.books.conditions import Circumstances, LeftOut
from domain.books.entry import Place
from domain.books.fired import Fired
from domain.books.matching.effort import Effort
from domain.books.matching.keys import Key
from domain.books.matching.words import read_text
from domain.llm.port import Role
from domain.llm.token_estimates import CHARACTERS_A_TOKEN, tokens_of
from domain.rate_limits import KEY_TRIALS, RateLimiter
from domain.text import clean_text
from storage.database import Database

LONGEST_TRIED = 20_000
UNLIMITED = 2**31
"""Characters of a prompt without a limit: even the share of a book without a budget exceeds what any book holds."""
MOST_KEPT = 5_000
"""Maximum entries of books that stay compiled between two texts that somebody tries."""


@dataclass(frozen=True)
class TriedEntry:
    """`because` is the key as its author wrote it; empty if the entry is always there. `words` are those of the text
    that the key matched; empty if it fired on another entry.
    """

    id: int
    title: str
    because: str
    words: str
    by_entry: bool
    place: Place
    depth: int
    role: Role
    order: float
    tokens: int
    why: LeftOut | None
    """Reason that it is left out, if it is."""


@dataclass(frozen=True)
class Tried:
    fired: list[TriedEntry]
    """In the order of the prompt."""
    left_out: list[TriedEntry]
    """Entries left out of the prompt although a key is in the text or they are always there."""


class TryOut:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits
        self._compiled = CompiledBooks(MOST_KEPT)

    async def of_text(self, caller: Caller, book_id: int, text: str, prompt_tokens: int | None = None) -> Tried:
        """Activate the book on this text as the last message, in a prompt of this many tokens (None: unlimited). Raises
        `Invalid` for `text`, `NotFound`, `RateLimited`.
        """
        said = clean_text(text, "text", LONGEST_TRIED)
        await self._limits.take(KEY_TRIALS, caller.user_id)
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            book = await readable_book(db, person, book_id)
        await record_book_view(self._database, person, book)
        compiled = await self._compiled.of(self._database, book.id, book.revision)
        if compiled is None:  # it has been deleted meanwhile
            raise no_such_book()
        return await asyncio.to_thread(_tried, compiled, said, prompt_tokens)


def _tried(compiled: CompiledBook, said: str, prompt_tokens: int | None) -> Tried:
    prompt = UNLIMITED if prompt_tokens is None else prompt_tokens * CHARACTERS_A_TOKEN
    now = Circumstances(budget=share_of(prompt, compiled.budget_tokens))
    outcome = compiled.activate([said], now)
    read, effort = read_text(said), Effort()
    effort.allow(len(said))
    words_in = cache(lambda key: key.words_in(read, effort))
    fired, left_out = ([_told(each, words_in) for each in some] for some in (outcome.fired, outcome.left_out))
    return Tried(fired, left_out)


def _told(fired: Fired, words_in: Callable[[Key], str]) -> TriedEntry:
    entry = fired.entry
    key = None if fired.by_entry else next((key for key in entry.keys if key.written == fired.because), None)
    return TriedEntry(
        id=entry.number,
        title=entry.title,
        because=fired.because,
        words=words_in(key) if key else "",
        by_entry=fired.by_entry,
        place=entry.place,
        depth=entry.depth,
        role=entry.role,
        order=entry.order,
        tokens=tokens_of(entry.content),
        why=fired.why,
    )

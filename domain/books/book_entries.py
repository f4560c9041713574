"""Entries of a book, the use cases: list, search, edit, reorder, switch, delete and restore.

Changes to one book are serialised. Two windows may edit different entries at once. If both edit the same entry, the
second to save is refused, since its form does not show what the first one wrote.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import bin_since
from domain.books.access import book_to_change, readable_book, record_book_view, record_change
from domain.books.book_room import Amount
from domain.books.book_rows import EntryRow, entry_row, in_prompt_order, said_of
from domain.books.entry_check import checked
from domain.books.entry_flaws import Flaw, flaw_of
from domain.books.entry_form import EntryForm, form_of, new_entry, written_over
from domain.books.entry_lines import EntryLines, StoredLine, found_among, page_of
from domain.books.entry_rows import (
    Change,
    amount_in,
    check_room,
    erase_oldest_deleted,
    fit_in,
    insert,
    insert_copies,
    living,
    living_ids,
    order_of,
    put_in_order,
    version_of,
)
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.language import N_
from domain.model.book import BookEntry
from domain.rate_limits import BOOK_CHANGES, RateLimiter
from storage.columns import clamp_id
from storage.database import Database

USUAL_PAGE, LARGEST_PAGE = 200, 1_000


class Outdated(Invalid):
    """The entry was changed since it was read, and saving it would silently undo that."""

    def __init__(self) -> None:
        super().__init__(N_("This entry has been changed in another window. Open it again to see what it says now."))


@dataclass(frozen=True)
class EntryView:
    """An entry with everything that can be edited. `version` is passed back when the entry is saved."""

    id: int
    book_id: int
    form: EntryForm
    tokens: int
    version: str
    flaw: Flaw | None = None
    """Reason that the entry, or one of its keys, never fires."""


class BookEntries:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def lines(
        self, caller: Caller, book_id: int, search: str = "", *, offset: int = 0, limit: int = USUAL_PAGE
    ) -> EntryLines:
        """A page of the table, in prompt order. `search` is words, all of which an entry must contain."""
        offset, limit = max(offset, 0), max(min(limit, LARGEST_PAGE), 0)
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            book = await readable_book(db, person, book_id)
            columns: tuple[Any, ...] = tuple(getattr(BookEntry, name) for name in StoredLine.__dataclass_fields__)
            kept = BookEntry.book_id == book.id, col(BookEntry.deleted_at).is_(None)
            question = select(*columns).where(*kept).order_by(*in_prompt_order())
            if not search.strip():
                question = question.offset(offset).limit(limit)
            rows = [StoredLine(*row) for row in await db.exec(question)]
        await record_book_view(self._database, person, book)
        if search.strip():
            lines, found = await asyncio.to_thread(found_among, rows, search, offset, limit)
        else:
            lines, found = await asyncio.to_thread(page_of, rows, offset), book.entries
        return EntryLines(lines, found, book.entries, book.revision)

    async def entry(self, caller: Caller, entry_id: int) -> EntryView:
        """Raises `NotFound`."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            entry = await db.get(BookEntry, clamp_id(entry_id))
            if entry is None or entry.deleted_at is not None:
                raise _no_such_entry()
            book = await readable_book(db, person, entry.book_id)
        await record_book_view(self._database, person, book)
        return _view(entry)

    async def add(
        self, caller: Caller, book_id: int, form: EntryForm | None = None, *, before: int | None = None
    ) -> EntryView:
        """Add an entry, before another one or at the end. Raises `InvalidForm`, and `Invalid` if the book is full."""
        row = entry_row(new_entry(checked(form or EntryForm())))
        async with self._changing(caller, book_id) as change:
            order = await order_of(change)
            await check_room(change, _amount(row))
            place = order.index(before) if before in order else len(order)
            (entry,) = await insert(change, [row], order, place)
            if before in order:
                await fit_in(change, [entry.id], order[:place][-1:], order[place:][:1])
            return _view(entry)

    async def save(self, caller: Caller, entry_id: int, form: EntryForm, version: str) -> EntryView:
        """Save an entry. `version` is the one it had when the form was filled in. Raises `InvalidForm`, `Outdated`,
        `NotFound`.
        """
        async with self._database.read() as db:
            await authenticate(db, caller)
            book_id = (await db.exec(select(BookEntry.book_id).where(BookEntry.id == clamp_id(entry_id)))).first()
        return await self.change(caller, book_id or 0, entry_id, vars(form), version)

    async def change(
        self, caller: Caller, book_id: int, entry_id: int, given: Mapping[str, Any], version: str | None = None
    ) -> EntryView:
        """Change some fields of an entry, by their names in `EntryForm`. Without a version, concurrent changes are not
        detected.
        """
        async with self._changing(caller, book_id) as change:
            entry = next(iter(await living(change, [entry_id])), None)
            if entry is None:
                raise _no_such_entry()
            if version not in (None, version_of(entry)):
                raise Outdated
            found = said_of(entry)
            before = form_of(found)
            form = checked(replace(before, **given), before)
            row = entry_row(written_over(found, form))
            await check_room(change, _amount(row) - _amount(entry))
            entry.sqlmodel_update(vars(row))
            return _view(entry)

    async def duplicate(self, caller: Caller, book_id: int, ids: Sequence[int]) -> list[int]:
        """Copy entries to just after the last of the originals; returns the ids of the copies."""
        async with self._changing(caller, book_id) as change:
            originals = await living_ids(change, ids)
            return await insert_copies(change, originals, await order_of(change)) if originals else []

    async def delete(self, caller: Caller, book_id: int, ids: Sequence[int]) -> list[int]:
        """Move entries to the bin, from where `restore` brings them back; returns the ids of those that were moved."""
        async with self._changing(caller, book_id) as change:
            gone = await living_ids(change, ids)
            deleted = update(BookEntry).where(*change.among(gone))
            await change.db.exec(deleted.values(deleted_at=now()))
            await erase_oldest_deleted(change)
            return gone

    async def restore(self, caller: Caller, book_id: int, ids: Sequence[int]) -> list[int]:
        """Bring back entries deleted within a month, to about where they were; returns their ids."""
        async with self._changing(caller, book_id) as change:
            in_bin = select(BookEntry.id).where(*change.among(ids), col(BookEntry.deleted_at) > bin_since())
            back = list(await change.db.exec(in_bin))
            await check_room(change, await amount_in(change, *change.among(back)))
            restored = update(BookEntry).where(*change.among(back))
            await change.db.exec(restored.values(deleted_at=None))
            return back

    async def move(self, caller: Caller, book_id: int, ids: Sequence[int], before: int | None) -> list[int]:
        """Put entries, in the order given, before another one (None: at the end). If an insertion order contradicts the
        new place, it becomes that of a neighbour; returns the ids of the entries with a new insertion order.
        """
        async with self._changing(caller, book_id) as change:
            order = await order_of(change)
            there = set(order)
            moved = {each: None for each in ids if each in there}  # without duplicates, in the given order
            stay = [each for each in order if each not in moved]
            place = stay.index(before) if before in stay else len(stay)
            await put_in_order(change, [*stay[:place], *moved, *stay[place:]])
            return await fit_in(change, [*moved], stay[:place][-1:], stay[place:][:1])

    async def switch(self, caller: Caller, book_id: int, ids: Sequence[int], *, on: bool) -> None:
        async with self._changing(caller, book_id) as change:
            these = update(BookEntry).where(*change.among(ids))
            await change.db.exec(these.values(is_on=on))

    @asynccontextmanager
    async def _changing(self, caller: Caller, book_id: int) -> AsyncGenerator[Change]:
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            change = Change(db, await book_to_change(db, person, book_id))
            yield change
            await record_change(db, person, change.book)
            await change.count()


def _view(entry: BookEntry) -> EntryView:
    found = said_of(entry)
    return EntryView(entry.id, entry.book_id, form_of(found), entry.tokens, version_of(entry), flaw_of(found))


def _amount(entry: EntryRow | BookEntry) -> Amount:
    return Amount(1, entry.key_count, entry.tokens)


def _no_such_entry() -> NotFound:
    return NotFound("There is no such entry.")

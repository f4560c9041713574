"""Entries of a book, the use cases: listed, edited, put in order, switched off, thrown away and brought back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import case, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import bin_since
from domain.books.access import book_to_change, note_change, readable_book
from domain.books.book_forms import MOST_ENTRIES
from domain.books.book_rows import EntryRow, entry_row
from domain.books.entry_check import checked
from domain.books.entry_form import EntryForm, form_of, new_entry, written_over
from domain.books.entry_lines import EntryLines, StoredLine, lines_of
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.language import N_
from domain.model.book import Book, BookEntry
from domain.rate_limits import BOOK_CHANGES, RateLimiter
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database

USUAL_PAGE, LARGEST_PAGE = 200, 1_000


class Outdated(Invalid):
    """Somebody changed it since it was read: what is being saved would undo that unseen."""

    def __init__(self) -> None:
        super().__init__(
            N_("This entry was changed in another window meanwhile. Open it anew to see how it reads now.")
        )


@dataclass(frozen=True)
class EntryView:
    """An entry with all that can be edited of it. `version` goes back with what is saved."""

    id: int
    book_id: int
    form: EntryForm
    tokens: int
    version: str


@dataclass(frozen=True)
class Change:
    """A change of a book while its transaction is open."""

    db: AsyncSession
    book: Book

    def entries(self, ids: Sequence[int]) -> tuple[bool, ...]:
        """The condition for those of these that are in the book."""
        return col(BookEntry.book_id) == self.book.id, col(BookEntry.id).in_(list(map(clamp_id, ids)))  # type: ignore[return-value]


class BookEntries:
    def __init__(self, database: Database, bus: Bus, limits: RateLimiter) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits

    async def lines(
        self, caller: Caller, book_id: int, search: str = "", *, offset: int = 0, limit: int = USUAL_PAGE
    ) -> EntryLines:
        """A page of the table, in the order of the book; `search` is words that a line holds, all of them."""
        async with self._database.read() as db:
            book = await readable_book(db, await authenticate(db, caller), book_id)
            columns = select(
                BookEntry.id, BookEntry.is_on, BookEntry.title, BookEntry.keys, BookEntry.tokens, BookEntry.entry
            ).where(BookEntry.book_id == book.id, col(BookEntry.deleted_at).is_(None))  # type: ignore[call-overload]
            in_order = columns.order_by(col(BookEntry.position), col(BookEntry.id))
            rows = [StoredLine(*row) for row in await db.exec(in_order)]
        lines, found = await asyncio.to_thread(lines_of, rows, search, max(offset, 0), min(limit, LARGEST_PAGE))
        return EntryLines(lines, found, len(rows), book.revision)

    async def entry(self, caller: Caller, entry_id: int) -> EntryView:
        """Raises `NotFound`."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            entry = await db.get(BookEntry, clamp_id(entry_id))
            if entry is None or entry.deleted_at is not None:
                raise _no_such_entry()
            await readable_book(db, person, entry.book_id)
            return _view(entry)

    async def add(
        self, caller: Caller, book_id: int, form: EntryForm | None = None, *, before: int | None = None
    ) -> EntryView:
        """A new entry, at the end or before another. Raises `InvalidForm`."""
        form = checked(form or EntryForm())
        row = entry_row(new_entry(form))
        async with self._changing(caller, book_id) as change:
            (entry,) = await self._insert(change, [row], before)
            return _view(entry)

    async def save(self, caller: Caller, entry_id: int, form: EntryForm, version: str) -> EntryView:
        """Change an entry; `version` is the one it had when the form was filled. Raises `InvalidForm`, `Outdated`."""
        async with self._database.read() as db:
            book_id = await _book_of(db, entry_id)
        async with self._changing(caller, book_id) as change:
            entry = await _held(change, entry_id)
            if _version(entry.entry) != version:
                raise Outdated
            found = json.loads(entry.entry)
            row = entry_row(written_over(found, checked(form, form_of(found))))
            entry.sqlmodel_update(vars(row))
            return _view(entry)

    async def duplicate(self, caller: Caller, book_id: int, ids: Sequence[int]) -> list[int]:
        """Copies, each behind its original; returns their ids."""
        copies = []
        async with self._changing(caller, book_id) as change:
            for original in await _living(change, ids):
                row = EntryRow(**{name: getattr(original, name) for name in EntryRow.__dataclass_fields__})
                copies += await self._insert(change, [row], after=original)
            return [copy.id for copy in copies]

    async def delete(self, caller: Caller, book_id: int, ids: Sequence[int]) -> int:
        """Into the bin, from where `restore` brings them back; returns how many."""
        async with self._changing(caller, book_id) as change:
            living = await _living(change, ids)
            for entry in living:
                entry.deleted_at = now()
            return len(living)

    async def restore(self, caller: Caller, book_id: int, ids: Sequence[int]) -> int:
        """Bring back what was deleted within a month; returns how many."""
        async with self._changing(caller, book_id) as change:
            in_bin = change.entries(ids), col(BookEntry.deleted_at) > bin_since()
            returned = list(await change.db.exec(select(BookEntry).where(*in_bin[0], in_bin[1])))
            await _check_room(change, len(returned))
            for entry in returned:
                entry.deleted_at = None
            return len(returned)

    async def move(self, caller: Caller, book_id: int, ids: Sequence[int], before: int | None) -> None:
        """Put these, in the order given, before another entry; None: to the end."""
        async with self._changing(caller, book_id) as change:
            moved = {entry.id for entry in await _living(change, ids)}
            order = [each for each in await _order(change) if each not in moved]
            place = order.index(before) if before in order else len(order)
            await _put_in_order(change, [*order[:place], *(each for each in ids if each in moved), *order[place:]])

    async def switch(self, caller: Caller, book_id: int, ids: Sequence[int], *, on: bool) -> int:
        """Switch entries on or off; returns how many changed."""
        async with self._changing(caller, book_id) as change:
            switched = [entry for entry in await _living(change, ids) if entry.is_on is not on]
            for entry in switched:
                entry.sqlmodel_update(vars(entry_row(json.loads(entry.entry) | {"enabled": on})))
            return len(switched)

    @asynccontextmanager
    async def _changing(self, caller: Caller, book_id: int) -> AsyncGenerator[Change]:
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            book = await book_to_change(db, person, book_id)
            yield Change(db, book)
            await db.flush()
            await note_change(db, person, book)
            alive = BookEntry.book_id == book.id, col(BookEntry.deleted_at).is_(None)
            book.entries = (await db.exec(select(func.count()).select_from(BookEntry).where(*alive))).one()

    async def _insert(
        self,
        change: Change,
        rows: Sequence[EntryRow],
        before: int | None = None,
        after: BookEntry | None = None,
    ) -> list[BookEntry]:
        await _check_room(change, len(rows))
        order = await _order(change)
        added = [BookEntry(book_id=change.book.id, position=len(order), **vars(row)) for row in rows]
        change.db.add_all(added)
        await change.db.flush()
        place = order.index(before) if before in order else len(order)
        if after is not None:
            place = order.index(after.id) + 1
        await _put_in_order(change, [*order[:place], *(entry.id for entry in added), *order[place:]])
        return added


async def _book_of(db: AsyncSession, entry_id: int) -> int:
    entry = await db.get(BookEntry, clamp_id(entry_id))
    if entry is None:
        raise _no_such_entry()
    return entry.book_id


async def _held(change: Change, entry_id: int) -> BookEntry:
    entry = await change.db.get(BookEntry, clamp_id(entry_id), with_for_update=LOCK_FOR_UPDATE)
    if entry is None or entry.book_id != change.book.id or entry.deleted_at is not None:
        raise _no_such_entry()
    return entry


async def _living(change: Change, ids: Sequence[int]) -> list[BookEntry]:
    alive = select(BookEntry).where(*change.entries(ids), col(BookEntry.deleted_at).is_(None))
    return list(await change.db.exec(alive.order_by(col(BookEntry.position), col(BookEntry.id))))


async def _order(change: Change) -> list[int]:
    alive = BookEntry.book_id == change.book.id, col(BookEntry.deleted_at).is_(None)
    in_order = select(BookEntry.id).where(*alive).order_by(col(BookEntry.position), col(BookEntry.id))
    return list(await change.db.exec(in_order))


async def _put_in_order(change: Change, order: Sequence[int]) -> None:
    places = {entry_id: place for place, entry_id in enumerate(order)}
    if places:
        of_book = update(BookEntry).where(col(BookEntry.id).in_(order))
        await change.db.exec(of_book.values(position=case(places, value=col(BookEntry.id))))


async def _check_room(change: Change, more: int) -> None:
    if change.book.entries + more > MOST_ENTRIES:
        raise Invalid("At most {limit} entries.", limit=MOST_ENTRIES)


def _view(entry: BookEntry) -> EntryView:
    return EntryView(entry.id, entry.book_id, form_of(json.loads(entry.entry)), entry.tokens, _version(entry.entry))


def _version(entry: str) -> str:
    return sha256(entry.encode("utf-8", "replace")).hexdigest()[:16]


def _no_such_entry() -> NotFound:
    return NotFound(N_("There is no such entry."))

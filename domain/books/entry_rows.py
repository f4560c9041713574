"""Entries of a book as rows, while the row of the book is locked: their order, limits and content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, column, delete, literal, update
from sqlalchemy import insert as insert_rows
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books import book_room
from domain.books.book_room import MOST_ENTRIES, Amount
from domain.books.book_rows import EntryRow, entry_row, in_prompt_order, said_of
from domain.books.entry_json import write
from domain.model.book import Book, BookEntry
from storage.columns import clamp_id, in_ids
from storage.upsert import dialect_of
from storage.url import SQLITE

OF_AN_ENTRY = tuple(EntryRow.__dataclass_fields__)
BEYOND = 1_000_000
"""Added to the positions of copies, so that they come after all others until they get their own."""
MOST_DELETED = MOST_ENTRIES
"""Maximum entries of one book in the bin. Beyond it, the oldest are erased."""


@dataclass(frozen=True)
class Change:
    """A change to a book, in its open transaction."""

    db: AsyncSession
    book: Book

    def among(self, ids: Sequence[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """Condition: an entry of this book with one of these ids."""
        some = [*map(clamp_id, ids)][:MOST_ENTRIES]
        return col(BookEntry.book_id) == self.book.id, in_ids(col(BookEntry.id), some, dialect_of(self.db))

    def alive(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return col(BookEntry.book_id) == self.book.id, col(BookEntry.deleted_at).is_(None)

    async def count(self) -> None:
        """Update the number of entries in the book's row."""
        await self.db.flush()
        self.book.entries = (await self.db.exec(select(func.count()).select_from(BookEntry).where(*self.alive()))).one()


async def living(change: Change, ids: Sequence[int]) -> list[BookEntry]:
    """Those of these entries that are in the book and not deleted, in prompt order."""
    these = select(BookEntry).where(*change.among(ids), col(BookEntry.deleted_at).is_(None))
    return list(await change.db.exec(these.order_by(*in_prompt_order())))


async def living_ids(change: Change, ids: Sequence[int]) -> list[int]:
    """As `living`, but only the ids."""
    these = select(BookEntry.id).where(*change.among(ids), col(BookEntry.deleted_at).is_(None))
    return list(await change.db.exec(these.order_by(*in_prompt_order())))


async def order_of(change: Change) -> list[int]:
    """The ids of the book's entries, in prompt order."""
    in_order = select(BookEntry.id).where(*change.alive()).order_by(*in_prompt_order())
    return list(await change.db.exec(in_order))


async def amount_in(change: Change, *where: ColumnElement[bool]) -> Amount:
    """The amount of the entries that meet these conditions."""
    keys, tokens = (func.coalesce(func.sum(each), 0) for each in (BookEntry.key_count, BookEntry.tokens))
    sums = select(func.count(), keys, tokens).select_from(BookEntry).where(*where)
    return Amount(*map(int, (await change.db.exec(sums)).one()))


async def check_room(change: Change, more: Amount) -> None:
    """Raise `Invalid` if the book has no room for this much more (domain/books/book_room.py)."""
    book_room.check_room(await amount_in(change, *change.alive()), more)


async def insert(change: Change, rows: Sequence[EntryRow], order: list[int], place: int) -> list[BookEntry]:
    """Insert new entries at this place of the order."""
    added = [BookEntry(book_id=change.book.id, position=place, **vars(row)) for row in rows]
    change.db.add_all(added)
    await change.db.flush()
    await put_in_order(change, [*order[:place], *(entry.id for entry in added), *order[place:]])
    return added


async def insert_copies(change: Change, originals: Sequence[int], order: list[int]) -> list[int]:
    """Copy entries, in their order, to just after the last of them; returns the ids of the copies."""
    await check_room(change, await amount_in(change, *change.among(originals)))
    columns: list[Any] = [getattr(BookEntry, name) for name in OF_AN_ENTRY]
    beyond = select(BookEntry.book_id, col(BookEntry.position) + BEYOND, *columns).where(*change.among(originals))
    await change.db.exec(insert_rows(BookEntry).from_select(["book_id", "position", *OF_AN_ENTRY], beyond))
    new = select(BookEntry.id).where(*change.alive(), col(BookEntry.position) >= BEYOND)
    copies = list(await change.db.exec(new.order_by(*in_prompt_order())))
    place = order.index(originals[-1]) + 1
    await put_in_order(change, [*order[:place], *copies, *order[place:]])
    return copies


async def put_in_order(change: Change, order: Sequence[int]) -> None:
    """Store the positions that have changed, with one statement."""
    found = await change.db.exec(select(BookEntry.id, BookEntry.position).where(*change.alive()))
    places = dict(found.all())
    moved = [(each, place) for place, each in enumerate(order) if places.get(each) != place]
    if not moved:
        return
    at: Any
    if dialect_of(change.db) == SQLITE:
        pairs = func.json_each(json.dumps(moved)).table_valued("value")
        at = func.json_extract(pairs.c.value, "$[0]"), func.json_extract(pairs.c.value, "$[1]")
    else:
        ids, where = (literal([*each], ARRAY(Integer)) for each in zip(*moved, strict=True))
        unnested = (
            func.unnest(ids, where).table_valued(column("id", Integer), column("place", Integer)).render_derived()
        )
        at = unnested.c.id, unnested.c.place
    placed = update(BookEntry).where(col(BookEntry.id) == at[0]).values(position=at[1])
    await change.db.exec(placed, execution_options={"synchronize_session": False})


async def fit_in(change: Change, moved: Sequence[int], above: Sequence[int], below: Sequence[int]) -> list[int]:
    """Give entries that were put between two others that place in the prompt, too. An insertion order that contradicts
    it becomes that of a neighbour; all others stay. Returns the ids of the entries that were changed.
    """
    near = select(BookEntry.id, BookEntry.insertion_order).where(*change.among([*above, *moved, *below]))
    orders = dict((await change.db.exec(near)).all())
    least = max((orders[each] for each in above), default=-inf)
    most = min((orders[each] for each in below), default=inf)
    fitting = {}
    for each in moved:
        least = fitting[each] = min(max(orders[each], least), most)
    changed = [each for each in moved if fitting[each] != orders[each]]
    for entry in await living(change, changed) if changed else []:
        order = fitting[entry.id]
        found = said_of(entry)
        write(found, "order", int(order) if order == int(order) else order)
        entry.sqlmodel_update(vars(entry_row(found)))
    return changed


async def erase_oldest_deleted(change: Change) -> None:
    of_book = col(BookEntry.book_id) == change.book.id, col(BookEntry.deleted_at).is_not(None)
    newest_first = (
        select(BookEntry.id).where(*of_book).order_by(col(BookEntry.deleted_at).desc(), col(BookEntry.id).desc())
    )
    too_many = list(await change.db.exec(newest_first.offset(MOST_DELETED)))
    if too_many:
        await change.db.exec(delete(BookEntry).where(col(BookEntry.id).in_(too_many)))


def version_of(entry: BookEntry) -> str:
    """A hash that tells one state of an entry from another."""
    return sha256(f"{entry.is_on} {entry.entry}".encode("utf-8", "replace")).hexdigest()[:16]

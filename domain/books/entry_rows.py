"""Entries of a book as rows, while its row is locked: their order, how many there may be, and what one says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, bindparam, delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.book_forms import MOST_ENTRIES
from domain.books.book_rows import EntryRow
from domain.errors import Invalid
from domain.model.book import Book, BookEntry
from storage.columns import clamp_id, in_ids
from storage.upsert import dialect_of

MOST_DELETED = MOST_ENTRIES
"""Entries of one book in the bin; the oldest of more are erased."""


@dataclass(frozen=True)
class Change:
    """A change of a book while its transaction is open."""

    db: AsyncSession
    book: Book

    def among(self, ids: Sequence[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """The condition for those of these that are entries of the book."""
        some = [*map(clamp_id, ids)][:MOST_ENTRIES]
        return col(BookEntry.book_id) == self.book.id, in_ids(col(BookEntry.id), some, dialect_of(self.db))

    def alive(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return col(BookEntry.book_id) == self.book.id, col(BookEntry.deleted_at).is_(None)

    async def count(self) -> None:
        """Note how many entries there are now."""
        await self.db.flush()
        self.book.entries = (await self.db.exec(select(func.count()).select_from(BookEntry).where(*self.alive()))).one()


async def living(change: Change, ids: Sequence[int]) -> list[BookEntry]:
    """Those of these that are in the book, in its order."""
    these = select(BookEntry).where(*change.among(ids), col(BookEntry.deleted_at).is_(None))
    return list(await change.db.exec(these.order_by(col(BookEntry.position), col(BookEntry.id))))


async def order_of(change: Change) -> list[int]:
    """The ids of its entries, in order."""
    in_order = select(BookEntry.id).where(*change.alive()).order_by(col(BookEntry.position), col(BookEntry.id))
    return list(await change.db.exec(in_order))


async def insert(change: Change, rows: Sequence[EntryRow], order: list[int], place: int) -> list[BookEntry]:
    """New entries, from this place in the order on."""
    check_room(change.book, len(rows))
    added = [BookEntry(book_id=change.book.id, position=place, **vars(row)) for row in rows]
    change.db.add_all(added)
    await change.db.flush()
    await put_in_order(change, [*order[:place], *(entry.id for entry in added), *order[place:]])
    return added


async def put_in_order(change: Change, order: Sequence[int]) -> None:
    """Write the places of those that have another one now."""
    found = await change.db.exec(select(BookEntry.id, BookEntry.position).where(*change.alive()))
    places = dict(found.all())
    moved = [{"at": each, "place": place} for place, each in enumerate(order) if places.get(each) != place]
    if moved:
        one = update(BookEntry).where(col(BookEntry.id) == bindparam("at")).values(position=bindparam("place"))
        await (await change.db.connection()).execute(one, moved)


def check_room(book: Book, more: int) -> None:
    if book.entries + more > MOST_ENTRIES:
        raise Invalid("At most {limit} entries.", limit=MOST_ENTRIES)


async def erase_oldest_deleted(change: Change) -> None:
    of_book = col(BookEntry.book_id) == change.book.id, col(BookEntry.deleted_at).is_not(None)
    newest_first = (
        select(BookEntry.id).where(*of_book).order_by(col(BookEntry.deleted_at).desc(), col(BookEntry.id).desc())
    )
    too_many = list(await change.db.exec(newest_first.offset(MOST_DELETED)))
    if too_many:
        await change.db.exec(delete(BookEntry).where(col(BookEntry.id).in_(too_many)))


def version_of(entry: BookEntry) -> str:
    """Tells one state of an entry from another."""
    return sha256(f"{entry.is_on} {entry.entry}".encode("utf-8", "replace")).hexdigest()[:16]

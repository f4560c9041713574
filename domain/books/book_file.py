"""A book as a `lorebook_v3` file, for the export of a person's data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.book_rows import book_of, entries_of
from domain.model.book import Book, BookEntry
from domain.model.character import Character
from domain.model.user import User


async def ids_of_books(db: AsyncSession, person: User) -> Sequence[int]:
    """The ids of the person's worlds and of the books of their characters, without what is deleted."""
    kept = select(Book.id).outerjoin(Character, col(Character.id) == col(Book.character_id))
    is_there = or_(col(Book.character_id).is_(None), col(Character.deleted_at).is_(None))
    own = Book.owner_id == person.id, col(Book.deleted_at).is_(None), is_there
    return list(await db.exec(kept.where(*own).order_by(col(Book.id))))


async def book_of_person(db: AsyncSession, person: User, book_id: int) -> tuple[Book, list[BookEntry]] | None:
    book = await db.get(Book, book_id)
    if book is None or book.owner_id != person.id or book.deleted_at is not None:
        return None
    return book, await entries_of(db, book.id)


def as_lorebook(book: Book, entries: Sequence[BookEntry]) -> Iterator[str]:
    """The file, serialised when it is iterated: slow for a large book."""
    yield json.dumps({"spec": "lorebook_v3", "data": book_of(book, entries)}, ensure_ascii=False, indent=1)

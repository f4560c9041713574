"""Copies: a copied character takes its book and worlds along, and a copied dialog its worlds. The rows are copied
inside the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Insert, insert, literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.entry_rows import OF_AN_ENTRY
from domain.clock import now
from domain.model.book import Book, BookEntry, CharacterWorld, DialogWorld
from domain.model.character import Character

SETTINGS = ("name", "scan_depth", "token_budget", "is_recursive", "shows_titles", "rest", "size", "entries")


async def copy_knowledge(db: AsyncSession, original: Character, copied: Character) -> None:
    """Give the copy a copy of the original's own book, and attach the same worlds."""
    await db.flush()
    attached = select(literal(copied.id), CharacterWorld.book_id).where(CharacterWorld.character_id == original.id)
    await db.exec(_rows(CharacterWorld, ("character_id", "book_id"), attached))
    own = Book.character_id == original.id, col(Book.deleted_at).is_(None)
    book = (await db.exec(select(Book).where(*own))).first()
    if book is None:
        return
    settings = {name: getattr(book, name) for name in SETTINGS}
    copy = Book(owner_id=copied.owner_id, character_id=copied.id, made_at=now(), **settings)
    db.add(copy)
    await db.flush()
    await _copy_entries(db, book, copy)


async def _copy_entries(db: AsyncSession, source: Book, into: Book) -> None:
    columns: list[Any] = [getattr(BookEntry, name) for name in OF_AN_ENTRY]
    copied = select(literal(into.id), col(BookEntry.position), *columns)
    of_source = col(BookEntry.book_id) == source.id, col(BookEntry.deleted_at).is_(None)
    in_order = copied.where(*of_source).order_by(col(BookEntry.position), col(BookEntry.id))
    await db.exec(_rows(BookEntry, ("book_id", "position", *OF_AN_ENTRY), in_order))


async def copy_worlds_of_dialog(db: AsyncSession, original_id: int, copy_id: int) -> None:
    attached = select(literal(copy_id), DialogWorld.book_id).where(DialogWorld.dialog_id == original_id)
    await db.exec(_rows(DialogWorld, ("dialog_id", "book_id"), attached))


def _rows(table: type[Any], names: tuple[str, ...], question: Any) -> Insert:
    return insert(table).from_select(list(names), question)

"""View of a book as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.model.book import Book, BookEntry, CharacterWorld, DialogWorld
from domain.model.character import Character
from domain.model.dialog import Dialog


@dataclass(frozen=True)
class AttachedTo:
    """A character to which a world is attached."""

    id: int
    name: str


@dataclass(frozen=True)
class BookView:
    """A book. `scan_depth`, `token_budget` and `is_recursive` are None where the book uses the product's defaults."""

    id: int
    name: str
    owner_id: int
    character_id: int | None
    """The character whose own book it is; None for a world."""
    scan_depth: int | None
    token_budget: int | None
    is_recursive: bool | None
    shows_titles: bool
    entries: int
    entries_on: int
    tokens_on: int
    """Tokens of all entries that are switched on, as if all fired at once."""
    tokens_constant: int
    """Tokens of those among them that are in every prompt."""
    revision: int
    changed_at: datetime
    attached_to: tuple[AttachedTo, ...] = ()
    chats: int = 0
    """Number of dialogs of its owner that the world is attached to."""

    @property
    def is_world(self) -> bool:
        return self.character_id is None


async def view_of(db: AsyncSession, book: Book) -> BookView:
    return (await views_of(db, [book]))[0]


async def views_of(db: AsyncSession, books: list[Book]) -> list[BookView]:
    ids = [book.id for book in books]
    sums = await _sums(db, ids)
    attached = await _attached_to(db, ids)
    chats = await _chats(db, ids)
    return [
        BookView(
            id=book.id,
            name=book.name,
            owner_id=book.owner_id,
            character_id=book.character_id,
            scan_depth=book.scan_depth,
            token_budget=book.token_budget,
            is_recursive=book.is_recursive,
            shows_titles=book.shows_titles,
            entries=book.entries,
            revision=book.revision,
            changed_at=book.changed_at,
            attached_to=tuple(attached.get(book.id, ())),
            chats=chats.get(book.id, 0),
            **sums.get(book.id, NOTHING),
        )
        for book in books
    ]


NOTHING = {"entries_on": 0, "tokens_on": 0, "tokens_constant": 0}


async def _sums(db: AsyncSession, ids: list[int]) -> dict[int, dict[str, int]]:
    constant = case((col(BookEntry.is_constant), col(BookEntry.tokens)), else_=0)
    is_on = col(BookEntry.book_id).in_(ids), col(BookEntry.is_on), col(BookEntry.deleted_at).is_(None)
    counted = select(BookEntry.book_id, func.count(), func.sum(BookEntry.tokens), func.sum(constant)).where(*is_on)
    found = await db.exec(counted.group_by(col(BookEntry.book_id)))
    return {
        book_id: {"entries_on": count, "tokens_on": int(tokens), "tokens_constant": int(always)}
        for book_id, count, tokens, always in found
    }


async def _attached_to(db: AsyncSession, ids: list[int]) -> dict[int, list[AttachedTo]]:
    rows = (
        select(CharacterWorld.book_id, Character.id, Character.name)
        .join(Character, col(Character.id) == CharacterWorld.character_id)
        .where(col(CharacterWorld.book_id).in_(ids), col(Character.deleted_at).is_(None))
        .order_by(Character.name, col(Character.id))
    )
    attached: dict[int, list[AttachedTo]] = {}
    for book_id, character_id, name in await db.exec(rows):
        attached.setdefault(book_id, []).append(AttachedTo(character_id, name))
    return attached


async def _chats(db: AsyncSession, ids: list[int]) -> dict[int, int]:
    attached = (
        select(DialogWorld.book_id, func.count())
        .join(Dialog, col(Dialog.id) == DialogWorld.dialog_id)
        .where(col(DialogWorld.book_id).in_(ids), col(Dialog.deleted_at).is_(None))
        .group_by(col(DialogWorld.book_id))
    )
    return dict(list(await db.exec(attached)))

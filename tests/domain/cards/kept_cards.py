"""Kept cards: what is stored of a card that has become a character, to compare an import with a second one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.book_rows import book_of, entries_of
from domain.cards.writing import files_in
from domain.characters.fields import EDITABLE
from domain.model.book import Book, BookEntry
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.pictures.photos import Photos
from storage.database import Database

DATES = {"creation_date", "modification_date"}
"""Which an export sets, as the specification wants it."""


@dataclass(frozen=True)
class KeptCard:
    """`fields` are what the editor shows, `card` the original without its dates and what is stored beside it."""

    fields: dict[str, Any]
    card: dict[str, Any]
    book: dict[str, Any] | None
    files: dict[str, bytes]


async def book_of_character(db: AsyncSession, character_id: int) -> tuple[Book, list[BookEntry]] | None:
    """The character's own book, if it has one, and its entries in order."""
    own = Book.character_id == character_id, col(Book.deleted_at).is_(None)
    book = (await db.exec(select(Book).where(*own))).first()
    return (book, await entries_of(db, book.id)) if book else None


async def kept_card(database: Database, photos: Photos, character_id: int) -> KeptCard:
    async with database.read() as db:
        character = await db.get_one(Character, character_id)
        kept = await db.get_one(CharacterCard, character_id)
        book = await book_of_character(db, character_id)
    card = json.loads(kept.card)
    return KeptCard(
        fields=character.model_dump(include={*EDITABLE} - {"picture_token"}),
        card=card | {"data": {name: value for name, value in card["data"].items() if name not in DATES}},
        book=book_of(*book) if book else None,
        files=files_in(await photos.archive(kept.files_token) if kept.files_token else b""),
    )

"""The card of a character that is duplicated: its text stays in the database, its files are copied before."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.model.book import Book
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.pictures.photos import Photos


@dataclass(frozen=True)
class CardFiles:
    """The tokens of the files that came with a card, and the size of all that was stored from it."""

    files: str | None = None
    background: str | None = None
    size: int = 0

    @property
    def tokens(self) -> list[str]:
        return [token for token in (self.files, self.background) if token]


async def files_of_card(db: AsyncSession, character_id: int) -> CardFiles:
    """The files of the character's card, the size including its lorebook's. Without a card, only that size."""
    of_book = Book.character_id == character_id, col(Book.deleted_at).is_(None)
    brought = (await db.exec(select(Book.size).where(*of_book))).first() or 0
    told = select(CharacterCard.files_token, CharacterCard.background_token, CharacterCard.size)
    found = (await db.exec(told.where(CharacterCard.character_id == character_id))).first()
    files, background, size = found or (None, None, 0)
    return CardFiles(files, background, size + brought)


async def copied_files(photos: Photos, original: CardFiles) -> CardFiles:
    files = await photos.copy_of_card(original.files)
    return CardFiles(files, await photos.copy_of_card(original.background), original.size)


async def copy_card(db: AsyncSession, original: Character, copied: Character, files: CardFiles) -> None:
    """Copy the row of the card, in the transaction that stores the copy."""
    of_original = CharacterCard.character_id == original.id
    portrait = (await db.exec(select(CharacterCard.portrait_token).where(of_original))).first()
    if portrait == original.picture_token:
        portrait = copied.picture_token
    columns = {
        "character_id": literal(copied.id),
        "size": col(CharacterCard.size),
        "card": col(CharacterCard.card),
        "files_token": literal(files.files),
        "background_token": literal(files.background),
        "background_number": col(CharacterCard.background_number),
        "portrait_token": literal(portrait),
        "file_name": col(CharacterCard.file_name),
        "made_at": col(CharacterCard.made_at),
    }
    await db.exec(insert(CharacterCard).from_select(list(columns), select(*columns.values()).where(of_original)))

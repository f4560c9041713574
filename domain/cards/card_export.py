"""Exporting characters as card files, for all programs that read cards: one file, or several in a ZIP archive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate
from domain.books.book_rows import entry_texts
from domain.cards.faults import UnreadableCard, unwritten
from domain.cards.workers import Workers
from domain.cards.writing import CardKind, Source, write_card_file
from domain.characters.characters import record_private_view
from domain.characters.fields import EDITABLE
from domain.characters.visibility import get_visible
from domain.errors import AppError, Busy, Invalid, NotFound
from domain.language import Texts
from domain.model.book import Book
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.pictures.photos import Photos
from domain.rate_limits import CARD_ARCHIVES, EXPORTS, RateLimiter
from domain.zip_stream import ZipStream, file_name
from storage.database import Database

MEDIA_TYPES = {
    CardKind.PNG: "image/png",
    CardKind.JSON: "application/json",
    CardKind.JSON_V2: "application/json",
    CardKind.CHARX: "application/zip",
}
SUFFIXES = {kind: kind.value for kind in CardKind} | {CardKind.JSON_V2: "json"}
COLUMNS = ("name", "scan_depth", "token_budget", "is_recursive", "rest")
"""Columns of a book that domain/books/book_rows.py needs."""
Colours = Callable[[str, int], tuple[str, str]]
"""Gives the two colours of the portrait of a character without a photo, by its name and the number of its portrait."""
NO_COLOURS = "#000000", "#000000"
"""For CHARX files, which contain no drawn portrait."""
MOST_AT_ONCE = 100
"""Maximum characters in one archive."""


@dataclass(frozen=True)
class CardDownload:
    name: str
    media_type: str
    data: bytes


class CardExport:
    """An author's texts for the model are exported only to the author and admins, and only if they ask for them
    (`secrets`).
    """

    def __init__(self, database: Database, photos: Photos, limits: RateLimiter, workers: Workers) -> None:
        self._database = database
        self._photos = photos
        self._limits = limits
        self._workers = workers

    async def export(
        self, caller: Caller, character_id: int, kind: CardKind, colours: Colours, *, secrets: bool = True
    ) -> CardDownload:
        """The character as a card. Raises `NotFound`, `RateLimited`, `Busy`."""
        await self._limits.take(EXPORTS, caller.user_id)
        found = await self._look(caller, character_id, secrets=secrets)
        return await self._written(caller.user_id, found, kind, colours)

    async def export_many(
        self, caller: Caller, ids: Sequence[int], kind: CardKind, colours: Colours, *, secrets: bool = True
    ) -> AsyncIterator[bytes]:
        """The cards in a ZIP archive, in pieces that are written while it is sent. Characters that the caller may not
        see are left out. Raises `Invalid` for `ids` (none, or more than `MOST_AT_ONCE`), `NotFound` if none of them may
        be seen, `RateLimited`.
        """
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            raise Invalid("Choose at least one character.", field="ids")
        if len(wanted) > MOST_AT_ONCE:
            raise Invalid("At most {limit} characters at once.", field="ids", limit=MOST_AT_ONCE)
        await self._limits.take(CARD_ARCHIVES, caller.user_id)
        visible = [each for each in wanted if await self._may_see(caller, each)]
        if not visible:
            raise NotFound("This character doesn't exist or is private.")
        return self._pieces(caller, visible, kind, colours, secrets=secrets)

    async def card_of_own(self, owner_id: int, character_id: int) -> bytes | None:
        """The whole card of a character with its files, for its owner's data export; None if the character is gone."""
        async with self._database.read() as db:
            character = await db.get(Character, character_id)
            if character is None or character.owner_id != owner_id:
                return None
            found = await _found(db, character, with_secrets=True, with_files=True)
        return (await self._written(owner_id, found, CardKind.CHARX, lambda _name, _look: NO_COLOURS)).data

    async def _pieces(
        self, caller: Caller, ids: Sequence[int], kind: CardKind, colours: Colours, *, secrets: bool
    ) -> AsyncIterator[bytes]:
        archive = ZipStream()
        for character_id in ids:
            try:
                found = await self._look(caller, character_id, secrets=secrets)
            except NotFound:  # deleted or hidden a moment ago
                continue
            try:
                card = await self._written(caller.user_id, found, kind, colours)
            except (Busy, Invalid) as error:  # too late to refuse: the archive is already being sent
                card = _note_instead(found, error)
            await asyncio.to_thread(archive.copy, f"{character_id} {card.name}", card.data)
            for piece in archive.taken():
                yield piece
        await asyncio.to_thread(archive.close)
        for piece in archive.taken():
            yield piece

    async def _may_see(self, caller: Caller, character_id: int) -> bool:
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            try:
                await get_visible(db, viewer, character_id)
            except NotFound:
                return False
            return True

    async def _look(self, caller: Caller, character_id: int, *, secrets: bool) -> _Found:
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_visible(db, viewer, character_id)
            is_theirs = character.may_be_changed_by(viewer)
            found = await _found(db, character, with_secrets=secrets and is_theirs, with_files=is_theirs)
        await record_private_view(self._database, viewer, character)
        return replace(found, language=viewer.language)

    async def _written(self, user_id: int, found: _Found, kind: CardKind, colours: Colours) -> CardDownload:
        character, kept = found.character, found.kept
        source = Source(
            fields={field: getattr(character, field) for field in EDITABLE},
            card=kept.card if kept else "",
            has_new_photo=kept is not None and kept.portrait_token != character.picture_token,
            book=found.book,
            entries=found.entries,
            photo=await self._photo(character.picture_token),
            files=await self._photos.archive(kept.files_token)
            if kept and kept.files_token and found.with_files
            else b"",
            colours=colours(character.name, character.portrait),
            with_secrets=found.with_secrets,
            with_files=found.with_files,
        )
        try:
            async with self._workers.one(user_id) as worker:
                data = await write_card_file(worker, source, kind)
        except UnreadableCard as error:
            raise unwritten(error) from error
        name = file_name(character.name) or "character"
        return CardDownload(f"{name}.{SUFFIXES[kind]}", MEDIA_TYPES[kind], data)

    async def _photo(self, token: str | None) -> bytes:
        try:
            return (await self._photos.file(token, "large")).data if token else b""
        except NotFound:
            return b""


def _note_instead(found: _Found, error: AppError) -> CardDownload:
    """A text file that takes the card's place in the archive and says why the card is missing."""
    name = file_name(found.character.name) or "character"
    return CardDownload(f"{name}.txt", "text/plain", Texts(found.language)(error.text, **error.values).encode())


@dataclass(frozen=True)
class _Found:
    """The rows that a character's card is made of."""

    character: Character
    kept: CharacterCard | None
    book: dict[str, Any] | None
    entries: list[tuple[bool, str]]
    with_secrets: bool
    with_files: bool
    language: str = "ru"
    """Language of the user who exports it."""


async def _found(db: AsyncSession, character: Character, *, with_secrets: bool, with_files: bool) -> _Found:
    kept = await db.get(CharacterCard, character.id)
    of_it = select(Book).where(Book.character_id == character.id, col(Book.deleted_at).is_(None))
    book = (await db.exec(of_it)).first() if with_secrets else None
    entries = await entry_texts(db, book.id) if book else []
    columns = {name: getattr(book, name) for name in COLUMNS} if book else None
    return _Found(character, kept, columns, entries, with_secrets, with_files)

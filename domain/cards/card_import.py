"""Importing cards: preview a file, then keep it as a character, with everything that the file brought."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain import stemming
from domain.accounts.sessions import Caller, authorize_writer
from domain.books.book_rows import add_book
from domain.cards.card_pictures import CardPictures, StoredBackground
from domain.cards.chosen import with_turned
from domain.cards.faults import Fault, UnreadableCard, refusal
from domain.cards.read_card import LARGEST_PICTURE
from domain.cards.reading import CardFile, read_card_file
from domain.cards.workers import Workers
from domain.characters.characters import store_form
from domain.characters.fields import EDITABLE
from domain.characters.validation import check
from domain.errors import AppError, Invalid
from domain.idempotency import check_client_id, made_with, store_key
from domain.model.character import Character
from domain.model.character_card import FILE_NAME_LIMIT, CharacterCard
from domain.model.picture import Picture
from domain.pictures.photos import Photos
from domain.quotas import check_room_for_card, check_room_for_character, check_room_for_picture
from domain.rate_limits import CARD_IMPORTS, CARD_PREVIEWS, RateLimiter
from storage.database import LOCK_FOR_UPDATE, Database, DatabaseUnavailable
from storage.files import FilesUnavailable

LARGEST_FILE = 50_000_000
"""Maximum bytes of any card file (domain/cards/read_card.py has the limit of each kind)."""


class CardImport:
    """`pictures` is the one that the editor uses, too: its limit counts all cards whose pictures are read."""

    def __init__(
        self, database: Database, photos: Photos, limits: RateLimiter, workers: Workers, pictures: CardPictures
    ) -> None:
        self._database = database
        self._photos = photos
        self._limits = limits
        self._workers = workers
        self._pictures = pictures

    async def preview(self, caller: Caller, data: bytes, file_name: str = "") -> CardFile:
        """Read the file without storing anything. Raises `Invalid` for `file`, `RateLimited`, `Busy`."""
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        await self._limits.take(CARD_PREVIEWS, caller.user_id)
        return await self._read(caller, data, file_name)

    async def keep(
        self,
        caller: Caller,
        data: bytes,
        file_name: str = "",
        chosen: Mapping[str, Any] | None = None,
        turned: Collection[int] = (),
        *,
        client_id: str = "",
    ) -> tuple[Character, CardFile]:
        """Create a character from the file, private until its author publishes it. `chosen` overrides fields of the
        file. `turned` are the positions of lorebook entries to turn on if the file has them off, and off if it has them
        on.

        A portrait that cannot be read as a picture is left out, and the returned file says so. Idempotent: a repeated
        request with the same `client_id` returns the same character (domain/idempotency.py).

        Raises `InvalidForm`, `Invalid` for `file`, `QuotaReached`, `RateLimited`, `Busy`.
        """
        check_client_id(client_id)
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        await self._limits.take(CARD_IMPORTS, caller.user_id)
        found = await self._read(caller, data, file_name)
        async with self._database.read() as db:
            before = await _made_before(db, caller.user_id, client_id)
        if before:
            return before, found
        if turned and found.book:
            found = replace(found, book=await asyncio.to_thread(with_turned, found.book, turned))
        filled = Character(**{"owner_id": caller.user_id, "is_public": False} | found.fields | dict(chosen or {}))
        check(filled)
        await stemming.load()
        brought = await self._stored(caller, found, wants_portrait=filled.picture_token is None)
        if found.portrait and filled.picture_token is None and brought.portrait is None:
            found = found.without_portrait()
        filled.picture_token = filled.picture_token or brought.portrait
        try:
            character, is_new = await self._keep(caller, filled, found, brought, file_name, client_id=client_id)
        except (AppError, IntegrityError, DatabaseUnavailable):
            await self._discard(brought)
            raise
        if not is_new:
            await self._discard(brought)
            await self._photos.remove_unused(brought.portrait)
        return character, found

    async def _discard(self, brought: _Brought) -> None:
        for token in brought.tokens:
            await self._photos.discard(token)

    async def _stored(self, caller: Caller, found: CardFile, *, wants_portrait: bool) -> _Brought:
        """Store the files that the card brought. Except for the portrait, they have no `Picture` rows yet."""
        portrait = await self._portrait(caller, found.portrait) if wants_portrait else None
        files = await self._photos.put_archive(found.files) if found.files else None
        return _Brought(portrait, files, await self._pictures.background_of(caller, found.card, found.files))

    async def _read(self, caller: Caller, data: bytes, file_name: str) -> CardFile:
        try:
            check_size(data)
            async with self._workers.one(caller.user_id) as worker:
                return await read_card_file(worker, data, file_name)
        except UnreadableCard as error:
            raise refusal(error) from error

    async def _portrait(self, caller: Caller, picture: bytes) -> str | None:
        if not picture:
            return None
        try:
            return await self._photos.store_from_card(caller, picture, largest=LARGEST_PICTURE)
        except (Invalid, FilesUnavailable):
            return None

    async def _keep(
        self, caller: Caller, filled: Character, found: CardFile, brought: _Brought, file_name: str, *, client_id: str
    ) -> tuple[Character, bool]:
        """The character, and whether it is new: the same request may have arrived twice at once."""
        async with self._database.write() as db:
            owner = await authorize_writer(db, caller, lock=LOCK_FOR_UPDATE)
            if before := await _made_before(db, owner.id, client_id):
                return before, False
            await check_room_for_character(db, owner, self._limits)
            await check_room_for_card(db, owner, self._limits, found.size)
            for token in brought.tokens:
                await check_room_for_picture(db, owner, self._limits)
                db.add(Picture(token=token, owner_id=owner.id))
            character, _replaced = await store_form(db, owner, filled, EDITABLE)
            await db.flush()
            background = brought.background
            db.add(
                CharacterCard(
                    character_id=character.id,
                    card=found.card,
                    size=found.size,
                    files_token=brought.files,
                    background_token=background.token if background else None,
                    background_number=background.number if background else None,
                    portrait_token=brought.portrait,
                    file_name=file_name[-FILE_NAME_LIMIT:],
                )
            )
            if found.book:
                await add_book(db, found.book, owner_id=owner.id, character_id=character.id)
            await store_key(db, character, character.id, owner.id, client_id)
            return character, True


async def _made_before(db: AsyncSession, owner_id: int, client_id: str) -> Character | None:
    before = await made_with(db, Character, owner_id, client_id)
    return before if before and before.deleted_at is None else None


@dataclass(frozen=True)
class _Brought:
    """The files that a card brought, the first two by their tokens."""

    portrait: str | None
    files: str | None
    background: StoredBackground | None

    @property
    def tokens(self) -> list[str]:
        """Those without a `Picture` row yet."""
        background = self.background.token if self.background else None
        return [token for token in (self.files, background) if token]


def check_size(data: bytes) -> None:
    """Raises `UnreadableCard` if the file is larger than any card or book may be."""
    if len(data) > LARGEST_FILE:
        raise UnreadableCard(Fault.TOO_LARGE)

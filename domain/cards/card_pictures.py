"""Card pictures: among the pictures that a card brought, the author chooses the portrait and a quiet background for the
chat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.cards.asset_pictures import AssetPicture, background_in, file_in, pictures_in
from domain.cards.read_card import LARGEST_PICTURE
from domain.characters.characters import record_private_view
from domain.characters.visibility import get_editable
from domain.errors import AppError, Busy, NotFound
from domain.model.character_card import CharacterCard
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.photos import BACKGROUND, Photos
from domain.quotas import check_room_for_picture
from domain.rate_limits import CARD_PREVIEWS, RateLimiter
from storage.database import Database, DatabaseUnavailable
from storage.fair_queue import FairQueue, QueueFull

AT_ONCE, EACH = 2, 1
"""Maximum cards whose pictures are read at the same time: in all, and per user."""
MOST_WAITING, MOST_OF_ONE_WAITING = 200, 100


@dataclass(frozen=True)
class StoredBackground:
    """A picture for behind the chat, as it is stored, and its number among the card's pictures."""

    token: str
    number: int


class CardPictures:
    def __init__(self, database: Database, photos: Photos, limits: RateLimiter) -> None:
        self._database = database
        self._photos = photos
        self._limits = limits
        self._places = FairQueue(AT_ONCE, each=EACH, longest=MOST_WAITING, longest_of_one=MOST_OF_ONE_WAITING)

    async def are_there(self, caller: Caller, character_id: int) -> bool:
        """Whether the card of a character that the caller may change brought any files as assets."""
        async with self._database.read() as db:
            card = await _card_of(db, await authenticate(db, caller), character_id)
            return card is not None and card.files_token is not None and '"assets"' in card.card

    async def offered(self, caller: Caller, character_id: int) -> tuple[list[AssetPicture], bool]:
        """The pictures to choose from, and whether one is shown behind the chat now.

        Raises `NotFound`, `NotAllowed`, `RateLimited`, `Busy`.
        """
        card, archive = await self._opened(caller, character_id)
        async with self._slot(caller):
            pictures = await pictures_in(card.card, archive, card.background_number)
        return pictures, card.background_token is not None

    async def take_portrait(self, caller: Caller, character_id: int, number: int) -> str:
        """Store one of them as an uploaded photo and return its token. The character shows it once it is saved.

        Raises as above, `Invalid` for `photo`, and `QuotaReached`.
        """
        card, archive = await self._opened(caller, character_id)
        async with self._slot(caller):
            picture = await file_in(card.card, archive, number)
        if not picture:
            raise _gone()
        return await self._photos.store(caller, picture, largest=LARGEST_PICTURE)

    async def choose_background(self, caller: Caller, character_id: int, number: int | None) -> None:
        """Show one of them behind the chats with the character, or none. Raises as above."""
        token = None
        if number is not None:
            card, archive = await self._opened(caller, character_id)
            async with self._slot(caller):
                background = await self._stored(await background_in(card.card, archive, number))
            if background is None:
                raise _gone()
            token = background.token
        try:
            async with self._database.write() as db:
                person = await authorize_writer(db, caller)
                kept = await _card_of(db, person, character_id)
                if kept is None:
                    raise _gone()
                if token:
                    await self._add(db, person, token)
                replaced, kept.background_token = kept.background_token, token
                kept.background_number = number
        except (AppError, IntegrityError, DatabaseUnavailable):
            if token:
                await self._photos.discard(token)
            raise
        await self._photos.remove_unused(replaced)

    async def background_of(self, caller: Caller, card: str, archive: bytes) -> StoredBackground | None:
        """Store the background of a card that is being imported, if it has one. The caller adds the `Picture` row."""
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        if not archive or f'"{BACKGROUND}"' not in card:
            return None
        async with self._slot(caller):
            return await self._stored(await background_in(card, archive))

    async def _stored(self, background: tuple[int, bytes] | None) -> StoredBackground | None:
        if background is None:
            return None
        number, picture = background
        return StoredBackground(await self._photos.put({BACKGROUND: picture}), number)

    async def _add(self, db: AsyncSession, owner: User, token: str) -> None:
        await check_room_for_picture(db, owner, self._limits)
        db.add(Picture(token=token, owner_id=owner.id))
        await db.flush()

    async def _opened(self, caller: Caller, character_id: int) -> tuple[CharacterCard, bytes]:
        async with self._database.read() as db:
            person = await authorize_writer(db, caller)
            character = await get_editable(db, person, character_id)
            card = await db.get(CharacterCard, character.id)
        await record_private_view(self._database, person, character)
        await self._limits.take(CARD_PREVIEWS, caller.user_id)
        archive = await self._photos.archive(card.files_token) if card and card.files_token else b""
        if card is None or not archive:
            raise _gone()
        return card, archive

    @asynccontextmanager
    async def _slot(self, caller: Caller) -> AsyncIterator[None]:
        try:
            async with self._places.slot(caller.user_id):
                yield
        except QueueFull as error:
            raise Busy("Other files are still being read. Please try again in a minute.", field="photo") from error


async def _card_of(db: AsyncSession, person: User, character_id: int) -> CharacterCard | None:
    character = await get_editable(db, person, character_id)
    return await db.get(CharacterCard, character.id)


def _gone() -> NotFound:
    return NotFound("This picture is no longer in the card.")

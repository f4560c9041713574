"""What one can do with characters: look around, make one, change it, let it go."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, require
from domain.accounts.user import User
from domain.characters.character import Character, Picture
from domain.characters.gate import check
from domain.characters.photos import Photos
from domain.errors import Invalid, NotAllowed, NotFound
from domain.moments import now
from storage.database import Database, violates

PAGE = 48

EDITABLE = (
    "name",
    "gender",
    "age_mark",
    "teaser",
    "bio",
    "greeting",
    "other_greetings",
    "context",
    "interests",
    "picture_token",
    "is_public",
)
"""What its owner may change; nothing else that a form or a body holds is ever looked at."""


class Characters:
    """The gallery, and the making and changing of characters."""

    def __init__(self, database: Database, photos: Photos) -> None:
        self._database = database
        self._photos = photos

    async def gallery(self, caller: Caller | None, *, mine: bool = False, before: int | None = None) -> list[Character]:
        """A page of characters this person may see, newest first; `before` is the last id of the page above."""
        async with self._database.read() as db:
            viewer = await require(db, caller) if caller else None
            question = select(Character).where(*_listed(viewer, mine=mine))
            if before is not None:
                question = question.where(col(Character.id) < before)
            return list(await db.exec(question.order_by(col(Character.id).desc()).limit(PAGE)))

    async def count(self, caller: Caller | None, *, mine: bool = False) -> int:
        """How many there are in the gallery for this person."""
        async with self._database.read() as db:
            viewer = await require(db, caller) if caller else None
            return (await db.exec(select(func.count(col(Character.id))).where(*_listed(viewer, mine=mine)))).one()

    async def get(self, caller: Caller | None, character_id: int) -> tuple[Character, str]:
        """The character and its author's name; `NotFound` also for other people's private ones."""
        async with self._database.read() as db:
            viewer = await require(db, caller) if caller else None
            character = await visible(db, viewer, character_id)
            author = await db.get_one(User, character.owner_id)
            return character, author.display_name

    async def get_own(self, caller: Caller, character_id: int) -> Character:
        """The character to be changed, context and all; raises `NotFound` or `NotAllowed`."""
        async with self._database.read() as db:
            return await owned(db, await require(db, caller), character_id)

    async def save(self, caller: Caller, filled: Character) -> Character:
        """Make (`filled.id` is None) or change a character from what its owner filled in.

        Raises `InvalidForm`; `NotFound` or `NotAllowed` when it is not this person's.
        """
        check(filled)
        try:
            character, replaced = await self._keep(caller, filled)
        except IntegrityError as error:
            if violates(error, "uq_character_picture_token"):  # a second click, or another character has it already
                raise _photo_is_gone() from error
            raise
        if replaced != character.picture_token:
            await self._photos.remove_unused(replaced)
        return character

    async def _keep(self, caller: Caller, filled: Character) -> tuple[Character, str | None]:
        """The character as it is stored now, and the photo it had before."""
        async with self._database.write() as db:
            owner = await require(db, caller)
            if filled.id is None:
                character = Character(owner_id=owner.id, name="", gender=filled.gender)
                replaced = None
            else:
                character = await owned(db, owner, filled.id)
                replaced = character.picture_token
            if filled.picture_token and filled.picture_token != replaced:
                await _check_picture(db, owner, filled.picture_token)
            for field in EDITABLE:
                setattr(character, field, getattr(filled, field))
            character.updated_at = now()
            db.add(character)
            return character, replaced

    async def delete(self, caller: Caller, character_id: int) -> None:
        """Take it out of the gallery; its photo goes, dialogs with it stay readable."""
        async with self._database.write() as db:
            owner = await require(db, caller)
            character = await owned(db, owner, character_id)
            character.deleted_at = now()
        await self._photos.remove_unused(character.picture_token)


def _listed(viewer: User | None, *, mine: bool) -> tuple[ColumnElement[bool], ...]:
    own = col(Character.owner_id) == (viewer.id if viewer else None)
    return col(Character.deleted_at).is_(None), own if mine else or_(col(Character.is_public), own)


async def visible(db: AsyncSession, viewer: User | None, character_id: int) -> Character:
    """The character, if this person may see it: the one way to get at a character by its id."""
    character = await db.get(Character, character_id)
    if character is None or not character.may_be_seen_by(viewer.id if viewer else None):
        raise NotFound("There is no such character, or it is private.")
    return character


async def owned(db: AsyncSession, owner: User, character_id: int) -> Character:
    """The character, if this person may change it."""
    character = await visible(db, owner, character_id)
    if character.owner_id != owner.id:
        raise NotAllowed("Only its author can change a character.")
    return character


async def _check_picture(db: AsyncSession, owner: User, token: str) -> None:
    picture = await db.get(Picture, token)
    if picture is None or picture.owner_id != owner.id:
        raise _photo_is_gone()


def _photo_is_gone() -> Invalid:
    return Invalid("This photo is gone. Please choose it again.", field="photo")

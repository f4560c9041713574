"""Duplicate and restore: copying a character, and undoing its deletion."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from domain import stemming
from domain.accounts.admins import is_only_admin
from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import KEPT_IN_BIN, bin_since
from domain.characters.characters import record_admin_action, store_form
from domain.characters.fields import EDITABLE
from domain.characters.search_index import reindex
from domain.characters.visibility import get_editable
from domain.errors import AppError, NotAllowed, NotFound
from domain.language import N_, Texts
from domain.model.character import NAME_LIMIT, Character
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.card_copy import copied_files, copy_card, files_of_card
from domain.pictures.photos import Photos
from domain.quotas import check_room_for_card, check_room_for_character, check_room_for_picture
from domain.rate_limits import CHARACTERS, RateLimiter
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database, DatabaseUnavailable


class CopiesAlong(Protocol):
    """Copies, within the transaction, data that modules above this one keep beside a character."""

    async def __call__(self, db: AsyncSession, original: Character, copied: Character, /) -> None: ...


class DuplicateRestore:
    def __init__(
        self, database: Database, photos: Photos, limits: RateLimiter, along: Sequence[CopiesAlong] = ()
    ) -> None:
        self._database = database
        self._photos = photos
        self._limits = limits
        self._along = along

    async def duplicate(self, caller: Caller, character_id: int) -> Character:
        """Create a private copy of one's own character, with photo and card, named «… (копия)»; nothing else changes.

        Raises `NotFound`, `NotAllowed`, `RateLimited`.
        """
        async with self._database.read() as db:
            shown = (await _own(db, await authorize_writer(db, caller), character_id)).picture_token
            brought = await files_of_card(db, character_id)
        await stemming.load()
        await self._limits.take(CHARACTERS, caller.user_id)
        token = await self._photos.copy(shown, caller.user_id) if shown else None
        files = await copied_files(self._photos, brought)
        try:
            async with self._database.write() as db:
                owner = await authorize_writer(db, caller)
                original = await _own(db, owner, character_id)
                await check_room_for_character(db, owner, self._limits)
                await check_room_for_card(db, owner, self._limits, files.size)
                for each in filter(None, (token, *files.tokens)):
                    await check_room_for_picture(db, owner, self._limits)
                    db.add(Picture(token=each, owner_id=owner.id))
                await db.flush()
                copied, _nothing = await store_form(db, owner, _copy_of(original, owner, token))
                await db.flush()
                await copy_card(db, original, copied, files)
                for copy_along in self._along:
                    await copy_along(db, original, copied)
        except (AppError, DatabaseUnavailable):
            for each in filter(None, (token, *files.tokens)):
                await self._photos.discard(each)
            raise
        return copied

    async def restore(self, caller: Caller, character_id: int) -> Character:
        """Undo a deletion: the author within a month for their own, admins for one by an admin. The character returns
        where it was, with any measures in force, and with its photo if that has not been erased.

        Raises `NotFound`; `NotAllowed` if this user may not, or no longer, undo the deletion.
        """
        await stemming.load()
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            found = await db.get(Character, clamp_id(character_id), with_for_update=LOCK_FOR_UPDATE)
            character = await _restorable(db, person, found)
            if character.deleted_at:
                record_admin_action(db, person, character, "restored")
            character.deleted_at = character.deleted_by_id = None
            await reindex(db, character, [])
            return character

    async def may_restore(self, caller: Caller, character_id: int) -> bool:
        """Whether there is a deletion that `restore` would undo."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            character = await db.get(Character, clamp_id(character_id))
            with suppress(NotFound, NotAllowed):
                return (await _restorable(db, person, character)).deleted_at is not None
            return False


async def _own(db: AsyncSession, person: User, character_id: int) -> Character:
    character = await get_editable(db, person, character_id)
    if character.owner_id != person.id:  # an admin may edit it, but not copy it
        raise NotAllowed("Only the author can duplicate a character.")
    if character.is_blocked or character.is_hidden:  # the copy would circumvent the measure
        raise NotAllowed("A character hidden or blocked by an admin can't be duplicated.")
    return character


async def _restorable(db: AsyncSession, person: User, character: Character | None) -> Character:
    """The character, if this user may restore it; one that is not deleted is returned as it is.

    An admin's deletion stands: the author cannot undo it, not even as an admin while there is another one.
    """
    if character is None or not character.may_be_changed_by(person) or _is_bare(character):
        raise NotFound("This character doesn't exist or is private.")
    if character.deleted_at is None:
        return character
    is_own = character.owner_id == person.id
    if character.deleted_by_id == character.owner_id:
        if not is_own:
            raise NotAllowed("The author deleted this character, and only they can restore it.")
        if character.deleted_at <= bin_since():
            text = N_("A deleted character can be restored for {n} days. This one was deleted longer ago.")
            raise NotAllowed(text, n=KEPT_IN_BIN.days)
    elif is_own and not (person.is_admin and await is_only_admin(db, person)):
        raise NotAllowed("An admin deleted this character. You can't restore it.")
    return character


def _is_bare(character: Character) -> bool:
    """Left behind by a deleted account, without its secrets: there is nothing to restore."""
    return not character.context


def _copy_of(original: Character, owner: User, picture_token: str | None) -> Character:
    _ = Texts(owner.language)
    room = NAME_LIMIT - len(_("{name} (copy)", name=""))
    name = _("{name} (copy)", name=original.name[:room].rstrip())
    fields = {field: getattr(original, field) for field in EDITABLE}
    return Character(**fields | {"name": name, "picture_token": picture_token, "is_public": False})

"""Characters, the use cases: view, create, edit and delete one. The gallery: gallery.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain import stemming
from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.characters.card_language import card_language
from domain.characters.drafts import NEW, forget_draft, forget_drafts_of
from domain.characters.fields import EDITABLE
from domain.characters.search_index import listed_interests, reindex
from domain.characters.search_terms import KEPT, widest_query
from domain.characters.validation import check, check_not_overwritten
from domain.characters.version_rows import VERSIONED, keep_version
from domain.characters.visibility import (
    Absence,
    absence_of,
    get_editable,
    get_visible,
    is_open,
    is_private_of_another,
    lock_editable,
    of_age,
)
from domain.clock import now
from domain.errors import Invalid
from domain.model.audit_entry import is_view_recorded, record_audit, record_view
from domain.model.character import Character
from domain.model.picture import Picture
from domain.model.user import User
from domain.paging import newest_first
from domain.pictures.photos import Photos
from domain.quotas import check_room_for_character
from domain.rate_limits import CHARACTER_SAVES, CHARACTERS, SEARCHES, RateLimiter
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database, violates
from storage.fair_queue import acting_for
from storage.full_text import prefer_indexes


class Characters:
    def __init__(self, database: Database, photos: Photos, limits: RateLimiter) -> None:
        self._database = database
        self._photos = photos
        self._limits = limits

    async def page(
        self,
        caller: Caller | None,
        limit: int,
        *,
        mine: bool = False,
        owner_id: int | None = None,
        language: str = "",
        search: str = "",
        before: int | None = None,
    ) -> list[Character]:
        """Public characters, newest first: all, those of one owner or, with `mine`, the caller's own including private
        ones.

        `search` is words of its card (domain/characters/search_terms.py); keyset pagination: `before` is the last id of
        the previous page.
        """
        if search.strip():
            await stemming.load()
        words = widest_query(search)
        if words:
            await self._limits.take(SEARCHES, caller.user_id if caller else acting_for.get())
        async with self._database.read() as db:
            viewer = await authenticate(db, caller) if caller or mine else None
            author_id = viewer.id if viewer and mine else owner_id
            question = select(Character).where(col(Character.deleted_at).is_(None))
            if words:
                await prefer_indexes(db)
                question = question.where(col(Character.id).in_(KEPT.hits(db, words)))
            if author_id is not None:
                question = question.where(Character.owner_id == author_id)
            if viewer is None or author_id != viewer.id:
                question = question.where(is_open(), *of_age(viewer))
            if language:
                question = question.where(Character.language == language)
            return list(await db.exec(newest_first(question, col(Character.id), before, limit)))

    async def get(self, caller: Caller | None, character_id: int) -> tuple[Character, str]:
        """The character and its author's name; raises `NotFound` also for other people's private ones."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller) if caller else None
            character = await get_visible(db, viewer, character_id)
            author = await db.get_one(User, character.owner_id)
        await record_private_view(self._database, viewer, character)
        return character, author.display_name

    async def absence(self, character_id: int) -> Absence:
        """The reason that strangers find nothing there, as far as it may be told: `UNKNOWN` for a private character."""
        async with self._database.read() as db:
            return absence_of(await db.get(Character, clamp_id(character_id)))

    async def get_own(self, caller: Caller, character_id: int) -> Character:
        """The character for editing, with its secrets; raises `NotFound` or `NotAllowed`."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
        await record_private_view(self._database, viewer, character)
        return character

    async def save(
        self,
        caller: Caller,
        filled: Character,
        fields: Collection[str] = EDITABLE,
        *,
        keeps_draft: bool = False,
        began: Mapping[str, Any] | None = None,
        drafted: Mapping[str, Any] | None = None,
    ) -> Character:
        """Create (`filled.id` is None) or change a character from the owner's form; `fields` are those that were on the
        form, the others keep their current values. Its draft is deleted, unless a program saves it (`keeps_draft`).
        `began` holds the fields' values when the form was opened: what somebody saved there since is not overwritten
        silently. `drafted` is what the form last kept as a draft: what another tab has typed since stays a draft.

        Raises `InvalidForm`, `ChangedMeanwhile`, `RateLimited`, `QuotaReached`; `NotFound` or `NotAllowed` if it is not
        this user's.
        """
        check(filled)
        await stemming.load()
        await self._limits.take(CHARACTERS if filled.id is None else CHARACTER_SAVES, caller.user_id)
        try:
            character, replaced = await self._keep(caller, filled, fields, began, drafted, keeps_draft=keeps_draft)
        except IntegrityError as error:
            if violates(error, "uq_character_picture_token"):  # a double click, or another character has it already
                raise _photo_is_gone() from error
            raise
        if replaced != character.picture_token:
            await self._photos.remove_unused(replaced)
        return character

    async def _keep(
        self,
        caller: Caller,
        filled: Character,
        fields: Collection[str],
        began: Mapping[str, Any] | None,
        drafted: Mapping[str, Any] | None,
        *,
        keeps_draft: bool,
    ) -> tuple[Character, str | None]:
        """Save in one transaction; returns the stored character and its previous photo."""
        async with self._database.write() as db:
            owner = await authorize_writer(db, caller)
            if filled.id is None:
                await check_room_for_character(db, owner, self._limits)
            kept = await store_form(db, owner, filled, fields, began)
            if not keeps_draft:
                await forget_draft(db, owner.id, filled.id or NEW, drafted)
            return kept

    async def delete(self, caller: Caller, character_id: int) -> None:
        """Soft-delete it; dialogs with it stay readable. Its photo is deleted a month later, unless the deletion
        is undone (domain/characters/duplicate_restore.py). A deletion by an admin can be undone only by admins.
        Raises `ReadOnly`.
        """
        async with self._database.write() as db:
            owner = await authorize_writer(db, caller)
            character = await lock_editable(db, owner, character_id)
            listed_before = listed_interests(character)
            character.deleted_at, character.deleted_by_id = now(), owner.id
            record_admin_action(db, owner, character, "deleted")
            await reindex(db, character, listed_before)
            await forget_drafts_of(db, character.id)


async def store_form(
    db: AsyncSession,
    owner: User,
    filled: Character,
    fields: Collection[str] = EDITABLE,
    began: Mapping[str, Any] | None = None,
) -> tuple[Character, str | None]:
    """Store what `check` has validated, in a new row or the existing one; also returns the previous photo."""
    if filled.id is None:
        character = Character(owner_id=owner.id, name="", gender=filled.gender)
        replaced = None
    else:
        character = await lock_editable(db, owner, filled.id)
        replaced = character.picture_token
    listed_before = listed_interests(character)
    told_before = card_language(character)
    guessed = "language" in fields and not filled.language
    given = [field for field in EDITABLE if field in fields and not (guessed and field == "language")]
    changed = [field for field in given if getattr(character, field) != getattr(filled, field)]
    if began:
        check_not_overwritten(character, changed, began)
    if filled.id is not None and set(changed) & set(VERSIONED):
        await keep_version(db, character, owner)
    if filled.picture_token and "picture_token" in changed:
        await _take_picture(db, owner, character, filled.picture_token)
    for field in changed:
        setattr(character, field, getattr(filled, field))
    if changed:
        record_admin_action(db, owner, character, "changed", {"fields": [None, changed]})
    if guessed or character.language in ("", told_before):  # the author's choice stays, even against the texts
        character.language = card_language(character)
    character.updated_at = now()
    await reindex(db, character, listed_before)
    return character, replaced


def record_admin_action(
    db: AsyncSession, doer: User, character: Character, action: str, changes: dict[str, Any] | None = None
) -> None:
    """Record an admin's action in the audit log, which omits what authors do to their own characters."""
    if doer.id != character.owner_id:
        author_id = character.owner_id
        record_audit(
            db, doer.id, f"character.{action}", "character", character.id, person_id=author_id, changes=changes
        )


async def record_private_view(database: Database, viewer: User | None, character: Character) -> None:
    """Record in the audit log that an admin has looked at a character that its author keeps private."""
    if viewer is None or not is_private_of_another(character, viewer):
        return
    async with database.read() as db:
        is_recorded = await is_view_recorded(db, viewer.id, "character", character.id)
    if not is_recorded:
        async with database.write() as db:
            await record_view(db, viewer.id, "character", character.id, person_id=character.owner_id)


async def _take_picture(db: AsyncSession, uploader: User, character: Character, token: str) -> None:
    """Assign a photo. One that an admin gives to somebody else's character becomes its author's, and stays if the
    admin's account is deleted.

    The row is locked, since the sweeper may be about to delete it (domain/characters/unused_photos.py).
    """
    picture = await db.get(Picture, token, with_for_update=LOCK_FOR_UPDATE)
    if picture is None or picture.owner_id != uploader.id:
        raise _photo_is_gone()
    picture.owner_id = character.owner_id


def _photo_is_gone() -> Invalid:
    return Invalid("This photo is no longer here. Please choose it again.", field="photo")

"""Versions of a published character: its state before each change, to compare with and to go back to. They are stored
when the character is saved (version_rows.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain import stemming
from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.characters.characters import record_private_view, store_form
from domain.characters.drafts import forget_draft
from domain.characters.fields import EDITABLE
from domain.characters.validation import check
from domain.characters.version_diff import FieldChange, changed_names, differences
from domain.characters.version_rows import VERSIONED, fields_of, versions_of
from domain.characters.visibility import get_editable, lock_editable
from domain.errors import NotFound
from domain.language import N_
from domain.model.book import Book
from domain.model.character import AgeMark, Character, Gender
from domain.model.character_version import CharacterVersion
from domain.rate_limits import CHARACTER_SAVES, RateLimiter
from storage.columns import clamp_id
from storage.database import Database

RESTORED = tuple(field for field in VERSIONED if field != "is_public")
"""Fields that going back to a version restores: what the character is, never who can see it."""
CHOICES = {"gender": Gender, "age_mark": AgeMark}


class Against(StrEnum):
    """The state that a version is compared with."""

    NEXT = "next"
    """The state that replaced it."""
    NOW = "now"


@dataclass(frozen=True)
class VersionLine:
    """`changed` are the fields that changed when the version was replaced."""

    id: int
    replaced_at: datetime
    by_author: bool
    changed: list[str]


@dataclass(frozen=True)
class VersionList:
    """Newest first. The character's book, if it has one, is not part of versions."""

    lines: list[VersionLine]
    has_book: bool


@dataclass(frozen=True)
class OldVersion:
    """`differs` are the fields whose value is different now."""

    line: VersionLine
    fields: dict[str, Any]
    differs: list[str]


@dataclass(frozen=True)
class Restored:
    """`before_id` is the version with the state until then; None if nothing differed, or no versions are kept."""

    character: Character
    before_id: int | None


class CharacterVersions:
    """For a character's author and admins, since versions contain its secrets."""

    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def of(self, caller: Caller, character_id: int) -> VersionList:
        """Raises `NotFound` or `NotAllowed`, like all of these methods."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
            versions = await versions_of(db, character.id)
            book = await db.exec(select(Book.id).where(Book.character_id == character.id))
            has_book = book.first() is not None
        await record_private_view(self._database, viewer, character)
        return VersionList(await asyncio.to_thread(_lines, character, versions), has_book)

    async def get(self, caller: Caller, character_id: int, version_id: int) -> OldVersion:
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
            version, following = await _version(db, character, version_id)
        await record_private_view(self._database, viewer, character)
        fields, now = fields_of(version), _fields_now(character)
        then = fields_of(following) if following else now
        return OldVersion(_line(character, version, fields, then), fields, changed_names(fields, now))

    async def compare(
        self, caller: Caller, character_id: int, version_id: int, against: Against = Against.NOW
    ) -> list[FieldChange]:
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
            version, following = await _version(db, character, version_id)
        await record_private_view(self._database, viewer, character)
        replaced_by = fields_of(following) if following and against is Against.NEXT else _fields_now(character)
        return await asyncio.to_thread(differences, fields_of(version), replaced_by)

    async def restore(
        self, caller: Caller, character_id: int, version_id: int, *, keeps_draft: bool = False
    ) -> Restored:
        """Save the version's values; the current state becomes a version, too. The photo and who can see the character
        stay as they are. Raises what saving raises.
        """
        await self._limits.take(CHARACTER_SAVES, caller.user_id)
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
            version, _following = await _version(db, character, version_id)
        await record_private_view(self._database, viewer, character)
        filled = _filled(character, fields_of(version))
        check(filled)
        await stemming.load()
        async with self._database.write() as db:
            editor = await authorize_writer(db, caller)
            newest_before = await _newest_id(db, await lock_editable(db, editor, character.id))
            restored, _photo = await store_form(db, editor, filled, RESTORED)
            newest = await _newest_id(db, restored)
            if not keeps_draft:
                await forget_draft(db, editor.id, restored.id)
        return Restored(restored, newest if newest != newest_before else None)


async def _version(
    db: AsyncSession, character: Character, version_id: int
) -> tuple[CharacterVersion, CharacterVersion | None]:
    """The version, and the next one."""
    since = CharacterVersion.character_id == character.id, col(CharacterVersion.id) >= clamp_id(version_id)
    found = list(await db.exec(select(CharacterVersion).where(*since).order_by(col(CharacterVersion.id)).limit(2)))
    if not found or found[0].id != version_id:
        raise NotFound(N_("This version is not kept any more."))
    return found[0], found[1] if len(found) > 1 else None


async def _newest_id(db: AsyncSession, character: Character) -> int | None:
    of_it = CharacterVersion.character_id == character.id
    newest = select(CharacterVersion.id).where(of_it).order_by(col(CharacterVersion.id).desc())
    return (await db.exec(newest.limit(1))).first()


def _lines(character: Character, versions: Sequence[CharacterVersion]) -> list[VersionLine]:
    states = [*map(fields_of, versions), _fields_now(character)]
    pairs = zip(versions, pairwise(states), strict=True)
    return [_line(character, version, before, after) for version, (before, after) in pairs][::-1]


def _line(character: Character, version: CharacterVersion, fields: dict[str, Any], then: dict[str, Any]) -> VersionLine:
    by_author = version.replaced_by_id == character.owner_id
    return VersionLine(version.id, version.made_at, by_author, changed_names(fields, then))


def _fields_now(character: Character) -> dict[str, Any]:
    return {name: getattr(character, name) for name in VERSIONED}


def _filled(character: Character, kept: dict[str, Any]) -> Character:
    """The form filled in from the version. A choice that is no longer offered stays as it is now."""
    values = {name: getattr(character, name) for name in EDITABLE}
    values |= {name: kept[name] for name in RESTORED if name in kept and name not in CHOICES}
    for name, choices in CHOICES.items():
        if kept.get(name) in list(choices):
            values[name] = choices(kept[name])
    return Character(id=character.id, owner_id=character.owner_id, **values)

"""Visibility and permissions: which characters are publicly listed, and who may see or change one."""

from __future__ import annotations

import re
from enum import StrEnum

from sqlalchemy import ColumnElement, TextClause, and_, or_
from sqlalchemy import text as sql
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NotAllowed, NotFound
from domain.language import N_
from domain.model.character import OPEN, AgeMark, Character
from domain.model.user import User
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE


class Private(NotFound):
    """It exists, but its author keeps it private. Pages reveal no more than for `NotFound`."""


class Absence(StrEnum):
    """The reason that a character cannot be seen, as far as it may be told."""

    UNKNOWN = "unknown"
    DELETED = "deleted"
    BLOCKED = "blocked"


class ForAdults(NotFound):
    """It exists and is public, but is marked 18+, and this user is not known to be of age or has not turned that on."""

    def __init__(self) -> None:
        super().__init__(N_("This character is for people aged 18 and over who have turned such characters on."))


MARKS = sql(re.sub(r"\b(is_\w+|deleted_at)", r"character.\1", OPEN))


def is_open() -> ColumnElement[bool]:
    """Condition: public, not deleted, and neither it nor its author is blocked or hidden."""
    away = select(col(User.id)).where(sql('("user".is_blocked OR "user".is_hidden)'))
    return and_(has_public_flags(), col(Character.owner_id).not_in(away))


def of_age(viewer: User | None) -> list[ColumnElement[bool]]:
    """Conditions, as `Character.is_for`: not marked 18+, unless the viewer may see that."""
    is_for_all = col(Character.age_mark) != AgeMark.ADULT
    if viewer is None:
        return [is_for_all]
    if viewer.sees_adult or viewer.is_admin:
        return []
    return [or_(is_for_all, col(Character.owner_id) == viewer.id)]


def has_public_flags() -> TextClause:
    """`is_open` without the author's part; in the exact words of the partial indexes, or SQLite would not use them."""
    return MARKS


def has_closed_marks() -> TextClause:
    return sql(f"NOT ({MARKS.text})")


def is_listed(character: Character) -> bool:
    """As `has_public_flags`, for a loaded character."""
    is_held_back = character.is_blocked or character.is_hidden or character.deleted_at is not None
    return character.is_public and not is_held_back


async def get_visible(db: AsyncSession, viewer: User | None, character_id: int) -> Character:
    """The character, if this user has permission to see it: the only way to load one by its id."""
    with_author = select(Character, AUTHOR).join(AUTHOR, col(AUTHOR.id) == Character.owner_id)
    found = (await db.exec(with_author.where(Character.id == clamp_id(character_id)))).first()
    if found is None or found[0].deleted_at is not None:
        raise NotFound("This character doesn't exist or is private.")
    character, author = found
    if not may_see(viewer, character, author):
        kind = NotFound if character.is_public or character.is_blocked else Private
        raise kind("This character doesn't exist or is private.")
    if not character.is_for(viewer):
        raise ForAdults
    return character


AUTHOR = aliased(User)
"""Alias for the author of a character, for queries in which the user is somebody else."""


def absence_of(character: Character | None) -> Absence:
    if character is None or not character.is_public:
        return Absence.UNKNOWN
    if character.deleted_at is not None:
        return Absence.DELETED
    return Absence.BLOCKED if character.is_blocked else Absence.UNKNOWN


def may_see(viewer: User | None, character: Character, author: User) -> bool:
    """Permission check on loaded rows. Characters of a blocked author exist for admins only."""
    is_admin = viewer is not None and viewer.is_admin
    return character.may_be_seen_by(viewer) and (is_admin or not author.is_blocked)


def is_private_of_another(character: Character, viewer: User | None) -> bool:
    """For a viewer who may see it: whether they are an admin, looking at a character that its author keeps private."""
    return viewer is not None and viewer.id != character.owner_id and not character.is_public


def may_read_text(viewer: User | None, character: Character) -> bool:
    """Permission to be told what its author writes about it, beside a dialog with it. Whoever has talked with a
    character may see its name for good; an admin reads a private one's text on its own page, which is recorded.
    """
    return character.may_be_seen_by(viewer) and not is_private_of_another(character, viewer)


async def get_editable(db: AsyncSession, owner: User, character_id: int) -> Character:
    """The character, if this user has permission to change it: its author or an admin."""
    character = await get_visible(db, owner, character_id)
    if not character.may_be_changed_by(owner):
        raise NotAllowed("Only the author can change a character.")
    return character


async def lock_editable(db: AsyncSession, owner: User, character_id: int) -> Character:
    """As `get_editable`, with the row locked: concurrent changes and deletions wait."""
    await db.exec(select(Character.id).where(Character.id == clamp_id(character_id)).with_for_update(**LOCK_FOR_UPDATE))
    return await get_editable(db, owner, character_id)

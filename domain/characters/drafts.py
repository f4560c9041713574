"""What an author typed and has not saved yet."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import chain
from math import isfinite
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, UniqueConstraint
from sqlmodel import Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, require, require_writer
from domain.accounts.user import User
from domain.characters.character import Character
from domain.characters.fields import FIELDS, Kind
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.limits import DRAFT_SAVES, Limits
from storage.columns import known_id
from storage.database import Database
from storage.tables import NEVER_AGAIN, Table
from storage.upsert import insert_into

NEW = 0
"""Stands for the character that is not made yet."""
MOST = 20
"""Drafts of one person; with one more the oldest goes."""
LARGEST = 200_000
"""Characters of a draft as JSON: more than all fields at their limits."""

TEXT, TEXTS, SWITCH = (str,), (list,), (bool,)
JSON_TYPES: dict[Kind, tuple[type, ...]] = {
    **dict.fromkeys((Kind.LINE, Kind.TEXT, Kind.CHOICE), TEXT),
    **dict.fromkeys((Kind.TEXTS, Kind.WORDS), TEXTS),
    Kind.PICTURE: (str, type(None)),
    Kind.INDEX: (int,),
    Kind.FRACTION: (float, int, type(None)),
    Kind.COUNT: (int, type(None)),
    Kind.SWITCH: SWITCH,
}
KINDS = {field.name: JSON_TYPES[field.kind] for field in FIELDS}
"""What a draft may hold: the fields that can be edited, each of the kind that it has in a character."""


class Draft(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    character_id: int = NEW
    """No foreign key: a new character has no row to refer to."""
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Field names of Character to what was typed there, fit or not."""
    saved_at: datetime = Field(default_factory=now)

    __table_args__ = (UniqueConstraint("user_id", "character_id"), NEVER_AGAIN)


class Drafts:
    """One for each person and character; of two tabs the one that typed last is kept."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits

    async def keep(self, caller: Caller, character_id: int, content: dict[str, Any]) -> datetime:
        """Keep what stands in the form, fit or not; returns when that was.

        `content` is named as the fields of Character, some or all; `character_id` may be `NEW`. Raises `NotFound` when
        the character is not this person's to change, `Invalid` for what no form of ours sends.
        """
        await self._limits.take(DRAFT_SAVES, caller.user_id)
        saved_at = now()
        kept = {"content": _storable(content), "saved_at": saved_at}
        draft = insert_into(Draft, self._database.dialect).values(
            user_id=caller.user_id, character_id=character_id, **kept
        )
        draft = draft.on_conflict_do_update(index_elements=["user_id", "character_id"], set_=kept)
        async with self._database.write() as db:
            await _check_may_change(db, await require_writer(db, caller), character_id)
            await db.exec(draft)
            await _forget_oldest(db, caller.user_id)
        return saved_at

    async def of(self, caller: Caller, character_id: int) -> Draft | None:
        """What this person typed for the character and has not saved; None when there is nothing."""
        async with self._database.read() as db:
            await require(db, caller)
            return (await db.exec(select(Draft).where(*_is(caller.user_id, character_id)))).first()

    async def drop(self, caller: Caller, character_id: int) -> None:
        """Forget it. That there is none is no error."""
        async with self._database.write() as db:
            await require(db, caller)
            await forget_draft(db, caller.user_id, character_id)


async def forget_draft(db: AsyncSession, person_id: int, character_id: int) -> None:
    """It was saved, or is not wanted any more."""
    await db.exec(delete(Draft).where(*_is(person_id, character_id)))


async def forget_drafts_of(db: AsyncSession, character_id: int) -> None:
    """The character is gone: so is what anybody, its author or an admin, typed for it."""
    await db.exec(delete(Draft).where(col(Draft.character_id) == character_id))


def _is(person_id: int, character_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Draft.user_id) == person_id, col(Draft.character_id) == known_id(character_id)


async def _check_may_change(db: AsyncSession, person: User, character_id: int) -> None:
    if character_id == NEW:
        return
    character = await db.get(Character, known_id(character_id))
    if character is None or character.deleted_at or not character.may_be_changed_by(person):
        raise NotFound("There is no such character, or it is private.")


async def _forget_oldest(db: AsyncSession, person_id: int) -> None:
    own = col(Draft.user_id) == person_id
    newest = select(Draft.id).where(own).order_by(col(Draft.saved_at).desc(), col(Draft.id).desc()).limit(MOST)
    await db.exec(delete(Draft).where(own, col(Draft.id).not_in(newest)))


def _storable(content: dict[str, Any]) -> dict[str, Any]:
    """The content without what no database takes; refused when it is nothing that a form of ours would send."""
    if _length(content) > LARGEST or not all(fits(field, value) for field, value in content.items()):
        raise _no_draft()
    kept = {field: _cleaned(value) for field, value in content.items()}
    if len(json.dumps(kept, ensure_ascii=False)) > LARGEST:
        raise _no_draft()
    return kept


def _length(content: dict[str, Any]) -> int:
    """Of all its texts; each text of a list counts as one more, however short."""
    lists = (value for value in content.values() if isinstance(value, list))
    texts = [*content.values(), *chain.from_iterable(lists)]
    return len(texts) + sum(len(text) for text in texts if isinstance(text, str))


def _cleaned(value: object) -> object:
    """Texts without NUL and halves of signs; whatever else is wrong with them is told when they are saved."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="ignore").decode()
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def fits(field: str, value: object) -> bool:
    """Whether it is of the kind that a form of ours has in this field."""
    kinds = KINDS.get(field, ())
    if not isinstance(value, kinds) or isinstance(value, bool) != (kinds is SWITCH):
        return False
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return not isinstance(value, float) or isfinite(value)


def _no_draft() -> Invalid:
    return Invalid("This is too much for a draft. Please save it, or shorten the texts.")

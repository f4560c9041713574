"""Drafts (autosave): an author's unsaved changes, kept even if somebody saves the character meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import isfinite
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, UniqueConstraint
from sqlmodel import Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.characters.fields import FIELDS, Kind
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.model.character import Character
from domain.model.user import User
from domain.rate_limits import DRAFT_SAVES, RateLimiter
from storage.columns import clamp_id
from storage.database import Database
from storage.tables import NO_ID_REUSE, Table
from storage.upsert import insert_into

NEW = 0
"""Id that stands for a character that does not exist yet."""
MOST = 20
"""Maximum drafts per user; a further one replaces the oldest."""
LARGEST = 200_000
"""Maximum length of a draft as JSON: more than all fields at their limits."""
BEGAN = "began"
"""Key beside the fields for the values that the changed ones had when the form was opened."""
UNKNOWN: dict[str, Any] = {}
"""Stands for such a value if an earlier release did not store it; no field ever equals it."""

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
"""Types of the values that a draft may hold: the editable fields, each of the type that it has in a character."""


class Draft(Table, table=True):
    """An autosaved form of a user."""

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    character_id: int = NEW
    """No foreign key: a new character has no row to refer to."""
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """The typed values, valid or not, by field names of Character; and `BEGAN`."""
    saved_at: datetime = Field(default_factory=now)

    __table_args__ = (UniqueConstraint("user_id", "character_id"), NO_ID_REUSE)


class Drafts:
    """One draft per user and character. If two tabs save it, each writes the fields that were changed in it, so what
    was typed in the other stays.
    """

    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def save(
        self,
        caller: Caller,
        character_id: int,
        content: dict[str, Any],
        began: Mapping[str, Any] | None = None,
        before: Mapping[str, Any] | None = None,
    ) -> datetime:
        """Save the form's content, valid or not; returns the time of saving.

        `content` maps field names of Character, some or all, to what was typed. `character_id` may be `NEW`. `began`
        holds the values of these fields when the form was opened (`resumed`), `before` those when this form was last
        saved or opened: fields unchanged since are left as another tab saved them. Raises `NotFound` if the user may
        not change the character, `Invalid` for content that our forms never send.
        """
        await self._limits.take(DRAFT_SAVES, caller.user_id)
        saved_at = now()
        whole = _storable(content) | _begun(content, began)
        draft = insert_into(Draft, self._database.dialect).values(
            user_id=caller.user_id, character_id=character_id, content=whole, saved_at=saved_at
        )
        draft = draft.on_conflict_do_update(index_elements=["user_id", "character_id"], set_={"saved_at": saved_at})
        async with self._database.write() as db:
            await _check_may_change(db, await authorize_writer(db, caller), character_id)
            await db.exec(draft)  # from now on the row is locked by us, whoever else saves it
            kept = (await db.exec(select(Draft).where(*_is(caller.user_id, character_id)))).one()
            kept.content = _merged(kept.content, whole, before)
            await _forget_oldest(db, caller.user_id)
        return saved_at

    async def of(self, caller: Caller, character_id: int) -> Draft | None:
        """The user's draft for the character; None if there is none."""
        async with self._database.read() as db:
            await authenticate(db, caller)
            return (await db.exec(select(Draft).where(*_is(caller.user_id, character_id)))).first()

    async def drop(self, caller: Caller, character_id: int, known: Mapping[str, Any] | None = None) -> None:
        """Delete the draft; idempotent. With `known`, only the values that this form knows (`forget_draft`)."""
        async with self._database.write() as db:
            await authenticate(db, caller)
            await forget_draft(db, caller.user_id, character_id, known)


@dataclass(frozen=True)
class ResumedDraft:
    """Initial content of a character's form, by field name."""

    typed: dict[str, Any]
    """Values that the author changed but did not save."""
    began: dict[str, Any]
    """The value of every field that the author has seen: the saved one, except in the fields of `changed_twice`."""
    changed_twice: list[str]
    """Fields in which the author typed something and somebody else saved something else."""


def resumed(draft: Draft | None, character: Character, saved: Mapping[str, Any]) -> ResumedDraft:
    """Lay the draft over `saved`, the current values of the form's fields. Fields that the author did not touch keep
    what has been saved since.
    """
    if draft is None:
        return ResumedDraft({}, dict(saved), [])
    content = draft.content
    seen = content.get(BEGAN)
    if seen is None:
        is_older = character.id is not None and draft.saved_at < character.updated_at
        seen = dict.fromkeys(saved, UNKNOWN) if is_older else saved
    typed = {field: content[field] for field in saved if field in content and content[field] != saved[field]}
    typed = {field: value for field, value in typed.items() if field in seen}
    changed_twice = [field for field in typed if seen[field] != saved[field]]
    return ResumedDraft(typed, {**saved, **{field: seen[field] for field in changed_twice}}, changed_twice)


async def forget_draft(
    db: AsyncSession, person_id: int, character_id: int, known: Mapping[str, Any] | None = None
) -> None:
    """Delete the draft: it was saved or discarded. `known` holds the values that the form last saved as a draft, or was
    opened with: what another tab has typed since stays.
    """
    if known is not None:
        draft = (await db.exec(select(Draft).where(*_is(person_id, character_id)).with_for_update())).first()
        left = _left(draft.content, known) if draft else {}
        if draft and left:
            draft.content = left
            return
    await db.exec(delete(Draft).where(*_is(person_id, character_id)))


async def forget_drafts_of(db: AsyncSession, character_id: int) -> None:
    """Delete every draft for a deleted character, its author's and any admin's."""
    await db.exec(delete(Draft).where(col(Draft.character_id) == character_id))


def _is(person_id: int, character_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Draft.user_id) == person_id, col(Draft.character_id) == clamp_id(character_id)


async def _check_may_change(db: AsyncSession, person: User, character_id: int) -> None:
    if character_id == NEW:
        return
    character = await db.get(Character, clamp_id(character_id))
    if character is None or character.deleted_at or not character.may_be_changed_by(person):
        raise NotFound("This character doesn't exist or is private.")


async def _forget_oldest(db: AsyncSession, person_id: int) -> None:
    own = col(Draft.user_id) == person_id
    newest = select(Draft.id).where(own).order_by(col(Draft.saved_at).desc(), col(Draft.id).desc()).limit(MOST)
    await db.exec(delete(Draft).where(own, col(Draft.id).not_in(newest)))


def _begun(content: Mapping[str, Any], began: Mapping[str, Any] | None) -> dict[str, Any]:
    if began is None:
        return {}
    return {BEGAN: {field: began[field] for field, value in content.items() if began.get(field, value) != value}}


def _merged(kept: dict[str, Any], typed: dict[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The kept draft, with what was typed since `before`. Both hold `BEGAN` if the character exists."""
    if before is None or (BEGAN in typed) != (BEGAN in kept):
        return typed
    own = {
        field for field in typed.keys() - {BEGAN} if field not in kept or typed[field] != _cleaned(before.get(field))
    }
    merged = kept | {field: typed[field] for field in own}
    if _length(merged) > LARGEST:
        raise _no_draft()
    if BEGAN in typed:
        agreed = {field for field, value in typed.items() if merged[field] == value}
        theirs = {field: said for field, said in kept[BEGAN].items() if field not in agreed}
        merged[BEGAN] = theirs | {field: said for field, said in typed[BEGAN].items() if field in agreed}
    return merged


def _left(kept: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The kept draft's values that differ from `known`, those of the form; empty if there are none."""
    typed = kept.get(BEGAN, kept)
    left = {field: kept[field] for field in typed if kept[field] != _cleaned(known.get(field))}
    return left | {BEGAN: {field: typed[field] for field in left}} if left and BEGAN in kept else left


def _storable(content: dict[str, Any]) -> dict[str, Any]:
    """The content, without characters that databases refuse. Raises `Invalid` for content that our forms never send."""
    if _length(content) > LARGEST or not all(fits(field, value) for field, value in content.items()):
        raise _no_draft()
    kept = {field: _cleaned(value) for field, value in content.items()}
    if len(json.dumps(kept, ensure_ascii=False)) > LARGEST:
        raise _no_draft()
    return kept


def _length(content: dict[str, Any]) -> int:
    """The length of all texts, plus one for each field and each item of a list, however short."""
    lists = (value for value in content.values() if isinstance(value, list))
    texts = [*content.values(), *chain.from_iterable(lists)]
    return len(texts) + sum(len(text) for text in texts if isinstance(text, str))


def _cleaned(value: object) -> object:
    """Texts without NUL and lone surrogates; anything else that is wrong is reported on saving."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="ignore").decode()
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def fits(field: str, value: object) -> bool:
    """Whether the value has the type that our forms send for this field."""
    kinds = KINDS.get(field, ())
    if not isinstance(value, kinds) or isinstance(value, bool) != (kinds is SWITCH):
        return False
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return not isinstance(value, float) or isfinite(value)


def _no_draft() -> Invalid:
    return Invalid("This is too much for a draft. Save the character or shorten the texts.")

"""Admin list of characters: filtered, sorted and paginated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Index, func, or_
from sqlmodel import col

from domain.accounts.sessions import Caller, authorize_admin
from domain.model.character import NAME_LIMIT, AgeMark, Character
from domain.model.user import User
from domain.moderation.reports import Report, ReportState
from domain.paging import PAGE, Page, Question, columns, read_page, typed_id
from domain.text import without_unstorable
from storage.database import Database
from storage.text_search import fold

_ROWS = Character.metadata.tables["character"]
# Indexes for the sort orders of the list.
Index("ix_character_name_key_id", _ROWS.c.name_key, _ROWS.c.id)
Index("ix_character_talks_id", _ROWS.c.talks, _ROWS.c.id)
Index("ix_character_updated_at_id", _ROWS.c.updated_at, _ROWS.c.id)
OPEN = (ReportState.OPEN, ReportState.POSTPONED)


class CharacterState(StrEnum):
    """The most severe measure in force, as stored in the character's row."""

    FREE = "free"
    HIDDEN = "hidden"
    TO_MEND = "to_mend"
    BLOCKED = "blocked"


class CharacterOrder(StrEnum):
    MADE = "id"
    NAME = "name_key"
    TALKS = "talks"
    UPDATED = "updated_at"


@dataclass(frozen=True)
class CharacterFilter:
    """Filters of the list; an omitted one does not restrict. `since` is inclusive, `until` exclusive."""

    words: str = ""
    """Prefix of the name, or the id."""
    author_id: int | None = None
    state: CharacterState | None = None
    is_public: bool | None = None
    age_mark: AgeMark | None = None
    has_reports: bool = False
    """Only characters with open reports."""
    made_since: datetime | None = None
    made_until: datetime | None = None


@dataclass(frozen=True)
class CharacterRow:
    """A row of the list. `reports` are the open ones."""

    id: int
    name: str
    picture_token: str | None
    portrait: int
    author_id: int
    author: str
    age_mark: AgeMark
    is_public: bool
    state: CharacterState
    talks: int
    reports: int
    created_at: datetime
    updated_at: datetime


class AdminCharacters:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        caller: Caller,
        sought: CharacterFilter | None = None,
        order: CharacterOrder = CharacterOrder.UPDATED,
        *,
        descending: bool = True,
        after: str = "",
        limit: int = PAGE,
    ) -> Page[CharacterRow]:
        """Characters that are not deleted; keyset pagination: `after` is the `next` of the previous page."""
        sought = sought or CharacterFilter()
        found_by: Question = sqlalchemy.select(
            col(Character.id).label("id"), col(getattr(Character, order)).label("place")
        )
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return await read_page(
                db,
                found_by.where(*_conditions(sought)),
                _rows(),
                _character_row,
                is_narrowed=sought != CharacterFilter(),
                descending=descending,
                after=after,
                limit=limit,
            )


def character_state(character: Character) -> CharacterState:
    return _state(blocked=character.is_blocked, to_mend=character.is_to_mend, hidden=character.is_hidden)


def _state(*, blocked: bool, to_mend: bool, hidden: bool) -> CharacterState:
    if blocked:
        return CharacterState.BLOCKED
    if to_mend:
        return CharacterState.TO_MEND
    return CharacterState.HIDDEN if hidden else CharacterState.FREE


def _conditions(sought: CharacterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Character.deleted_at).is_(None)]
    if words := sought.words.strip():
        conditions.append(_called(words))
    for column, wanted in (
        (col(Character.owner_id), sought.author_id),
        (col(Character.is_public), sought.is_public),
        (col(Character.age_mark), sought.age_mark),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if sought.state is not None:
        conditions += _in_state(sought.state)
    if sought.has_reports:
        reported = sqlalchemy.select(col(Report.character_id)).where(col(Report.state).in_(OPEN))
        conditions.append(col(Character.id).in_(reported))
    if sought.made_since:
        conditions.append(col(Character.created_at) >= sought.made_since)
    if sought.made_until:
        conditions.append(col(Character.created_at) < sought.made_until)
    return conditions


def _in_state(state: CharacterState) -> Sequence[ColumnElement[bool]]:
    """Conditions: that measure is in force and none more severe."""
    flags = [col(flag).is_(True) for flag in (Character.is_blocked, Character.is_to_mend, Character.is_hidden)]
    graver = list(reversed(CharacterState)).index(state)
    return [~flag for flag in flags[:graver]] + flags[graver : graver + 1]


def _called(words: str) -> ColumnElement[bool]:
    begins = col(Character.name_key).startswith(fold(without_unstorable(words[:NAME_LIMIT])), autoescape=True)
    number = typed_id(words)
    return begins if number is None else or_(begins, col(Character.id) == number)


def _rows() -> Question:
    reports = sqlalchemy.select(func.count()).where(
        col(Report.character_id) == col(Character.id), col(Report.state).in_(OPEN)
    )
    return columns(
        id=col(Character.id),
        name=col(Character.name),
        picture_token=col(Character.picture_token),
        portrait=col(Character.portrait),
        author_id=col(Character.owner_id),
        author=col(User.display_name),
        age_mark=col(Character.age_mark),
        is_public=col(Character.is_public),
        is_blocked=col(Character.is_blocked),
        is_to_mend=col(Character.is_to_mend),
        is_hidden=col(Character.is_hidden),
        talks=col(Character.talks),
        reports=reports.correlate(Character).scalar_subquery(),
        created_at=col(Character.created_at),
        updated_at=col(Character.updated_at),
    ).join_from(Character, User, col(User.id) == col(Character.owner_id))


def _character_row(*, is_blocked: bool, is_to_mend: bool, is_hidden: bool, **columns: Any) -> CharacterRow:
    return CharacterRow(state=_state(blocked=is_blocked, to_mend=is_to_mend, hidden=is_hidden), **columns)

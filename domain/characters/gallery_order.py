"""Sort orders of the gallery, and its cursors."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlmodel import SQLModel

from domain import paging
from domain.errors import Invalid
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.paging import Cursor

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Sort(StrEnum):
    POPULAR = "popular"  # by the number of users who talked with it within a week
    NEW = "new"
    RATING = "rating"
    NAME = "name"
    RECENT = "recent"  # by the time of the user's last conversation with it


COLUMNS = {Sort.POPULAR: "talkers", Sort.NEW: "id", Sort.RATING: "score", Sort.NAME: "name_key"}
CHARACTERS, DIALOGS = (SQLModel.metadata.tables[str(noun.__tablename__)] for noun in (Character, Dialog))


def key_of(sort: Sort, person_id: int) -> ColumnElement[Any]:
    """The sort key; ties are broken by id."""
    if sort is Sort.RECENT:
        moment = DIALOGS.c.spoken_at
        last = select(func.max(moment)).where(DIALOGS.c.user_id == person_id, DIALOGS.c.deleted_at.is_(None))
        with_this = last.where(DIALOGS.c.character_id == CHARACTERS.c.id).correlate(CHARACTERS).scalar_subquery()
        return func.coalesce(with_this, literal(LONG_AGO, moment.type))
    return CHARACTERS.c[COLUMNS[sort]]


def goes_up(sort: Sort) -> bool:
    """Ascending, from A to Z; all other orders are descending."""
    return sort is Sort.NAME


def decode_cursor(cursor: str | None, sort: Sort) -> Cursor | None:
    """Decode a cursor; None if it is not valid for this sort order: the list then starts at the beginning."""
    if not cursor:
        return None
    try:
        return paging.place_of(cursor, key_of(sort, person_id=0).type, sort)
    except Invalid:
        return None

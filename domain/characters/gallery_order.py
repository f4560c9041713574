"""Keyset pagination of the gallery: the sort orders, and the cursor from which a list continues.

A page continues after a key and not at an offset: the thousandth page costs as much as the first, and characters added
meanwhile shift nothing.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlmodel import SQLModel

from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.text import storable
from storage.columns import LARGEST_ID

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Key = int | float | str | datetime


class Sort(StrEnum):
    POPULAR = "popular"  # by how many users talked with it within a week
    NEW = "new"
    RATING = "rating"
    NAME = "name"
    RECENT = "recent"  # by when the user last talked with it


COLUMNS = {Sort.POPULAR: "talkers", Sort.NEW: "id", Sort.RATING: "score", Sort.NAME: "name_key"}
CHARACTERS, DIALOGS = (SQLModel.metadata.tables[str(noun.__tablename__)] for noun in (Character, Dialog))


@dataclass(frozen=True)
class Place:
    """The cursor's content: `step` of the search (the best hits are 0), the sort key and the id of the last row."""

    step: int
    key: Key
    id: int


def key_of(sort: Sort, person_id: int) -> ColumnElement[Any]:
    """The sort key, before the id."""
    if sort is Sort.RECENT:
        moment = DIALOGS.c.spoken_at
        last = select(func.max(moment)).where(DIALOGS.c.user_id == person_id, DIALOGS.c.deleted_at.is_(None))
        with_this = last.where(DIALOGS.c.character_id == CHARACTERS.c.id).correlate(CHARACTERS).scalar_subquery()
        return func.coalesce(with_this, literal(LONG_AGO, moment.type))
    return CHARACTERS.c[COLUMNS[sort]]


def goes_up(sort: Sort) -> bool:
    """Ascending, from A to Z; all other orders are descending."""
    return sort is Sort.NAME


def behind(sort: Sort, key: ColumnElement[Any], place: Place) -> ColumnElement[bool]:
    """Condition: the character comes after the cursor."""
    here, there = tuple_(key, CHARACTERS.c.id), tuple_(literal(place.key, key.type), literal(place.id))
    return here > there if goes_up(sort) else here < there


def cursor_at(place: Place, sort: Sort) -> str:
    """Encode a cursor: opaque to the client, and only valid for the sort order it was made for."""
    key = place.key.isoformat() if isinstance(place.key, datetime) else place.key
    return base64.urlsafe_b64encode(json.dumps([sort, place.step, key, place.id]).encode()).decode().rstrip("=")


def place_of(cursor: str | None, sort: Sort) -> Place | None:
    """Decode a cursor; None if it is not valid for this sort order: the list then starts at the beginning."""
    if not cursor:
        return None
    try:
        made_for, step, key, character_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if made_for != sort or not (_is_number(step, 100) and _is_number(character_id, LARGEST_ID)):
            return None
        return Place(step, _key_read(sort, key), character_id)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _key_read(sort: Sort, key: Any) -> Key:
    """The key in the column's type; raises `ValueError` or `TypeError` for what it cannot hold."""
    match sort:
        case Sort.POPULAR | Sort.NEW if _is_number(key, LARGEST_ID):
            return int(key)
        case Sort.RATING if isinstance(key, float) and math.isfinite(key):
            return key
        case Sort.NAME if isinstance(key, str) and key == storable(key):
            return key
        case Sort.RECENT if isinstance(key, str):
            return datetime.fromisoformat(key).astimezone(UTC)
    raise ValueError("no key of this order")


def _is_number(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most

"""Keyset pagination: a page continues after the last row of the previous one, so the thousandth page costs as much as
the first, and rows added meanwhile shift nothing.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar

import sqlalchemy
from sqlalchemy import BigInteger, ColumnElement, Float, Integer, Select, and_, func, tuple_
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeEngine
from sqlmodel import UTCDateTime, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.errors import Invalid
from domain.text import without_unstorable
from storage.columns import LARGEST_ID, clamp_id

PAGE = 50
MOST_COUNTED = 1_000
"""Maximum count that is shown; a higher one appears as "more than", since counting on costs more than it is worth."""

LARGEST_COUNT = 2**63 - 1
MOST_STEPS = 100
SURROGATES = range(0xD800, 0xE000)

Row = TypeVar("Row")
Question: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`next` is the cursor to pass as `after` for the next page; empty on the last one.

    `count` is the number of rows on all pages, in the same snapshot; `MOST_COUNTED` + 1 for more than that.
    """

    rows: list[Row]
    next: str = ""
    count: int = 0


@dataclass(frozen=True)
class Cursor:
    """A position between two rows: the value that the list is sorted by, and the id as tie-breaker.

    `step` comes before both, for a search by relevance: its best hits are 0.
    """

    value: Any
    id: int
    step: int = 0


def cursor_at(place: Cursor, order: str = "") -> str:
    """Encode a cursor: opaque to the client, and only valid for the sort order it was made for."""
    value = place.value.isoformat() if isinstance(place.value, datetime) else place.value
    content = json.dumps([order, place.step, value, place.id]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def place_of(cursor: str, column: TypeEngine[Any], order: str = "") -> Cursor:
    """Decode a cursor; `column` is the type of the value. Raises `Invalid` unless it is a cursor of this sort order."""
    try:
        made_for, step, value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(column, UTCDateTime):
            value = _moment(value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _no_such_page() from error
    is_place = _is_number(step, MOST_STEPS) and _is_held(value, column) and _is_number(row_id, LARGEST_ID)
    if made_for != order or not is_place:
        raise _no_such_page()
    return Cursor(value, row_id, step)


def behind(
    place: Cursor, column: ColumnElement[Any], row_id: ColumnElement[int], *, descending: bool
) -> ColumnElement[bool]:
    """Condition: the row comes after the place."""
    here, there = tuple_(column, row_id), tuple_(place.value, place.id, types=[column.type, row_id.type])
    return here < there if descending else here > there


async def read_page(
    db: AsyncSession,
    sought: Question,
    rows: Question,
    line: Callable[..., Row],
    *,
    is_narrowed: bool,
    descending: bool,
    after: str,
    limit: int,
) -> Page[Row]:
    """Read a page of `sought`, a query with columns "id" and "place", which the list is sorted by.

    `rows` is a query for the named columns of a line (`columns`), the same "id" among them; `line` makes a line of
    these names. `is_narrowed` says that few rows may match: they are then gathered first and sorted afterwards, since
    otherwise the index of the sort order would be read from end to end for them. Raises `Invalid` for an `after` that
    is no cursor.
    """
    count = await capped_count(db, sought)
    if is_narrowed and count <= MOST_COUNTED:
        gathered = sought.limit(MOST_COUNTED + 1).subquery()
        sought = sqlalchemy.select(gathered.c.id, gathered.c.place)
    here = _in_order(sought, after, descending=descending, limit=limit).subquery()
    ways = (here.c.place.desc(), here.c.id.desc()) if descending else (here.c.place, here.c.id)
    named = rows.add_columns(here.c.place).join(here, here.c.id == rows.selected_columns["id"]).order_by(*ways)
    found = [dict(row) for row in (await (await db.connection()).execute(named)).mappings()]
    places = [Cursor(row.pop("place"), row["id"]) for row in found]
    next_one = cursor_at(places[limit - 1]) if len(found) > limit else ""
    return Page([line(**row) for row in found[:limit]], next_one, count)


def newest_first(
    question: SelectOfScalar[Row], row_id: Mapped[int], before: int | None, limit: int
) -> SelectOfScalar[Row]:
    """A page of a list that is sorted by id alone; `before` is the last id of the previous page."""
    if before is not None:
        question = question.where(row_id < clamp_id(before))
    return question.order_by(row_id.desc()).limit(limit)


def columns(**named: Any) -> Question:
    """A query for columns under the names that its reader uses: a line is made by name, never by position."""
    return sqlalchemy.select(*(column.label(name) for name, column in named.items()))


def _in_order(sought: Question, after: str, *, descending: bool, limit: int) -> Question:
    """The rows after the cursor `after` ("": from the beginning), one more than `limit` to see whether there is a next
    page.
    """
    row_id, order = sought.selected_columns
    if after:
        sought = sought.where(behind(place_of(after, order.type), order, row_id, descending=descending))
    ways = (order.desc(), row_id.desc()) if descending else (order, row_id)
    return sought.order_by(*ways).limit(limit + 1)


async def capped_count(db: AsyncSession, question: Question) -> int:
    """The number of rows of the query, `MOST_COUNTED` + 1 if there are more."""
    counted = question.limit(MOST_COUNTED + 1).subquery()
    return int((await db.exec(select(func.count()).select_from(counted))).one())


def begins_with(column: Mapped[str], words: str) -> ColumnElement[bool]:
    """Prefix search on a text collated by code points: one range of its index."""
    if not words:
        return column == ""
    last = ord(words[-1]) + 1
    if SURROGATES.start <= last < SURROGATES.stop:
        last = SURROGATES.stop
    if last > sys.maxunicode:
        return column >= words
    return and_(column >= words, column < words[:-1] + chr(last))


def typed_id(words: str) -> int | None:
    """The id, if that is what somebody typed into a list's search field."""
    return clamp_id(int(words[:12])) if words.isascii() and words.isdigit() else None


def _is_held(value: object, column: TypeEngine[Any]) -> bool:
    """Whether a column of that type can hold the value on both databases."""
    if isinstance(column, Integer):
        return _is_number(value, LARGEST_COUNT if isinstance(column, BigInteger) else LARGEST_ID)
    if isinstance(column, Float):
        return isinstance(value, float) and math.isfinite(value)
    if isinstance(column, UTCDateTime):
        return isinstance(value, datetime)
    return isinstance(value, str) and value == without_unstorable(value)


def _is_number(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("nobody can say when that is")
    return moment.astimezone(UTC)


def _no_such_page() -> Invalid:
    return Invalid("This list has no such page.")

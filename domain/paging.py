"""Keyset pagination: a page continues after the last row of the previous one, so the thousandth page costs as much as
the first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar

import sqlalchemy
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, func, tuple_
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeEngine
from sqlmodel import UTCDateTime, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Invalid
from domain.text import storable
from storage.columns import LARGEST_ID

PAGE = 50
MOST_COUNTED = 1_000
"""Above it the count is shown as "more than": counting on would cost more than the number is worth."""

LARGEST_COUNT = 2**63 - 1
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
class Place:
    """A position between two rows (the cursor): the value that the list is sorted by, and the id as tie-breaker."""

    value: Any
    id: int

    def __str__(self) -> str:
        return json.dumps([self.value.isoformat() if isinstance(self.value, datetime) else self.value, self.id])


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

    `rows` asks for what stands in a line, by name (`columns`), among it the same "id"; `line` is called with these
    names and makes one of it. `is_narrowed` says that few rows may be meant: then they are gathered first and put in
    order after, or else the index of the order would be read from one end to the other for them. Raises `Invalid` for
    an `after` that is none.
    """
    count = await capped_count(db, sought)
    if is_narrowed and count <= MOST_COUNTED:
        gathered = sought.limit(MOST_COUNTED + 1).subquery()
        sought = sqlalchemy.select(gathered.c.id, gathered.c.place)
    here = _in_order(sought, after, descending=descending, limit=limit).subquery()
    ways = (here.c.place.desc(), here.c.id.desc()) if descending else (here.c.place, here.c.id)
    named = rows.add_columns(here.c.place).join(here, here.c.id == rows.selected_columns["id"]).order_by(*ways)
    found = [dict(row) for row in (await (await db.connection()).execute(named)).mappings()]
    places = [Place(row.pop("place"), row["id"]) for row in found]
    next_one = str(places[limit - 1]) if len(found) > limit else ""
    return Page([line(**row) for row in found[:limit]], next_one, count)


def columns(**named: Any) -> Question:
    """A question for columns by the names that its reader uses: a line is made by name, never by position."""
    return sqlalchemy.select(*(column.label(name) for name, column in named.items()))


def _in_order(sought: Question, after: str, *, descending: bool, limit: int) -> Question:
    """The rows after the cursor `after` ("": from the beginning), one more than `limit` to see whether there is a next
    page.
    """
    row_id, order = sought.selected_columns
    if after:
        place = _read(after, order.type)
        here, there = tuple_(order, row_id), tuple_(place.value, place.id, types=[order.type, row_id.type])
        sought = sought.where(here < there if descending else here > there)
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


def _read(text: str, order: TypeEngine[Any]) -> Place:
    kind = datetime if isinstance(order, UTCDateTime) else order.python_type
    try:
        value, row_id = json.loads(text)
        place = Place(_moment(value) if kind is datetime else value, row_id)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _no_such_page() from error
    if not isinstance(place.value, kind) or not _is_held(place.value, order) or not _is_held(row_id, Integer()):
        raise _no_such_page()
    return place


def _is_held(value: object, order: TypeEngine[Any]) -> bool:
    """Whether a column of that type can hold the value on both databases."""
    if isinstance(value, str):
        return value == storable(value)
    if isinstance(order, Integer):
        return type(value) is int and 0 <= value <= (LARGEST_COUNT if isinstance(order, BigInteger) else LARGEST_ID)
    return True


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("nobody can say when that is")
    return moment.astimezone(UTC)


def _no_such_page() -> Invalid:
    return Invalid("There is no such page in this list.")

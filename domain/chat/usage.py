"""What the model used: one row for each hour, person, character and model, written in the transaction of a reply's end.

By the hour, since a day begins at another moment in each time zone: the days of whoever looks are sums of hours. Each
row is one person's, so that replies that end at the same moment do not wait for one another.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, Insert, bindparam, update
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.dialog import Dialog
from domain.clock import now
from storage.tables import Table
from storage.upsert import DIALECTS, Upsert, insert_into

HOUR = timedelta(hours=1)
NO_CHARACTER = 0
"""Stands where the model helped an author to write (domain/characters/writing_help.py): that is nobody's reply."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Usage(Table, table=True):
    hour: int = Field(primary_key=True)
    """In which the replies ended: hours since 1970, UTC."""
    user_id: int = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    character_id: int = Field(primary_key=True)
    """Of a character, which may be gone, or `NO_CHARACTER`."""
    model: str = Field(primary_key=True, max_length=128)
    replies: int = 0
    """Asked for, however they ended."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = Field(default=0, sa_type=BigInteger)
    """Millionths of a rouble, at the prices of that hour."""
    failed: int = 0
    """Ended by a fault, after some text or before any."""
    filtered: int = 0

    __table_args__ = (
        Index("ix_usage_user_id_hour", "user_id", "hour"),
        Index("ix_usage_character_id_hour", "character_id", "hour"),
        {"sqlite_with_rowid": False},  # rows lie in the order of the hours, and are read so
    )


def hour_of(moment: datetime) -> int:
    """The hour the moment lies in."""
    return (moment - EPOCH) // HOUR


def hour_begins(hour: int) -> datetime:
    return EPOCH + hour * HOUR


@dataclass(frozen=True)
class Used:
    """By one reply, or by going on with one. `cost` in millionths of a rouble, 0 where no price is known."""

    model: str
    tokens_in: int
    tokens_out: int
    cost: int
    failed: int
    filtered: int
    """The last two are 1 or 0."""


async def add_usage(db: AsyncSession, dialog_id: int, user_id: int, character_id: int, used: Used) -> None:
    """Count a reply that ends in this transaction, for its hour and for its dialog."""
    about = {"hour": hour_of(now()), "user_id": user_id, "character_id": character_id, "replies": 1}
    await add_counts(db, [about | asdict(used)])
    added = {"more": used.tokens_in + used.tokens_out, "paid": used.cost, "faulty": used.failed + used.filtered}
    await (await db.connection()).execute(_COUNT_FOR_DIALOG, {"row": dialog_id} | added)


async def add_help(db: AsyncSession, user_id: int, used: Used) -> None:
    """Count what the model read and wrote to help an author, which is no reply."""
    about = {"hour": hour_of(now()), "user_id": user_id, "character_id": NO_CHARACTER, "replies": 0}
    await add_counts(db, [about | asdict(used)])


async def add_counts(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Add rows with every column of `Usage` to what is counted for their hours already."""
    connection = await db.connection()
    await connection.execute(_COUNT[connection.dialect.name], rows)


# Built once, and without the ORM: each reply executes them.
_ROWS = Usage.metadata.tables["usage"]
_KEYS = [column.name for column in _ROWS.primary_key]
_COUNTS = ["replies", "tokens_in", "tokens_out", "cost", "failed", "filtered"]


def _counting(row: Upsert) -> Insert:
    row = row.values({name: bindparam(name, type_=_ROWS.c[name].type) for name in [*_KEYS, *_COUNTS]})
    more = {name: _ROWS.c[name] + row.excluded[name] for name in _COUNTS}
    return row.on_conflict_do_update(index_elements=_KEYS, set_=more)


_COUNT = {dialect: _counting(insert_into(_ROWS, dialect)) for dialect in DIALECTS}
_DIALOGS = Dialog.metadata.tables["dialog"]
_COUNT_FOR_DIALOG = (
    update(_DIALOGS)
    .where(_DIALOGS.c.id == bindparam("row"))
    .values(
        tokens=_DIALOGS.c.tokens + bindparam("more"),
        cost=_DIALOGS.c.cost + bindparam("paid"),
        faults=_DIALOGS.c.faults + bindparam("faulty"),
    )
)

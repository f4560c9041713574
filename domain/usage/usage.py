"""Usage metering: one row per hour, user, character and model, written in the transaction that ends a reply.

By the hour, since days differ between time zones: a reader's days are sums of hours. Each row belongs to one user, so
that replies ending at the same moment do not wait for each other's row lock.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, Insert, bindparam, update
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.model.dialog import Dialog
from storage.tables import Table
from storage.upsert import DIALECTS, Upsert, insert_into

HOUR = timedelta(hours=1)
NO_CHARACTER = 0
"""Character id of writing help (domain/characters/writing_help.py), which is nobody's reply."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Usage(Table, table=True):
    """Metered usage of one hour, user, character and model."""

    hour: int = Field(primary_key=True)
    """Hour in which the replies ended: hours since 1970, UTC."""
    user_id: int = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    character_id: int = Field(primary_key=True)
    """Id of the character, which may no longer exist, or `NO_CHARACTER`."""
    model: str = Field(primary_key=True, max_length=128)
    replies: int = 0
    """Number of replies requested, however they ended."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = Field(default=0, sa_type=BigInteger)
    """In millionths of a rouble, at the prices of that hour."""
    failed: int = 0
    """Number of replies that failed, after some text or before any."""
    filtered: int = 0
    memory_tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    memory_cost: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """The tokens and cost of dialogs' memory, part of the sums above."""

    __table_args__ = (
        Index("ix_usage_user_id_hour", "user_id", "hour"),
        Index("ix_usage_character_id_hour", "character_id", "hour"),
        {"sqlite_with_rowid": False},  # rows are stored in the order of the hours, in which they are read
    )


def hour_of(moment: datetime) -> int:
    """The hour the moment lies in."""
    return (moment - EPOCH) // HOUR


def hour_begins(hour: int) -> datetime:
    return EPOCH + hour * HOUR


@dataclass(frozen=True)
class Used:
    """The usage of one reply or continuation. `cost` in millionths of a rouble, 0 if no price is known."""

    model: str
    tokens_in: int
    tokens_out: int
    cost: int
    failed: int
    filtered: int
    """`failed` and `filtered` are 1 or 0."""


async def add_usage(db: AsyncSession, dialog_id: int, user_id: int, character_id: int, used: Used) -> None:
    """Add the usage of a reply that ends in this transaction to its hour and its dialog."""
    about = {"hour": hour_of(now()), "user_id": user_id, "character_id": character_id, "replies": 1}
    await add_counts(db, [about | asdict(used)])
    added = {"more": used.tokens_in + used.tokens_out, "paid": used.cost, "faulty": used.failed + used.filtered}
    await (await db.connection()).execute(_COUNT_FOR_DIALOG, {"row": dialog_id} | added)


async def add_memory(db: AsyncSession, dialog_id: int, user_id: int, character_id: int, used: Used) -> None:
    """Add the usage of a dialog's memory, which does not count as a reply, to its hour and its dialog."""
    tokens, about = used.tokens_in + used.tokens_out, {"hour": hour_of(now()), "user_id": user_id}
    of_memory = {"character_id": character_id, "replies": 0, "memory_tokens": tokens, "memory_cost": used.cost}
    await add_counts(db, [about | of_memory | asdict(used)])
    added = {"more": tokens, "paid": used.cost}
    await (await db.connection()).execute(_COUNT_MEMORY_FOR_DIALOG, {"row": dialog_id} | added)


async def add_help(db: AsyncSession, user_id: int, used: Used) -> None:
    """Add the usage of writing help, which does not count as a reply."""
    about = {"hour": hour_of(now()), "user_id": user_id, "character_id": NO_CHARACTER, "replies": 0}
    await add_counts(db, [about | asdict(used)])


async def add_counts(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Add rows with every column of `Usage`, those of memory where it took part, to the existing counts of their hours
    (upsert).
    """
    connection = await db.connection()
    await connection.execute(_COUNT[connection.dialect.name], [_NO_MEMORY | row for row in rows])


# Compiled once, and without the ORM: each reply executes them.
_ROWS = Usage.metadata.tables["usage"]
_KEYS = [column.name for column in _ROWS.primary_key]
_COUNTS = ["replies", "tokens_in", "tokens_out", "cost", "failed", "filtered", "memory_tokens", "memory_cost"]
_NO_MEMORY = {"memory_tokens": 0, "memory_cost": 0}


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
_COUNT_MEMORY_FOR_DIALOG = (
    update(_DIALOGS)
    .where(_DIALOGS.c.id == bindparam("row"))
    .values(
        tokens=_DIALOGS.c.tokens + bindparam("more"),
        cost=_DIALOGS.c.cost + bindparam("paid"),
        memory_tokens=_DIALOGS.c.memory_tokens + bindparam("more"),
        memory_cost=_DIALOGS.c.memory_cost + bindparam("paid"),
    )
)

"""Top lists (leaderboards): users and characters by usage, from daily totals, and from hourly rows at both ends of a
period.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import BigInteger, Index, func
from sqlmodel import Field, col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.model.character import Character
from domain.model.user import User
from domain.usage.usage import NO_CHARACTER, Usage
from storage.tables import Table

HOURS_A_DAY = 24
TOP = 10


class PersonDay(Table, table=True):
    """A user's total of a UTC day, once it is over."""

    __tablename__ = "person_day"

    day: int = Field(primary_key=True)
    """Days since 1970."""
    user_id: int = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    replies: int
    tokens: int = Field(sa_type=BigInteger)
    cost: int = Field(sa_type=BigInteger)

    __table_args__ = (Index("ix_person_day_user_id", "user_id"), {"sqlite_with_rowid": False})


class CharacterDay(Table, table=True):
    """A character's total of a UTC day, once it is over."""

    __tablename__ = "character_day"

    day: int = Field(primary_key=True)
    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE")
    replies: int
    tokens: int = Field(sa_type=BigInteger)
    cost: int = Field(sa_type=BigInteger)

    __table_args__ = (Index("ix_character_day_character_id", "character_id"), {"sqlite_with_rowid": False})


class Rank(StrEnum):
    """The total by which characters and users are ranked."""

    REPLIES = "replies"
    TOKENS = "tokens"
    COST = "cost"


@dataclass(frozen=True)
class Top:
    """A user or character with their total of a period. `cost` in millionths of a rouble."""

    id: int
    name: str
    replies: int
    tokens: int
    cost: int


async def store_day(db: AsyncSession, day: int) -> None:
    """Store the totals of a day whose last hour is over, in the transaction that stores this hour."""
    hours = range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY)
    for table, whose, noun in ((PersonDay, Usage.user_id, User), (CharacterDay, Usage.character_id, Character)):
        there = col(whose).in_(sqlalchemy.select(col(noun.id)))
        sums = _of_hours(whose, hours, sqlalchemy.literal(day)).where(there)
        rows = table.metadata.tables[str(table.__tablename__)]
        await (await db.connection()).execute(rows.insert().from_select(list(rows.columns.keys()), sums))


async def delete_days(db: AsyncSession, first: int) -> None:
    """Delete the totals of a day and those after it, which are to be recomputed."""
    for table in (PersonDay, CharacterDay):
        rows = table.metadata.tables[str(table.__tablename__)]
        await (await db.connection()).execute(rows.delete().where(rows.c.day >= first))


async def top_people(db: AsyncSession, hours: range, kept_until: int, rank: Rank) -> list[Top]:
    """The top ten of these hours; for those up to `kept_until` the daily totals are stored."""
    return await _top(db, (PersonDay, Usage.user_id, User.display_name), hours, kept_until, rank)


async def top_characters(db: AsyncSession, hours: range, kept_until: int, rank: Rank) -> list[Top]:
    return await _top(db, (CharacterDay, Usage.character_id, Character.name), hours, kept_until, rank)


async def _top(db: AsyncSession, what: tuple[Any, Any, Any], hours: range, kept_until: int, rank: Rank) -> list[Top]:
    table, whose, name = what
    first, end = -(-hours.start // HOURS_A_DAY), min(hours.stop, kept_until + 1) // HOURS_A_DAY
    if first < end:
        whole = sqlalchemy.select(
            col(getattr(table, whose.key)).label("id"), col(table.replies), col(table.tokens), col(table.cost)
        ).where(col(table.day).between(first, end - 1))
        before = _of_hours(whose, range(hours.start, first * HOURS_A_DAY))
        after = _of_hours(whose, range(end * HOURS_A_DAY, hours.stop))
        parts = sqlalchemy.union_all(whole, before, after).subquery()
    else:
        parts = _of_hours(whose, hours).subquery()
    sums = {each: func.sum(parts.c[each]).label(each) for each in Rank}
    first_ones = sqlalchemy.select(parts.c.id, *sums.values()).group_by(parts.c.id)
    ten = first_ones.order_by(sums[rank].desc(), parts.c.id).limit(TOP).subquery()
    found = await (await db.connection()).execute(
        sqlalchemy.select(ten.c.id, col(name), ten.c.replies, ten.c.tokens, ten.c.cost)
        .join_from(ten, name.class_, col(name.class_.id) == ten.c.id)
        .order_by(ten.c[rank].desc(), ten.c.id)
    )
    return [Top(each, called, *map(int, counts)) for each, called, *counts in found]


def _of_hours(whose: Any, hours: range, *before: Any) -> Any:
    tokens = col(Usage.tokens_in) + col(Usage.tokens_out)
    sums = (func.sum(col(Usage.replies)), func.sum(tokens), func.sum(col(Usage.cost)))
    named = (each.label(name) for each, name in zip(sums, Rank, strict=True))
    by = col(whose) + 0  # otherwise SQLite would scan the whole index by this column to avoid sorting a few rows
    question = sqlalchemy.select(*before, by.label("id"), *named)
    within = col(Usage.hour).between(hours.start, hours.stop - 1)
    if whose is Usage.user_id:
        question = question.where(col(whose).not_in(sqlalchemy.select(col(User.id)).where(sqlalchemy.text("is_trial"))))
    return question.where(within, col(whose) != NO_CHARACTER).group_by(by)

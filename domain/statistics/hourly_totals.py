"""Hourly totals (metrics): the numbers that charts and tiles are summed from.

A row is written once its hour is over (domain/statistics/roll_up.py) and never again: deleting an account later leaves
the totals unchanged. Only `main.py demo`, which adds to past hours, has them recomputed. Days are sums of hours, so
that they begin in the reader's time zone; in the few time zones that are off by half an hour, an hour belongs to the
day in which it begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import BigInteger, ColumnElement, LargeBinary, func
from sqlmodel import Field, col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.statistics.latency_histogram import histogram
from domain.statistics.packed_ints import packed
from domain.usage.usage import Usage, hour_begins
from storage.moments import HourBucket
from storage.tables import Table


class HourTotal(Table, table=True):
    __tablename__ = "hour_total"

    hour: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Hours since 1970, UTC, as in domain/usage/usage.py."""
    messages: int = 0
    """Messages written by people with an account."""
    trial_messages: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Messages by people who had not signed up by then (domain/trials.py). They and their authors are in no other
    count; the replies to them are, with their tokens, cost, faults and latency.
    """
    replies: int = 0
    """Replies requested from the model, however they ended."""
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    cost: int = Field(default=0, sa_type=BigInteger)
    failed: int = 0
    filtered: int = 0
    new_people: int = 0
    new_dialogs: int = 0
    """Only older versions wrote these two: the overview counts those that are still there."""
    people: bytes = Field(default=b"", sa_type=LargeBinary)
    """The ids of the active users, packed: the number of distinct users of a day or a month is the size of a union,
    which cannot be computed from counts.
    """
    first_texts: bytes = Field(default=b"", sa_type=LargeBinary)
    """Histogram of first-word latency, packed (domain/statistics/latency_histogram.py)."""


class HourModel(Table, table=True):
    """Totals per model and hour."""

    __tablename__ = "hour_model"

    hour: int = Field(primary_key=True)
    model: str = Field(primary_key=True, max_length=128)
    replies: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    cost: int = Field(default=0, sa_type=BigInteger)


class Hour(NamedTuple):
    """As `HourTotal`, stored or not. Thousands are read at once, too many for ORM objects that track changes."""

    hour: int
    messages: int
    trial_messages: int
    replies: int
    tokens_in: int
    tokens_out: int
    cost: int
    failed: int
    filtered: int
    people: bytes
    first_texts: bytes


class ModelSum(NamedTuple):
    """Totals of a model over one or more hours."""

    model: str
    replies: int
    tokens_in: int
    tokens_out: int
    cost: int


async def stored_hours(db: AsyncSession, hours: range) -> list[Hour]:
    """The stored totals among these hours, in order."""
    columns = [col(getattr(HourTotal, name)) for name in Hour._fields]
    question = sqlalchemy.select(*columns).where(col(HourTotal.hour).between(hours.start, hours.stop - 1))
    return [Hour(*row) for row in await _rows(db, question.order_by(col(HourTotal.hour)))]


async def stored_models(db: AsyncSession, hours: range) -> list[ModelSum]:
    """The stored totals per model of these hours."""
    counts = [_sum(getattr(HourModel, name)) for name in ModelSum._fields[1:]]
    question = sqlalchemy.select(col(HourModel.model), *counts).group_by(col(HourModel.model))
    found = await _rows(db, question.where(col(HourModel.hour).between(hours.start, hours.stop - 1)))
    return [ModelSum(model, *map(int, sums)) for model, *sums in found]


async def compute(db: AsyncSession, hours: range) -> list[tuple[Hour, list[ModelSum]]]:
    """Compute the totals of hours from the rows, one after the other: past hours not yet stored, or the current one."""
    spoken, on_trial = await _spoken(db, hours)
    models, faults = await _used(db, hours)
    waits = await _first_texts(db, hours)
    return [
        (
            Hour(
                hour=hour,
                messages=sum(spoken[hour].values()),
                trial_messages=on_trial[hour],
                replies=sum(each.replies for each in models[hour]),
                tokens_in=sum(each.tokens_in for each in models[hour]),
                tokens_out=sum(each.tokens_out for each in models[hour]),
                cost=sum(each.cost for each in models[hour]),
                failed=faults[hour][0],
                filtered=faults[hour][1],
                people=packed(sorted(spoken[hour])),
                first_texts=histogram(waits[hour]),
            ),
            models[hour],
        )
        for hour in hours
    ]


async def _spoken(db: AsyncSession, hours: range) -> tuple[dict[int, dict[int, int]], dict[int, int]]:
    """For each hour, the number of messages of each user with an account, and of all people in trials together."""
    hour, had_signed_up = HourBucket(col(Message.created_at)), _had_signed_up(Message.created_at)
    found = await _rows(
        db,
        sqlalchemy.select(hour, col(Dialog.user_id), had_signed_up, func.count())
        .join(Message, col(Message.dialog_id) == col(Dialog.id))
        .join(User, col(User.id) == col(Dialog.user_id))
        .where(*_within(Message.created_at, hours), col(Message.role) == Role.USER)
        .where(col(Message.is_loaded).is_(False), col(Message.is_copied).is_(False))
        .group_by(hour, col(Dialog.user_id), had_signed_up),
    )
    spoken: dict[int, dict[int, int]] = defaultdict(dict)
    on_trial: dict[int, int] = defaultdict(int)
    for when, user_id, is_by_account, count in found:
        if is_by_account:
            spoken[when][user_id] = count
        else:
            on_trial[when] += count
    return spoken, on_trial


def _had_signed_up(moment: Any) -> ColumnElement[bool]:
    """Whether the user had an account at that moment: messages of a trial move along to the account."""
    return sqlalchemy.and_(~col(User.is_trial), col(moment) >= col(User.created_at))


async def _used(db: AsyncSession, hours: range) -> tuple[dict[int, list[ModelSum]], dict[int, tuple[int, int]]]:
    """For each hour the totals per model, and the numbers of replies that failed and were filtered."""
    counts = [_sum(getattr(Usage, name)) for name in (*ModelSum._fields[1:], "failed", "filtered")]
    question = sqlalchemy.select(col(Usage.hour), col(Usage.model), *counts).group_by(col(Usage.hour), col(Usage.model))
    models: dict[int, list[ModelSum]] = defaultdict(list)
    faults: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for hour, model, *sums, failed, filtered in await _rows(
        db, question.where(col(Usage.hour).between(hours.start, hours.stop - 1))
    ):
        models[hour].append(ModelSum(model, *map(int, sums)))
        faults[hour] = faults[hour][0] + int(failed), faults[hour][1] + int(filtered)
    return models, faults


async def _first_texts(db: AsyncSession, hours: range) -> dict[int, list[int]]:
    question = sqlalchemy.select(HourBucket(col(Message.created_at)), col(Message.first_text_ms))
    known = question.where(*_within(Message.created_at, hours), col(Message.first_text_ms).is_not(None))
    waits: dict[int, list[int]] = defaultdict(list)
    for hour, wait in await _rows(db, known):
        waits[hour].append(wait)
    return waits


async def _rows(db: AsyncSession, question: Any) -> Sequence[Any]:
    return (await (await db.connection()).execute(question)).all()


def _within(moment: Any, hours: range) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(moment) >= hour_begins(hours.start), col(moment) < hour_begins(hours.stop)


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)

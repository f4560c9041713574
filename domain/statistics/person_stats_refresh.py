"""User statistics, the computation: recounts rows of `UserStats`, of users with new activity and of all in turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, func, or_, outerjoin, select, union
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.row_locks import lock_accounts
from domain.accounts.sessions import LoginSession
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import DISPLAY_NAME_LIMIT, User, has_account
from domain.moderation.reports import Report, ReportState
from domain.statistics.person_stats import UserStats
from domain.usage.usage import EPOCH, Usage, hour_of
from storage.database import Database
from storage.text_search import fold
from storage.upsert import DIALECTS, Upsert, insert_into

MONTH = timedelta(days=30)
AT_ONCE = 500
"""Users per transaction, which takes about 20 ms."""


async def changed_since(db: AsyncSession, before: datetime, moment: datetime) -> set[int]:
    """The users whose row at `moment` differs from that at `before`: they signed up, were active, wrote, got replies or
    reports, or part of their usage became older than a month.
    """
    owner = select(col(Character.owner_id)).join(Report, col(Report.character_id) == col(Character.id))
    used, fell_out = (
        col(Usage.hour) >= hour_of(before),
        col(Usage.hour).between(hour_of(before - MONTH) - 1, hour_of(moment - MONTH)),
    )
    found = await (await db.connection()).execute(
        union(
            select(col(User.id)).where(col(User.created_at) >= before),
            select(col(LoginSession.user_id)).where(col(LoginSession.seen_at) >= before),
            select(col(Dialog.user_id)).where(col(Dialog.spoken_at) >= before),
            select(col(Usage.user_id)).where(used),
            select(col(Usage.user_id)).where(fell_out),
            owner.where(or_(col(Report.created_at) >= before, col(Report.closed_at) >= before)),
        )
    )
    return set(found.scalars())


async def without_user_stats(db: AsyncSession, after: int) -> list[int]:
    """The next users after the id `after` that have no row yet."""
    return await _ids(db, _without_row().where(*_living(after)))


async def signed_up_since(db: AsyncSession, before: datetime) -> list[int]:
    """The users who have signed up since and have no row yet; of very many the first."""
    return await _ids(db, _without_row().where(has_account(), col(User.created_at) >= before))


async def next_ones(db: AsyncSession, after: int) -> list[int]:
    """The next users after the id `after`; empty at the end."""
    return await _ids(db, select(col(User.id)).where(*_living(after)))


def _without_row() -> Any:
    both = outerjoin(User, UserStats, col(UserStats.user_id) == col(User.id))
    return select(col(User.id)).select_from(both).where(col(UserStats.user_id).is_(None))


def _living(after: int) -> tuple[ColumnElement[bool], ...]:
    return has_account(), col(User.id) > after


async def refresh_user_stats(database: Database, people: Iterable[int], moment: datetime) -> None:
    """Recount these users."""
    ids = sorted(people)
    for start in range(0, len(ids), AT_ONCE):
        async with database.read(patient=True) as db:
            rows = await _counted(db, ids[start : start + AT_ONCE], moment)
        if rows:
            async with database.write() as db:
                there = await lock_accounts(db, *(each["user_id"] for each in rows))
                if living := [each for each in rows if each["user_id"] in there]:
                    await (await db.connection()).execute(_KEEP[database.dialect], living)


async def _ids(db: AsyncSession, question: Any) -> list[int]:
    found = await (await db.connection()).execute(question.order_by(col(User.id)).limit(AT_ONCE))
    return list(found.scalars())


async def _counted(db: AsyncSession, ids: Sequence[int], moment: datetime) -> list[dict[str, Any]]:
    connection = await db.connection()
    people = await connection.execute(
        select(
            col(User.id), col(User.display_name), col(User.username_key), col(User.email_key), col(User.created_at)
        ).where(col(User.id).in_(ids), has_account())
    )
    rows = {
        user_id: {
            "user_id": user_id,
            "name_key": fold(name)[:DISPLAY_NAME_LIMIT],  # «İ» becomes two characters when folded
            "username_key": username or "",
            "email_key": email or "",
            "registered_at": registered_at,
            "seen_at": EPOCH,
            **dict.fromkeys(("dialogs", "messages", "tokens", "cost", "reports"), 0),
        }
        for user_id, name, username, email, registered_at in people
    }
    for question in _questions(ids, moment):
        for row in (await connection.execute(question)).mappings():
            counts = dict(row)
            if line := rows.get(counts.pop("user_id")):
                line |= counts
    return list(rows.values())


def _questions(ids: Sequence[int], moment: datetime) -> Iterable[Any]:
    """Queries for the counts of each user, by `user_id`."""
    yield _by(LoginSession.user_id, ids, func.max(LoginSession.seen_at).label("seen_at"))
    yield _by(
        Dialog.user_id, ids, func.count().label("dialogs"), func.sum(col(Dialog.messages)).label("messages")
    ).where(col(Dialog.deleted_at).is_(None))
    tokens, cost = func.sum(col(Usage.tokens_in) + col(Usage.tokens_out)), func.sum(col(Usage.cost))
    yield _by(Usage.user_id, ids, tokens.label("tokens"), cost.label("cost")).where(
        col(Usage.hour) > hour_of(moment - MONTH)
    )
    reported = _by(Character.owner_id, ids, func.count().label("reports"))
    yield reported.join(Report, col(Report.character_id) == col(Character.id)).where(
        Report.state != ReportState.REJECTED
    )


def _by(user_id: Any, ids: Sequence[int], *counts: Any) -> Any:
    return select(col(user_id).label("user_id"), *counts).where(col(user_id).in_(ids)).group_by(col(user_id))


_ROWS = UserStats.metadata.tables["standing"]
_COUNTED = [column.name for column in _ROWS.columns if column.name != "user_id"]


def _keeping(row: Upsert) -> Insert:
    """An upsert that leaves unchanged rows alone: they stand in nine indexes."""
    row = row.values({column.name: bindparam(column.name, type_=column.type) for column in _ROWS.columns})
    return row.on_conflict_do_update(
        index_elements=["user_id"],
        set_={name: row.excluded[name] for name in _COUNTED},
        where=or_(*(_ROWS.c[name] != row.excluded[name] for name in _COUNTED)),
    )


_KEEP = {dialect: _keeping(insert_into(_ROWS, dialect)) for dialect in DIALECTS}

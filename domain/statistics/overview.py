"""Admin dashboard: totals and activity. Conversations are read through domain/audit/dialog_access.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import Any, TypeVar

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import SEEN_EVERY, Caller, LoginSession, authorize_admin
from domain.characters.reply_feedback import feedback_on_models
from domain.clock import now
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, is_of_trial
from domain.model.user import User, existing, has_account
from domain.paging import newest_first
from domain.statistics.daily_totals import Rank, top_characters, top_people
from domain.statistics.hourly_totals import compute, stored_hours, stored_models
from domain.statistics.period_stats import Period, PeriodStats, figures_of
from domain.usage.usage import hour_begins, hour_of
from storage.columns import clamp_id
from storage.database import Database

Answer = TypeVar("Answer")

FEW = 100
"""Maximum characters and dialogs shown of one user."""
PRESENT = SEEN_EVERY + timedelta(minutes=1)
"""Users seen within this time count as online: a session in use is recorded every `SEEN_EVERY`."""
NOT_YET_KEPT = 3
"""Number of the latest hours that may be counted from the rows; older ones wait for domain/statistics/roll_up.py."""


@dataclass(frozen=True)
class Counts:
    """Totals, without deleted ones."""

    users: int
    characters: int
    dialogs: int
    messages: int


@dataclass(frozen=True)
class UserSummary:
    """A user with their characters' names and their latest dialogs, each with its character."""

    user: User
    characters: list[str]
    dialogs: list[tuple[Dialog, str]]


class Overview:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, caller: Caller, period: Period, zone: tzinfo, rank: Rank = Rank.REPLIES) -> PeriodStats:
        """The statistics of a period compared with the previous one; days are those of `zone`."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
        hours, models, people_now, new_people, new_dialogs = await asyncio.gather(
            self._asked(stored_hours, range(period.hours_before.start, period.hours.stop)),
            self._asked(stored_models, period.hours),
            self._asked(_people_now),
            self._asked(_new_people, period),
            self._asked(_new_dialogs, period),
        )
        kept_until = hours[-1].hour if hours else period.hours.start - 1
        characters, people, live, feedback = await asyncio.gather(
            self._asked(top_characters, period.hours, kept_until, rank),
            self._asked(top_people, period.hours, kept_until, rank),
            self._asked(compute, _not_yet_kept(range(kept_until + 1, period.hours.stop))),
            self._asked(feedback_on_models),
        )
        models += [model for hour, its_models in live if hour.hour in period.hours for model in its_models]
        hours += [hour for hour, _models in live]
        figures = await asyncio.to_thread(
            figures_of,
            period,
            hours,
            models,
            zone,
            people_now=people_now,
            new_people=new_people,
            new_dialogs=new_dialogs,
            top_characters=characters,
            top_people=people,
        )
        return replace(figures, feedback=feedback)

    async def _asked(self, question: Callable[..., Awaitable[Answer]], *about: object) -> Answer:
        """Run a query on a connection of its own, so that several run concurrently."""
        async with self._database.read() as db:
            return await question(db, *about)

    async def counts(self, caller: Caller) -> Counts:
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            users = select(func.count()).select_from(User).where(has_account())
            characters, dialogs, messages = (
                select(func.count()).select_from(table).where(col(table.deleted_at).is_(None))
                for table in (Character, Dialog, Message)
            )
            said_here = messages.where(col(Message.is_loaded).is_(False), col(Message.is_copied).is_(False))
            return Counts(*[(await db.exec(each)).one() for each in (users, characters, dialogs, said_here)])

    async def users(self, caller: Caller, limit: int, before: int | None = None) -> list[User]:
        """Users, newest first; keyset pagination: `before` is the last id of the previous page."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            question = select(User).where(has_account())
            return list(await db.exec(newest_first(question, col(User.id), before, limit)))

    async def person(self, caller: Caller, user_id: int) -> UserSummary:
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            user = existing(await db.get(User, clamp_id(user_id)))
            characters = await db.exec(
                select(Character.name)
                .where(Character.owner_id == user.id, col(Character.deleted_at).is_(None))
                .order_by(col(Character.id).desc())
                .limit(FEW)
            )
            dialogs = await db.exec(
                select(Dialog, Character.name)
                .join(Character, col(Character.id) == Dialog.character_id)
                .where(Dialog.user_id == user.id, col(Dialog.deleted_at).is_(None))
                .order_by(col(Dialog.id).desc())
                .limit(FEW)
            )
            return UserSummary(user, list(characters), [(dialog, name) for dialog, name in dialogs])


async def _new_people(db: AsyncSession, period: Period) -> tuple[int, int]:
    """Number of users who signed up in the period, and in the previous one, and are still there, as in the list that
    the number leads to: totals, which are never written again, would also count those who have left since.
    """
    people = select(func.count()).select_from(User).where(has_account())
    return await _in_both(db, people, User.created_at, period)


async def _new_dialogs(db: AsyncSession, period: Period) -> tuple[int, int]:
    """The same for conversations: those that have been deleted since are not in their list, nor trials that nobody has
    taken over.
    """
    dialogs = select(func.count()).select_from(Dialog).where(col(Dialog.deleted_at).is_(None))
    begun_here = dialogs.where(col(Dialog.is_loaded).is_(False), ~is_of_trial())
    return await _in_both(db, begun_here, Dialog.started_at, period)


async def _in_both(db: AsyncSession, counted: Any, moment: Any, period: Period) -> tuple[int, int]:
    numbers = []
    for hours in (period.hours, period.hours_before):
        since, until = hour_begins(hours.start), hour_begins(hours.stop)
        numbers.append((await db.exec(counted.where(col(moment) >= since, col(moment) < until))).one())
    return numbers[0], numbers[1]


def _not_yet_kept(hours: range) -> range:
    """The hours that have begun and are still counted from the rows; the last few."""
    this = hour_of(now())
    return range(max(hours.start, this - NOT_YET_KEPT + 1), min(hours.stop, this + 1))


async def _people_now(db: AsyncSession) -> int:
    people = select(func.count(func.distinct(LoginSession.user_id))).join(User, col(User.id) == LoginSession.user_id)
    return (await db.exec(people.where(col(LoginSession.seen_at) > now() - PRESENT, ~col(User.is_trial)))).one()

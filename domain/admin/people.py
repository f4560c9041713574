"""Admin list of users: filtered, sorted and paginated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import col

from domain.accounts.sessions import Caller, LoginSession, authorize_admin
from domain.clock import now
from domain.email_address import EMAIL_LIMIT, email_key
from domain.model.user import DISPLAY_NAME_LIMIT, SYSTEM_EMAIL, UNDER_MEASURE, User
from domain.paging import PAGE, Page, Question, begins_with, columns, read_page, typed_id
from domain.statistics.person_stats import UserStats
from domain.statistics.person_stats_refresh import refresh_user_stats, signed_up_since
from domain.text import without_unstorable
from domain.usage.budget import TokenBudgets, today
from domain.usage.usage import EPOCH, NO_CHARACTER, Usage, hour_of
from storage.database import Database
from storage.text_search import fold

NOT_MET_YET = timedelta(minutes=10)
"""Maximum age of accounts that may have no row in the list yet: several rounds of the roll-up."""


class UserState(StrEnum):
    """The most severe measure in force, as stored in the user's row."""

    FREE = "free"
    HIDDEN = "hidden"
    READ_ONLY = "read_only"
    BLOCKED = "blocked"


class UserOrder(StrEnum):
    REGISTERED = "registered_at"
    NAME = "name_key"
    SEEN = "seen_at"
    DIALOGS = "dialogs"
    MESSAGES = "messages"
    COST = "cost"
    REPORTS = "reports"


@dataclass(frozen=True)
class UserFilter:
    """Filters of the list; an omitted one does not restrict. `since` is inclusive, `until` exclusive."""

    words: str = ""
    """Prefix of the name, username or mail address, or the id."""
    state: UserState | None = None
    is_admin: bool | None = None
    has_reports: bool = False
    quota_hit: bool = False
    """Only users whose token budget of today is used up."""
    has_own_quota: bool = False
    registered_since: datetime | None = None
    registered_until: datetime | None = None
    seen_since: datetime | None = None
    spoken_since: datetime | None = None
    """Only users who got a reply since then. Both times are rounded to the hour, as on the dashboard."""
    spoken_until: datetime | None = None


@dataclass(frozen=True)
class UserRow:
    """A row of the list. Counts are at most a minute old (domain/statistics/person_stats.py).

    `tokens` and `cost`, in millionths of a rouble, cover the last 30 days; `reports` are about their characters.
    """

    id: int
    name: str
    username: str | None
    email: str | None
    picture_token: str | None
    is_admin: bool
    state: UserState
    registered_at: datetime
    seen_at: datetime | None
    dialogs: int
    messages: int
    tokens: int
    cost: int
    reports: int
    daily_tokens: int | None


class AdminUsers:
    def __init__(self, database: Database, budgets: TokenBudgets) -> None:
        self._database = database
        self._budgets = budgets

    async def page(
        self,
        caller: Caller,
        sought: UserFilter | None = None,
        order: UserOrder = UserOrder.REGISTERED,
        *,
        descending: bool = True,
        after: str = "",
        limit: int = PAGE,
    ) -> Page[UserRow]:
        """Users who have an account, even since a moment ago; keyset pagination: `after` is the `next` of the previous
        page.
        """
        if not after:
            await self._count_newest(caller)
        sought = sought or UserFilter()
        found_by: Question = sqlalchemy.select(
            col(UserStats.user_id).label("id"), col(getattr(UserStats, order)).label("place")
        )
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return await read_page(
                db,
                found_by.where(*self._conditions(sought)),
                _rows(),
                _person_row,
                is_narrowed=sought != UserFilter(),
                descending=descending,
                after=after,
                limit=limit,
            )

    async def _count_newest(self, caller: Caller) -> None:
        """Add rows for users whom the roll-up has not met yet."""
        moment = now()
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            found = await signed_up_since(db, moment - NOT_MET_YET)
        await refresh_user_stats(self._database, found, moment)

    def _conditions(self, sought: UserFilter) -> list[ColumnElement[bool]]:
        system = sqlalchemy.select(col(User.id)).where(col(User.email_key) == SYSTEM_EMAIL)
        conditions: list[ColumnElement[bool]] = [
            col(UserStats.user_id).not_in(system)
        ]  # older versions kept a row for it
        if words := sought.words.strip():
            conditions.append(_called(words))
        if sought.state is not None:
            conditions.append(_in_state(sought.state))
        if sought.is_admin is not None:
            admins = sqlalchemy.select(col(User.id)).where(sqlalchemy.text("is_admin"))  # worded as in the index
            mine = col(UserStats.user_id)
            conditions.append(mine.in_(admins) if sought.is_admin else mine.not_in(admins))
        if sought.has_reports:
            conditions.append(col(UserStats.reports) > 0)
        if sought.quota_hit:
            conditions.append(col(UserStats.user_id).in_(self._out_of_tokens()))
        if sought.has_own_quota:
            own = sqlalchemy.select(col(User.id)).where(col(User.daily_tokens).is_not(None))
            conditions.append(col(UserStats.user_id).in_(own))
        return conditions + _then(sought)

    def _out_of_tokens(self) -> Question:
        """Users over today's token budget, counted as in `TokenBudgets.check`, from the few who used any today."""
        tokens = func.sum(col(Usage.tokens_in) + col(Usage.tokens_out)).label("tokens")
        who = col(Usage.user_id) + 0  # + 0 as in domain/statistics/daily_totals.py
        used = sqlalchemy.select(who.label("user_id"), tokens).where(col(Usage.hour) >= hour_of(today()))
        few = used.group_by(who).subquery()
        everybodys = case((col(User.is_admin), 0), else_=self._budgets.daily_tokens)
        budget = func.coalesce(col(User.daily_tokens), everybodys)
        spent = sqlalchemy.select(few.c.user_id).join_from(few, User, col(User.id) == few.c.user_id)
        return spent.where(budget > 0, few.c.tokens >= budget)


def state_of(user: User) -> UserState:
    return _state(
        blocked=user.is_blocked, read_only=user.is_read_only, hidden=user.is_hidden, until=user.read_only_until
    )


def _state(*, blocked: bool, read_only: bool, hidden: bool, until: datetime | None) -> UserState:
    if blocked:
        return UserState.BLOCKED
    if read_only and (until is None or until > now()):
        return UserState.READ_ONLY
    return UserState.HIDDEN if hidden else UserState.FREE


def _in_state(state: UserState) -> ColumnElement[bool]:
    """Starts from the few who are under a measure."""
    is_read_only = and_(
        col(User.is_read_only), or_(col(User.read_only_until).is_(None), col(User.read_only_until) > now())
    )
    is_under = {
        UserState.FREE: or_(col(User.is_blocked), col(User.is_hidden), is_read_only),
        UserState.BLOCKED: col(User.is_blocked),
        UserState.READ_ONLY: and_(~col(User.is_blocked), is_read_only),
        UserState.HIDDEN: and_(~col(User.is_blocked), ~is_read_only, col(User.is_hidden)),
    }[state]
    people = sqlalchemy.select(col(User.id)).where(
        sqlalchemy.text(f"({UNDER_MEASURE})"), is_under
    )  # worded as in the index
    mine = col(UserStats.user_id)
    return mine.not_in(people) if state == UserState.FREE else mine.in_(people)


def _then(sought: UserFilter) -> list[ColumnElement[bool]]:
    """Filters by the dates of sign-up, last activity and last message."""
    conditions = []
    if sought.registered_since:
        conditions.append(col(UserStats.registered_at) >= sought.registered_since)
    if sought.registered_until:
        conditions.append(col(UserStats.registered_at) < sought.registered_until)
    if sought.seen_since:
        # From the sessions themselves: the row may be half a minute older than a fresh log-in.
        here = sqlalchemy.select(col(LoginSession.user_id)).where(col(LoginSession.seen_at) >= sought.seen_since)
        conditions.append(col(UserStats.user_id).in_(here))
    if sought.spoken_since or sought.spoken_until:
        conditions.append(_spoke(sought.spoken_since, sought.spoken_until))
    return conditions


def _spoke(since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    """One index lookup per user: most lists need few of them."""
    replies = col(Usage.character_id) != NO_CHARACTER
    answered = sqlalchemy.exists().where(col(Usage.user_id) == col(UserStats.user_id), replies)
    if since:
        answered = answered.where(col(Usage.hour) >= hour_of(since))
    if until:
        answered = answered.where(col(Usage.hour) <= hour_of(until - timedelta(microseconds=1)))
    return answered


def _called(words: str) -> ColumnElement[bool]:
    words = words[:EMAIL_LIMIT]  # no address is longer
    ways = [
        begins_with(col(UserStats.name_key), fold(without_unstorable(words))[:DISPLAY_NAME_LIMIT]),
        begins_with(col(UserStats.username_key), without_unstorable(words).casefold()),
        begins_with(col(UserStats.email_key), _beginning_of_address(words)),
    ]
    if (number := typed_id(words)) is not None:
        ways.append(col(UserStats.user_id) == number)
    return or_(*ways)


def _beginning_of_address(words: str) -> str:
    """The prefix that the keys of such addresses share. Half of a domain beyond ASCII determines nothing of its key
    yet.
    """
    key = email_key(words)
    local, at, domain = key.rpartition("@")
    return key if domain.isascii() or not at else local + at


def _rows() -> Question:
    return columns(
        id=col(User.id),
        name=col(User.display_name),
        username=col(User.username),
        email=col(User.email),
        picture_token=col(User.picture_token),
        is_admin=col(User.is_admin),
        is_blocked=col(User.is_blocked),
        is_read_only=col(User.is_read_only),
        is_hidden=col(User.is_hidden),
        read_only_until=col(User.read_only_until),
        registered_at=col(UserStats.registered_at),
        seen_at=col(UserStats.seen_at),
        dialogs=col(UserStats.dialogs),
        messages=col(UserStats.messages),
        tokens=col(UserStats.tokens),
        cost=col(UserStats.cost),
        reports=col(UserStats.reports),
        daily_tokens=col(User.daily_tokens),
    ).join_from(UserStats, User, col(User.id) == col(UserStats.user_id))


def _person_row(
    *,
    is_blocked: bool,
    is_read_only: bool,
    is_hidden: bool,
    read_only_until: datetime | None,
    seen_at: datetime,
    **columns: Any,
) -> UserRow:
    state = _state(blocked=is_blocked, read_only=is_read_only, hidden=is_hidden, until=read_only_until)
    return UserRow(state=state, seen_at=None if seen_at == EPOCH else seen_at, **columns)

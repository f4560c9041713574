"""Token budget (daily usage quota): one number for everybody in the settings, and individual ones set by admins.

Admins have none unless they set one for themselves. A day is the server's (its time zone, TZ), the same for everybody
who shares the bill. Counted are the tokens of finished replies, writing help and memory; running replies are estimated
at this user's average of today, so that many dialogs at once overshoot by about one reply and not by one each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.row_locks import lock_exclusively
from domain.clock import now
from domain.errors import RateLimited
from domain.language import N_
from domain.model.user import User
from domain.usage.concurrent_replies import running_replies
from domain.usage.usage import Usage, hour_of

A_REPLY = 1_500
"""Estimated tokens of a running reply as long as this user has no average of today."""


class BudgetSpent(RateLimited):
    """Today's token budget is used up; `until` is when the next day begins."""

    def __init__(self, until: datetime, field: str = "text") -> None:
        super().__init__(until, field=field)
        self.text = N_(
            "You've used up your replies for today. There will be more at {time}. Until then you can read, "
            "search, edit your characters and download your chats."
        )


_COUNTED: tuple[Any, ...] = (Usage.replies, col(Usage.tokens_in) + col(Usage.tokens_out), Usage.memory_tokens)


@dataclass(frozen=True)
class Budget:
    """Today's budget: its tokens, those that are used, and when the next day begins."""

    tokens: int
    used: int
    renews_at: datetime

    @property
    def is_spent(self) -> bool:
        return self.used >= self.tokens


class TokenBudgets:
    """`daily_tokens` is the default budget, 0: unlimited."""

    def __init__(self, daily_tokens: int = 0) -> None:
        self.daily_tokens = daily_tokens

    def of(self, person: User) -> int | None:
        """The user's tokens per day; None: unlimited."""
        if person.daily_tokens is not None:
            return person.daily_tokens or None
        return None if person.is_admin else self.daily_tokens or None

    async def check(self, db: AsyncSession, person: User) -> None:
        """Check the budget in the transaction that stores a new reply; raises `BudgetSpent`."""
        tokens = self.of(person)
        if tokens is None:
            return
        await lock_exclusively(db, person)
        replies, used, by_memory = await _sums_since(db, person.id, today())
        mean = (used - by_memory) // replies if used > by_memory and replies else A_REPLY
        used += _used_before(person)
        if used + await running_replies(db, person.id) * mean >= tokens:
            raise BudgetSpent(tomorrow())

    async def today(self, db: AsyncSession, person: User) -> Budget | None:
        """Today's budget; `tokens` - `used` is left. None if unlimited."""
        tokens = self.of(person)
        if tokens is None:
            return None
        return Budget(tokens, await tokens_used_today(db, person), tomorrow())


async def tokens_used_today(db: AsyncSession, person: User) -> int:
    """Tokens used today, including by an account of theirs that they deleted today
    (domain/moderation/ban_evasion.py).
    """
    _replies, used = await used_since(db, person.id, today())
    return used + _used_before(person)


def _used_before(person: User) -> int:
    return person.used_before if person.used_before_until and person.used_before_until > now() else 0


async def used_since(db: AsyncSession, user_id: int, moment: datetime) -> tuple[int, int]:
    """Replies and tokens of a user since the hour of that moment."""
    replies, tokens, _by_memory = await _sums_since(db, user_id, moment)
    return replies, tokens


async def _sums_since(db: AsyncSession, user_id: int, moment: datetime) -> tuple[int, int, int]:
    """Replies, tokens, and the part of the tokens that memory used and not a reply."""
    found: Any = await db.exec(
        select(*(func.coalesce(func.sum(each), 0) for each in _COUNTED)).where(
            Usage.user_id == user_id, Usage.hour >= hour_of(moment)
        )
    )
    replies, tokens, by_memory = found.one()
    return int(replies), int(tokens), int(by_memory)


def today() -> datetime:
    """The start of the server's current day."""
    return _midnight(now().astimezone().date())


def tomorrow() -> datetime:
    return _midnight(now().astimezone().date() + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone(UTC)

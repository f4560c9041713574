"""Taking a trial over: what somebody said before signing up or logging in becomes theirs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate
from domain.accounts.sessions_list import SessionEnded, end_sessions
from domain.errors import Blocked, SignedOut
from domain.model.character import count_talk
from domain.model.dialog import Dialog
from domain.model.user import User


@dataclass(frozen=True)
class TrialTakenOver:
    """Event: the conversations of a temporary account have become somebody's; caches of their owner are stale."""

    about: int
    """The temporary account's id."""


async def living_trial(db: AsyncSession, trial: Caller | None) -> int | None:
    """The id of the temporary account, if the caller is one and its session is still good."""
    try:
        user = await authenticate(db, trial, trial_too=True) if trial else None
    except (SignedOut, Blocked):
        return None
    return user.id if user and user.is_trial else None


async def take_over(db: AsyncSession, trial_id: int, person: User) -> list[SessionEnded | TrialTakenOver]:
    """Move the conversations of a temporary account to this person, whose row the caller has locked, and end its
    session; returns the facts to be told after the commit.

    Of two at once the first gets them, and the other finds nothing. The row itself stays until it is swept, with what
    the replies have cost: the totals of the hour must not lose that.
    """
    own = select(User).where(User.id == trial_id, col(User.is_trial), User.id != person.id)
    if (await db.exec(own.with_for_update())).first() is None:
        return []
    if not person.is_trial:
        for character_id in sorted(await db.exec(select(Dialog.character_id).where(Dialog.user_id == trial_id))):
            await count_talk(db, character_id)
    await db.exec(update(Dialog).where(col(Dialog.user_id) == trial_id).values(user_id=person.id))
    return [TrialTakenOver(trial_id), *await end_sessions(db, trial_id)]

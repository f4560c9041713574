"""The limit of a trial: how many replies somebody may ask for before they sign up."""

from __future__ import annotations

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NeedsAccount
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User


async def replies_asked_for(db: AsyncSession, user_id: int) -> int:
    """How many replies somebody has asked for, including deleted ones; those that failed do not count."""
    asked = (
        select(func.count())
        .select_from(Message)
        .join(Dialog, col(Dialog.id) == col(Message.dialog_id))
        .where(Dialog.user_id == user_id, Message.role == Role.ASSISTANT, col(Message.parent_id).is_not(None))
    )
    return (await db.exec(asked.where(Message.state != State.FAILED))).one()


async def check_trial(db: AsyncSession, person: User, most: int) -> None:
    """Raise `NeedsAccount` if somebody without an account has asked for as many replies as they may.

    Called with their row locked, so that a second tab sees what the first has added.
    """
    if person.is_trial and await replies_asked_for(db, person.id) >= most:
        raise NeedsAccount

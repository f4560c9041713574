"""The limit of a trial: how many messages somebody may send before they sign up."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import case
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NeedsAccount
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User


class Asked(NamedTuple):
    """What somebody has asked for, deleted or not. Replies that failed do not count, nor messages without any other."""

    messages: int
    replies: int
    of_this: int
    """Replies to one message."""


async def asked_for(db: AsyncSession, user_id: int, message_id: int | None = None) -> Asked:
    """`of_this` is of the message `message_id`."""
    asked = (
        select(
            func.count(func.distinct(Message.parent_id)),
            func.count(),
            func.count(case((col(Message.parent_id) == message_id, 1))),
        )
        .select_from(Message)
        .join(Dialog, col(Dialog.id) == col(Message.dialog_id))
        .where(Dialog.user_id == user_id, Message.role == Role.ASSISTANT, col(Message.parent_id).is_not(None))
    )
    return Asked(*(await db.exec(asked.where(Message.state != State.FAILED))).one())


async def is_trial_over(db: AsyncSession, person: User, most: int) -> bool:
    """Whether somebody without an account has sent as many messages as they may."""
    return person.is_trial and (await asked_for(db, person.id)).messages >= most


async def check_trial(db: AsyncSession, person: User, most: int, answered_id: int | None) -> None:
    """Raise `NeedsAccount` if somebody without an account has sent as many messages as they may.

    Another reply to the message `answered_id` is no message. There may be as many of these as of messages, so a trial
    costs the operator twice `most` replies and no more. Called with their row locked, so that a second tab sees what
    the first has added.
    """
    if not person.is_trial:
        return
    asked = await asked_for(db, person.id, answered_id)
    is_another = asked.of_this > 0
    if (asked.replies - asked.messages if is_another else asked.messages) >= most:
        raise NeedsAccount

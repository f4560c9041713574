"""The limit of a trial: on the messages that somebody may send, and the other replies that they may ask for, before
they sign up.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NeedsAccount
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User


@dataclass(frozen=True)
class TrialUse:
    """Replies that somebody has asked for in a trial, deleted or not; those that failed do not count.

    Another reply to a message that has one does not count as a message. There may be as many of these as of messages,
    so a trial costs the operator twice `most` replies and no more.
    """

    most: int
    replies: int
    answered: frozenset[int]
    """The messages that such a reply answers."""

    @property
    def is_over(self) -> bool:
        """Whether no more messages may be sent."""
        return len(self.answered) >= self.most

    def may_get_reply(self, message_id: int | None) -> bool:
        """Whether a reply to this message may be asked for; None: to a new message."""
        others = self.replies - len(self.answered)
        return others < self.most if message_id in self.answered else not self.is_over


async def trial_use(db: AsyncSession, person: User, most: int) -> TrialUse | None:
    """The person's use of their trial, which allows `most` messages; None for somebody with an account."""
    if not person.is_trial:
        return None
    replies = (
        select(Message.parent_id, func.count())
        .join(Dialog, col(Dialog.id) == col(Message.dialog_id))
        .where(Dialog.user_id == person.id, Message.role == Role.ASSISTANT, Message.state != State.FAILED)
        .where(col(Message.parent_id).is_not(None))
        .group_by(col(Message.parent_id))
    )
    found = dict((await db.exec(replies)).all())
    return TrialUse(most, sum(found.values()), frozenset(each for each in found if each))


async def is_trial_over(db: AsyncSession, person: User, most: int) -> bool:
    """Whether somebody without an account has sent as many messages as they may."""
    use = await trial_use(db, person, most)
    return use is not None and use.is_over


async def check_trial(db: AsyncSession, person: User, most: int, answered_id: int | None) -> None:
    """Raise `NeedsAccount` if somebody without an account may not ask for a reply to the message `answered_id` or, if
    that is None, to a new one. Called with their row locked, so that a second tab sees what the first has added.
    """
    use = await trial_use(db, person, most)
    if use is not None and not use.may_get_reply(answered_id):
        raise NeedsAccount

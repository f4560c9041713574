"""Participants of a prompt, and the times that macros need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.books_of_dialog import has_books
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User

MOST_OTHERS = 30


@dataclass(frozen=True)
class Participants:
    dialog: Dialog
    character: Character
    person: User
    has_books: bool
    question_id: int | None
    """The message being answered."""
    asked_at: datetime | None = None
    replied_at: datetime | None = None
    """Time of the character's message before that one."""
    has_others: bool = False
    """Whether that message has other replies."""


async def read_participants(db: AsyncSession, dialog_id: int, reply_id: int) -> Participants:
    return Participants(*(await db.exec(_PARTICIPANTS, params={"dialog": dialog_id, "reply": reply_id})).one())


async def other_replies(db: AsyncSession, question_id: int | None, reply_id: int) -> tuple[str, ...]:
    """The texts of the newest other replies to the message."""
    beside = select(Message.text).where(Message.parent_id == question_id, Message.id != reply_id)
    shown = beside.where(col(Message.deleted_at).is_(None)).order_by(col(Message.id).desc()).limit(MOST_OTHERS)
    return tuple(await db.exec(shown))


def _participants() -> Any:
    question, before, other = aliased(Message), aliased(Message), aliased(Message)
    columns: tuple[Any, ...] = (
        *(Dialog, Character, User, has_books(col(Character.id), col(Dialog.id))),
        *(question.id, question.created_at, before.created_at),
        exists().where(col(other.parent_id) == col(question.id), col(other.id) != bindparam("reply")),
    )
    return (
        select(*columns)
        .join(Character, col(Character.id) == col(Dialog.character_id))
        .join(User, col(User.id) == col(Dialog.user_id))
        .outerjoin(Message, col(Message.id) == bindparam("reply"))
        .outerjoin(question, col(question.id) == col(Message.parent_id))
        .outerjoin(before, col(before.id) == col(question.parent_id))
        .where(Dialog.id == bindparam("dialog"))
    )


_PARTICIPANTS = _participants()  # built once, since most replies run it

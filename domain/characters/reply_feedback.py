"""Feedback on replies: totals of thumbs up and down, by character and by model.

Totals only: who gave it, and for which words, stays with the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.model.dialog import Dialog, Feedback, Message
from domain.model.user import User
from storage.tables import Table
from storage.upsert import dialect_of, insert_into


class FeedbackTotal(Table, table=True):
    """The totals of one character while one model spoke for it."""

    __tablename__ = "feedback_total"

    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE")
    model: str = Field(primary_key=True, max_length=128)
    up: int = 0
    down: int = 0


class FeedbackCount(NamedTuple):
    up: int = 0
    down: int = 0


async def set_feedback(db: AsyncSession, dialog: Dialog, reply: Message, feedback: Feedback | None) -> None:
    """Give, change or (with None) withdraw feedback. Only the character's own words count, where they were said:
    neither imported replies nor copies.
    """
    before, reply.feedback = reply.feedback, feedback
    if before == feedback or not reply.is_characters_own or reply.is_copied:
        return
    change = {each: (each == feedback) - (each == before) for each in Feedback}
    await _add(db, dialog.character_id, reply.model, FeedbackCount(change[Feedback.UP], change[Feedback.DOWN]))


async def feedback_on_character(db: AsyncSession, character_id: int) -> FeedbackCount:
    sums = func.coalesce(func.sum(col(FeedbackTotal.up)), 0), func.coalesce(func.sum(col(FeedbackTotal.down)), 0)
    found = await db.exec(select(*sums).where(FeedbackTotal.character_id == character_id))
    return FeedbackCount(*map(int, found.one()))


async def feedback_on_models(db: AsyncSession) -> dict[str, FeedbackCount]:
    """The totals of each model that got any feedback, over all characters and all time."""
    sums = func.sum(col(FeedbackTotal.up)), func.sum(col(FeedbackTotal.down))
    found = await db.exec(select(col(FeedbackTotal.model), *sums).group_by(col(FeedbackTotal.model)))
    return {model: FeedbackCount(int(up), int(down)) for model, up, down in found if up or down}


async def withdraw_feedback(db: AsyncSession, person: User) -> None:
    """Withdraw all feedback of a user whose account is being deleted, before their dialogs are."""
    given = (
        select(col(Dialog.character_id), col(Message.model), col(Message.feedback), func.count())
        .join(Dialog, col(Dialog.id) == col(Message.dialog_id))
        .where(Dialog.user_id == person.id, col(Message.feedback).is_not(None))
        .where(col(Message.is_loaded).is_(False), col(Message.is_copied).is_(False))
        .group_by(col(Dialog.character_id), col(Message.model), col(Message.feedback))
        .order_by(col(Dialog.character_id), col(Message.model))  # sums are locked in one order, to avoid deadlocks
    )
    rows: Sequence[Any] = (await db.exec(given)).all()
    for character_id, model, feedback, count in rows:
        is_up = feedback == Feedback.UP
        await _add(db, character_id, model, FeedbackCount(-count if is_up else 0, 0 if is_up else -count))


async def _add(db: AsyncSession, character_id: int, model: str, more: FeedbackCount) -> None:
    row = {"character_id": character_id, "model": model, **more._asdict()}
    added = insert_into(FeedbackTotal, dialect_of(db)).values(row)
    sums = {name: col(getattr(FeedbackTotal, name)) + getattr(added.excluded, name) for name in FeedbackCount._fields}
    await db.exec(added.on_conflict_do_update(index_elements=["character_id", "model"], set_=sums))

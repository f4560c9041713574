"""Rewritten messages: what was remembered of a text that is another one from now on."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.facts.facts import remember_change
from domain.memory.rows import MemoryChapter, MemoryFact
from domain.model.dialog import Message


async def forget_the_old_text(db: AsyncSession, message: Message) -> None:
    """Within the transaction that lets a reply go on: what its text taught so far, and chapters that tell of it.

    Chapters are found by the range of their ids, on whatever branch: one too many is made anew at no harm.
    """
    told = (
        delete(MemoryChapter)
        .where(col(MemoryChapter.dialog_id) == message.dialog_id)
        .where(col(MemoryChapter.first_id) <= message.id, col(MemoryChapter.last_id) >= message.id)
    )
    taught = delete(MemoryFact).where(col(MemoryFact.message_id) == message.id)
    gone = [(await db.exec(each)).rowcount for each in (told, taught)]
    if any(gone):
        await remember_change(db, message.dialog_id)

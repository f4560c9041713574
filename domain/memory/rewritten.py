"""Rewritten messages: what happens to memory when the text of a reply changes."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.facts.facts import remember_change
from domain.memory.rows import MemoryChapter, MemoryFact
from domain.model.dialog import Dialog, Message


async def forget_the_old_text(db: AsyncSession, message: Message) -> None:
    """Delete the facts that a reply has taught and the chapters that cover it, within the transaction that continues
    it.

    Chapters are found by the range of their ids, on all branches: making one too many anew does no harm.
    """
    covering = (
        delete(MemoryChapter)
        .where(col(MemoryChapter.dialog_id) == message.dialog_id)
        .where(col(MemoryChapter.first_id) <= message.id, col(MemoryChapter.last_id) >= message.id)
    )
    taught = delete(MemoryFact).where(col(MemoryFact.message_id) == message.id)
    gone = [(await db.exec(each)).rowcount for each in (covering, taught)]
    if any(gone):
        await remember_change(db, message.dialog_id)


async def take_the_new_text(db: AsyncSession, dialog_id: int) -> None:
    """Raise the memory version within the transaction that ends a continued reply: it may be pinned, and its text may
    have been cached for prompts while it grew.
    """
    is_remembered = col(Dialog.id) == dialog_id, col(Dialog.memory_version) > 0
    await db.exec(update(Dialog).where(*is_remembered).values(memory_version=Dialog.memory_version + 1))

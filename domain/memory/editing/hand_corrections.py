"""What a person corrects by hand in what is remembered: rows only, within the transaction of a use case."""

from __future__ import annotations

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.memory.rows import ChapterState, MadeBy, MemoryChapter, MemoryFact, MemoryPin, MemoryVector
from domain.model.dialog import Dialog, Message


def correct_fact(fact: MemoryFact, text: str) -> None:
    fact.text, fact.made_by, fact.edited_at = text, MadeBy.PERSON, now()


async def forget_fact(db: AsyncSession, fact: MemoryFact) -> None:
    """From now on it is known to nobody. Its text stays as long as it can be brought back (domain/bin.py)."""
    newest = select(func.max(Message.id)).where(Message.dialog_id == fact.dialog_id)
    fact.forgotten_at, fact.forgotten_upto = now(), (await db.exec(newest)).one()


def remember_fact_again(fact: MemoryFact) -> None:
    fact.forgotten_at = fact.forgotten_upto = None


async def correct_chapter(db: AsyncSession, chapter: MemoryChapter, text: str) -> None:
    chapter.text, chapter.made_by, chapter.edited_at = text, MadeBy.PERSON, now()
    chapter.state, chapter.fault, chapter.reference, chapter.lease_until = ChapterState.DONE, "", "", None
    await forget_sums_over(db, chapter)


async def retell_chapter(db: AsyncSession, chapter: MemoryChapter) -> None:
    """Let it be summarised once more, as one that failed is: the worker finds it by `try_after`."""
    chapter.state, chapter.made_by, chapter.edited_at = ChapterState.FAILED, MadeBy.MODEL, None
    chapter.attempts, chapter.try_after, chapter.lease_until = 0, now(), None
    chapter.fault = chapter.reference = ""
    await forget_sums_over(db, chapter)


async def forget_sums_over(db: AsyncSession, chapter: MemoryChapter) -> None:
    """Sums and digests that were made of this chapter are made anew, but for those that the person wrote."""
    over = (
        col(MemoryChapter.dialog_id) == chapter.dialog_id,
        col(MemoryChapter.level) > chapter.level,
        col(MemoryChapter.first_id) <= chapter.first_id,
        col(MemoryChapter.last_id) >= chapter.last_id,
        col(MemoryChapter.made_by) != MadeBy.PERSON,
    )
    await db.exec(delete(MemoryChapter).where(*over))


async def forget_chapters_over(db: AsyncSession, dialog_id: int, message_id: int) -> None:
    """What was told of a message that became another text, or is not to be told any more: it is told anew."""
    over = (
        col(MemoryChapter.dialog_id) == dialog_id,
        col(MemoryChapter.first_id) <= message_id,
        col(MemoryChapter.last_id) >= message_id,
        col(MemoryChapter.made_by) != MadeBy.PERSON,
    )
    await db.exec(delete(MemoryChapter).where(*over))


async def forget_all(db: AsyncSession, dialog: Dialog) -> None:
    for kind in (MemoryVector, MemoryPin, MemoryFact, MemoryChapter):
        await db.exec(delete(kind).where(col(kind.dialog_id) == dialog.id))
    dialog.reads_backlog = False

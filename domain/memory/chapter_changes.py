"""Changes of chapters when the person changes something. Each function is called in the use case's transaction, with
the dialog locked. After the commit `MemoryKeeper.break_off` stops work on old material, and `look_at` starts the new.

Raising `attempts` takes a row away from whoever works on it, and their result is discarded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.memory.forgotten import forgotten_upto
from domain.memory.rows import (
    DIGEST,
    EVERYTHING,
    ChapterState,
    MadeBy,
    MemoryChapter,
    MemoryFact,
    MemoryPin,
    MemoryVector,
)
from domain.model.dialog import Dialog, Message
from storage.columns import in_ids

_ANEW: dict[str, Any] = {
    "state": ChapterState.FAILED,
    "attempts": MemoryChapter.attempts + 1,
    "lease_until": None,
    "try_after": None,
    "is_retold": False,
    "fault": "",
    "reference": "",
}


async def retell(db: AsyncSession, chapter: MemoryChapter) -> None:
    """Have a chapter or sum made anew, even one that the person wrote. The old text, and the sums made of it, stay in
    use until a new text is believed.
    """
    anew = _ANEW | {"is_retold": True}
    await db.exec(update(MemoryChapter).where(col(MemoryChapter.id) == chapter.id).values(anew))


async def drop_vector(db: AsyncSession, chapter: MemoryChapter) -> None:
    """Delete the vector of the chapter's old text. The new text gets a vector after the commit."""
    await db.exec(delete(MemoryVector).where(col(MemoryVector.chapter_id) == chapter.id))


async def edited(db: AsyncSession, chapter: MemoryChapter) -> None:
    """A chapter's text has changed: have the sums and digest above it made anew, except those the person wrote."""
    above = _covering(chapter.dialog_id, chapter.first_id, chapter.last_id), col(MemoryChapter.level) > chapter.level
    is_ours = col(MemoryChapter.made_by) != MadeBy.PERSON
    newest = select(func.max(MemoryChapter.last_id)).where(
        MemoryChapter.dialog_id == chapter.dialog_id, MemoryChapter.level == DIGEST
    )
    old_digests = col(MemoryChapter.level) == DIGEST, col(MemoryChapter.last_id) < newest.scalar_subquery()
    await db.exec(delete(MemoryChapter).where(*above, *old_digests, is_ours))
    await db.exec(update(MemoryChapter).where(*above, is_ours).values(_ANEW))


async def exclude_messages(db: AsyncSession, dialog_id: int, message_ids: Collection[int]) -> None:
    """Leave these messages out of all chapters, because they were hidden from the model or taught something forgotten.
    Whatever covers them, even if the person wrote it, loses its text at once and is made anew without them.
    """
    covering = await _all_covering(db, dialog_id, message_ids)
    await db.exec(delete(MemoryChapter).where(covering, col(MemoryChapter.level) == DIGEST))
    silenced = _ANEW | {"text": "", "made_by": MadeBy.MODEL}
    await db.exec(update(MemoryChapter).where(covering).values(silenced))
    chapters = select(MemoryChapter.id).where(covering)
    await db.exec(delete(MemoryVector).where(col(MemoryVector.chapter_id).in_(chapters)))


async def readmit_messages(db: AsyncSession, dialog_id: int, message_ids: Collection[int]) -> None:
    """Let chapters cover these messages again. They are made anew, except those the person wrote, and keep their old
    texts until then.
    """
    covering = await _all_covering(db, dialog_id, message_ids)
    ours = MemoryChapter.level == 0, MemoryChapter.made_by != MadeBy.PERSON
    for chapter in (await db.exec(select(MemoryChapter).where(covering, *ours))).all():
        await retell(db, chapter)


async def forget_everything(db: AsyncSession, dialog: Dialog) -> None:
    """Delete pins, chapters, vectors and the words of facts. Of each fact a row remains that marks it as forgotten.
    What was said up to now teaches nothing and is neither recalled nor summarised, until the person lets it be read
    (`lift_forgetting`).
    """
    for table in (MemoryVector, MemoryChapter, MemoryPin):
        await db.exec(delete(table).where(col(table.dialog_id) == dialog.id))
    await lift_forgetting(db, dialog.id)
    newest = (await db.exec(select(func.max(Message.id)).where(Message.dialog_id == dialog.id))).one()
    forgotten: dict[str, Any] = {"forgotten_at": now(), "forgotten_upto": newest}
    emptied = {"text": "", "keys": "", "roots": "", "pinned_at": None} | forgotten
    await db.exec(update(MemoryFact).where(col(MemoryFact.dialog_id) == dialog.id).values(emptied))
    db.add(MemoryFact(dialog_id=dialog.id, key_hash=EVERYTHING, **forgotten))
    dialog.reads_backlog, dialog.unread_upto = False, 0
    dialog.memory_version += 1


async def read_all(db: AsyncSession, dialog: Dialog) -> None:
    """Let all of a talk be summarised, including parts that were left unread. Then all sums are made anew, since six
    neighbours are counted from the beginning.
    """
    upto = await forgotten_upto(db, dialog.id)
    await lift_forgetting(db, dialog.id)
    if dialog.unread_upto or upto:
        of_sums = col(MemoryChapter.dialog_id) == dialog.id, col(MemoryChapter.level) > 0
        await db.exec(delete(MemoryChapter).where(*of_sums, col(MemoryChapter.made_by) != MadeBy.PERSON))
    dialog.reads_backlog, dialog.unread_upto = True, 0


async def lift_forgetting(db: AsyncSession, dialog_id: int) -> None:
    """Let what was said before everything was forgotten be recalled and summarised again, and teach new facts."""
    of_everything = col(MemoryFact.dialog_id) == dialog_id, col(MemoryFact.key_hash) == EVERYTHING
    await db.exec(delete(MemoryFact).where(*of_everything))


async def _all_covering(db: AsyncSession, dialog_id: int, message_ids: Collection[int]) -> Any:
    """The chapters, sums and digests that cover any of these messages."""
    sought = sorted(message_ids)
    spans = select(MemoryChapter.id, MemoryChapter.first_id, MemoryChapter.last_id)
    found = await db.exec(spans.where(MemoryChapter.dialog_id == dialog_id))
    covering = [each for each, first, last in found if bisect_left(sought, first) < bisect_right(sought, last)]
    return in_ids(col(MemoryChapter.id), covering, db.get_bind().dialect.name)


def _covering(dialog_id: int, first_id: int, last_id: int) -> Any:
    """Chapters whose range of ids covers this one. Some may be on other branches, where making them anew is needless
    but harmless.
    """
    return (
        (col(MemoryChapter.dialog_id) == dialog_id)
        & (col(MemoryChapter.first_id) <= first_id)
        & (col(MemoryChapter.last_id) >= last_id)
    )

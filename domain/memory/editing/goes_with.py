"""Effects of deleting a message: which pins, facts and chapters about it and its followers no longer count."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST, ChapterState, MemoryChapter, MemoryFact, MemoryPin
from domain.model.dialog import Message


@dataclass(frozen=True)
class GoesWith:
    """Numbers of pins, facts and chapters of the path that no longer count. Undoing the deletion restores them."""

    pins: int = 0
    facts: int = 0
    chapters: int = 0

    def __bool__(self) -> bool:
        return bool(self.pins or self.facts or self.chapters)


async def goes_with(db: AsyncSession, message: Message, path: Path) -> GoesWith:
    """Count what goes with the message on this path; nothing if the message is not on it."""
    if message.id not in path:
        return GoesWith()
    dialog_id, first = message.dialog_id, message.id
    pinned = select(MemoryPin.message_id, MemoryPin.anchor_id).where(MemoryPin.dialog_id == dialog_id)
    facts = select(MemoryFact.message_id).where(
        MemoryFact.dialog_id == dialog_id,
        col(MemoryFact.message_id) >= first,
        col(MemoryFact.forgotten_at).is_(None),
    )
    chapters = select(MemoryChapter.last_id).where(
        MemoryChapter.dialog_id == dialog_id,
        MemoryChapter.last_id >= first,
        MemoryChapter.level < DIGEST,
        MemoryChapter.state == ChapterState.DONE,
    )
    anchors = [message_id or anchor_id for message_id, anchor_id in await db.exec(pinned)]
    return GoesWith(
        pins=sum(each is not None and each >= first and each in path for each in anchors),
        facts=sum(each is not None and each in path for each in await db.exec(facts)),
        chapters=sum(each in path for each in await db.exec(chapters)),
    )

"""Traces of memory shown beside messages: which are pinned, and when the old ones that a reply recalled were said."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.rows import MemoryPin
from domain.model.dialog import Dialog, Message


@dataclass(frozen=True)
class RecalledMessage:
    id: int
    said_at: datetime


async def pinned_among(db: AsyncSession, dialog: Dialog, ids: Collection[int]) -> frozenset[int]:
    """The pinned ones of these messages. If nothing was ever remembered of the dialog, no query is made."""
    if not dialog.memory_version:
        return frozenset()
    pinned = select(MemoryPin.message_id).where(MemoryPin.dialog_id == dialog.id, col(MemoryPin.message_id).in_(ids))
    return frozenset(each for each in await db.exec(pinned) if each is not None)


async def recalled_by(
    db: AsyncSession, dialog_id: int, messages: Iterable[Message]
) -> dict[int, tuple[RecalledMessage, ...]]:
    """For each reply that recalled something, the messages to go back to, in the order of its prompt. A message and the
    reply to it count as one; messages deleted since are left out.
    """
    recalled = {message.id: message.recalled for message in messages if message.recalled}
    if not recalled:
        return {}
    columns: tuple[Any, ...] = (Message.id, Message.parent_id, Message.created_at)
    wanted = {each for ids in recalled.values() for each in ids}
    there = Message.dialog_id == dialog_id, col(Message.deleted_at).is_(None)
    rows = await db.exec(select(*columns).where(col(Message.id).in_(wanted), *there))
    found = {message_id: (parent_id, said_at) for message_id, parent_id, said_at in rows}
    return {
        reply_id: tuple(
            RecalledMessage(each, found[each][1]) for each in ids if each in found and found[each][0] not in ids
        )
        for reply_id, ids in recalled.items()
    }

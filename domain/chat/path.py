"""Questions about the tree of messages."""

from __future__ import annotations

from sqlalchemy import literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.dialog import Message


async def path_to(db: AsyncSession, leaf_id: int | None, *, limit: int) -> list[Message]:
    """The last `limit` messages of the path that ends at the leaf, oldest first."""
    walked = (
        select(col(Message.id), col(Message.parent_id), literal(1).label("steps"))
        .where(col(Message.id) == leaf_id)
        .cte("walked", recursive=True)
    )
    walked = walked.union_all(
        select(col(Message.id), col(Message.parent_id), walked.c.steps + 1)
        .join(walked, col(Message.id) == walked.c.parent_id)
        .where(walked.c.steps < limit)
    )
    found = await db.exec(select(Message).join(walked, col(Message.id) == walked.c.id).order_by(walked.c.steps.desc()))
    return list(found)

"""Questions about the tree of messages: the path being read, what stands beside it, where a branch ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CTE, func, literal
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.dialog import Message
from domain.chat.prompt import Spoken

CHUNK = 500
"""Ids in one question: databases limit the number of parameters."""


async def outline_of(db: AsyncSession, leaf_id: int | None) -> list[Spoken]:
    """The whole path that ends at the leaf, oldest first, without its texts."""
    walked = _way_up(leaf_id)
    length = func.length(func.trim(col(Message.text)))
    found: Any = await db.exec(
        select(Message.id, Message.role, Message.state, length)
        .join(walked, col(Message.id) == walked.c.id)
        .order_by(walked.c.steps.desc())
    )
    return [Spoken(*row) for row in found]


async def is_put_away(db: AsyncSession, message: Message) -> bool:
    """Whether the message was deleted, or anything above it."""
    walked = _way_up(message.id)
    deleted = select(Message.id).join(walked, col(Message.id) == walked.c.id)
    return (await db.exec(deleted.where(col(Message.deleted_at).is_not(None)).limit(1))).first() is not None


def _way_up(message_id: int | None) -> CTE:
    """From a message to the first of its path: ids, and how many steps away."""
    walked = (
        select(col(Message.id), col(Message.parent_id), literal(1).label("steps"))
        .where(col(Message.id) == message_id)
        .cte("walked", recursive=True)
    )
    return walked.union_all(
        select(col(Message.id), col(Message.parent_id), walked.c.steps + 1).join(
            walked, col(Message.id) == walked.c.parent_id
        )
    )


async def with_texts(db: AsyncSession, ids: Iterable[int]) -> list[Message]:
    """The messages of these ids, in the order of a path (ids grow along it)."""
    wanted = sorted(ids)
    messages: list[Message] = []
    for start in range(0, len(wanted), CHUNK):
        some = col(Message.id).in_(wanted[start : start + CHUNK])
        messages.extend(await db.exec(select(Message).where(some).order_by(col(Message.id))))
    return messages


async def siblings_of(db: AsyncSession, messages: Iterable[Message]) -> dict[int, list[int]]:
    """For each message the ids that stand in its place, itself among them, oldest first; deleted ones are out."""
    shown = list(messages)
    if not shown:
        return {}
    parents = [message.parent_id for message in shown if message.parent_id is not None]
    roots = [col(Message.parent_id).is_(None)] if len(parents) < len(shown) else []
    found = await db.exec(
        select(Message.id, Message.parent_id)
        .where(Message.dialog_id == shown[0].dialog_id, col(Message.deleted_at).is_(None))
        .where(or_(col(Message.parent_id).in_(parents), *roots))
        .order_by(col(Message.id))
    )
    under: dict[int | None, list[int]] = {}
    for message_id, parent_id in found:
        under.setdefault(parent_id, []).append(message_id)
    return {message.id: under.get(message.parent_id, [message.id]) for message in shown}


async def end_of_branch(db: AsyncSession, message: Message) -> Message:
    """Where the branch through the message ends, going on each time the way that was read last."""
    while True:
        found = await db.exec(
            select(Message)
            .where(Message.parent_id == message.id, col(Message.deleted_at).is_(None))
            .order_by((col(Message.id) == (message.next_id or 0)).desc(), col(Message.id).desc())
            .limit(1)
        )
        below = found.first()
        if below is None:
            return message
        message = below

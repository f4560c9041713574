"""Siblings in the message tree: the versions of a message, below the same parent or all at the beginning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.model.dialog import Message


class SiblingPosition(NamedTuple):
    """The position of a message among its siblings without deleted ones: `place` `of` so many, from 1 on, and the ids
    of the previous and the next one.
    """

    place: int = 1
    of: int = 1
    before: int | None = None
    after: int | None = None


async def siblings_of(db: AsyncSession, messages: Iterable[Message]) -> dict[int, SiblingPosition]:
    """For each message its position among its siblings. They are counted by the database, however many there are."""
    shown = list(messages)
    beside: dict[int, SiblingPosition] = {}
    for are_roots in (True, False):
        ids = [each.id for each in shown if (each.parent_id is None) == are_roots]
        if ids:
            beside |= await _places_of(db, ids, shown[0].dialog_id, are_roots=are_roots)
    return {each.id: beside.get(each.id, SiblingPosition()) for each in shown}


async def _places_of(
    db: AsyncSession, ids: list[int], dialog_id: int, *, are_roots: bool
) -> dict[int, SiblingPosition]:
    own, other = aliased(Message), aliased(Message)
    # Each condition has an index; with the dialog in both, the whole dialog would be scanned.
    same_place = _is_root_of(dialog_id, other) if are_roots else col(other.parent_id) == col(own.parent_id)
    is_before, is_after = col(other.id) < col(own.id), col(other.id) > col(own.id)
    columns: tuple[Any, ...] = (
        own.id,
        func.count(case((col(other.id) <= col(own.id), 1))),
        func.count(),
        func.max(case((is_before, col(other.id)))),
        func.min(case((is_after, col(other.id)))),
    )
    found: Any = await db.exec(
        select(*columns)
        .join(other, and_(same_place, col(other.deleted_at).is_(None)))
        .where(col(own.id).in_(ids))
        .group_by(col(own.id))
    )
    return {own_id: SiblingPosition(max(place, 1), of, before, after) for own_id, place, of, before, after in found}


def _is_root_of(dialog_id: int, message: type[Message] = Message) -> ColumnElement[bool]:
    return and_(col(message.dialog_id) == dialog_id, col(message.parent_id).is_(None))


async def sibling_beside(db: AsyncSession, message: Message, by: int) -> Message | None:
    """The sibling `by` places further, without deleted ones; None beyond the ends."""
    if not by:
        return message
    own, order = (
        (col(Message.id) > message.id, col(Message.id))
        if by > 0
        else (col(Message.id) < message.id, col(Message.id).desc())
    )
    is_beside = (
        _is_root_of(message.dialog_id) if message.parent_id is None else col(Message.parent_id) == message.parent_id
    )
    found = await db.exec(
        select(Message)
        .where(is_beside, col(Message.deleted_at).is_(None), own)
        .order_by(order)
        .offset(abs(by) - 1)
        .limit(1)
    )
    return found.first()


async def continued_sibling(db: AsyncSession, message: Message) -> int | None:
    """The newest sibling below which the person has said something; None if there is none."""
    sibling, reply, said = aliased(Message), aliased(Message), aliased(Message)
    is_sibling = (
        _is_root_of(message.dialog_id, sibling)
        if message.parent_id is None
        else col(sibling.parent_id) == message.parent_id
    )
    question = select(func.max(sibling.id)).where(is_sibling, col(sibling.id) != message.id)
    above = sibling
    if message.role == Role.USER:  # the next words of the person are below the reply to these
        question = question.join(reply, and_(col(reply.parent_id) == sibling.id, col(reply.deleted_at).is_(None)))
        above = reply
    question = question.join(said, and_(col(said.parent_id) == above.id, col(said.deleted_at).is_(None)))
    return (await db.exec(question.where(col(sibling.deleted_at).is_(None)))).one()

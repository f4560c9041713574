"""Siblings in the message tree: the versions of a message, below the same parent or all at the beginning."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.model.dialog import Message


class SiblingPosition(NamedTuple):
    """The position of a message among its siblings that are not deleted: `place`, from 1, their number (`of`), and the
    ids of the previous and the next one.
    """

    place: int = 1
    of: int = 1
    before: int | None = None
    after: int | None = None


async def with_siblings(
    db: AsyncSession, dialog_id: int, ids: Collection[int]
) -> list[tuple[Message, SiblingPosition]]:
    """Those of these messages that belong to the dialog, in the order of a path, each with its position among its
    siblings. The database counts the siblings, of which there may be many.
    """
    below = await _placed(db, _BELOW, ids=[*ids])
    others = set(ids) - {message.id for message, _place in below}
    roots = await _placed(db, _ROOTS, ids=[*others], dialog=dialog_id) if others else []
    return [*roots, *(each for each in below if each[0].dialog_id == dialog_id)]


async def _placed(db: AsyncSession, which: Any, **parameters: object) -> list[tuple[Message, SiblingPosition]]:
    found = await db.exec(which, params=parameters)
    return [(message, SiblingPosition(max(place, 1), max(of, 1), *beside)) for message, place, of, *beside in found]


def _is_root_of(dialog_id: int | BindParameter[int], message: type[Message] = Message) -> ColumnElement[bool]:
    return and_(col(message.dialog_id) == dialog_id, col(message.parent_id).is_(None))


def _with_places(which: ColumnElement[bool], is_sibling: ColumnElement[bool]) -> Any:
    columns: tuple[Any, ...] = (
        _OWN,
        func.count(case((col(_OTHER.id) <= col(_OWN.id), 1))),
        func.count(col(_OTHER.id)),
        func.max(case((col(_OTHER.id) < col(_OWN.id), col(_OTHER.id)))),
        func.min(case((col(_OTHER.id) > col(_OWN.id), col(_OTHER.id)))),
    )
    return (
        select(*columns)
        .join(_OTHER, and_(is_sibling, col(_OTHER.deleted_at).is_(None)), isouter=True)
        .where(col(_OWN.id).in_(bindparam("ids", expanding=True)), which)
        .group_by(col(_OWN.id))
        .order_by(col(_OWN.id))
    )


# Built once, since every turn runs them twice. Each uses an index; naming the dialog in both would scan all of it.
_OWN, _OTHER = aliased(Message), aliased(Message)
_BELOW = _with_places(col(_OWN.parent_id).is_not(None), col(_OTHER.parent_id) == col(_OWN.parent_id))
_ROOTS = _with_places(*(_is_root_of(bindparam("dialog"), each) for each in (_OWN, _OTHER)))


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
    if message.role == Role.USER:  # the person's next message is below the reply to this one
        question = question.join(reply, and_(col(reply.parent_id) == sibling.id, col(reply.deleted_at).is_(None)))
        above = reply
    question = question.join(said, and_(col(said.parent_id) == above.id, col(said.deleted_at).is_(None)))
    return (await db.exec(question.where(col(sibling.deleted_at).is_(None)))).one()

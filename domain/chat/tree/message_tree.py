"""Message tree (jump pointers): queries for the current path and the end of a branch.

Siblings: domain/chat/tree/siblings.py.
A dialog may contain a hundred thousand messages. Queries inside a write transaction take some dozen steps at any
length, by jump pointers: each message knows its parent and one message far above it. Ids grow along a path, because a
message is created after the one it follows, so climbing never misses its target. Only `end_of_branch` and `way_to` take
a step per message; they run in a `read()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    literal,
    update,
)
from sqlalchemy import select as rows_of  # yields rows even for a single column, unlike SQLModel's
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree import path_queries
from domain.chat.tree.path_message import PathMessage
from domain.model.dialog import Dialog, Message
from storage.columns import LARGEST_ID

CHUNK = 500
"""Ids per query: databases limit the number of parameters."""
JumpPointer = tuple[int, int | None]
"""`depth` and `jump_id` of a message."""
ROOT: JumpPointer = (0, None)
JUMPS = 3
"""Number of jumps that are read above a message before two messages are added below it."""
REACH = 4
"""Ids scanned at first per message wanted below another one; more if other dialogs have taken many of them."""


async def path_up(db: AsyncSession, message_id: int | None, limit: int) -> list[PathMessage]:
    """The end of the path to the message, at most `limit` messages, oldest first, without their texts."""
    return await _spoken(db, path_queries.end_of_path(), _way(message_id, limit))


async def ids_up(db: AsyncSession, message_id: int, limit: int | None = None) -> list[int]:
    """The ids of the path to the message, or of its last `limit` messages, oldest first. It takes a step per message,
    so it runs in a `read()`.
    """
    return sorted(await db.exec(path_queries.ids_up(), params=_way(message_id, limit)))


async def path_below(db: AsyncSession, leaf_id: int | None, after: int, limit: int) -> list[PathMessage]:
    """The messages after `after` on the path to the leaf, at most `limit` of them, oldest first."""
    if leaf_id is None or not limit or after >= leaf_id:
        return []
    after, reach = max(0, after), limit * REACH
    while True:
        end = await _first_up(db, leaf_id, after + reach)
        found = await _spoken(db, path_queries.path_below(), _way(end, beyond=after) | {"first": limit})
        if len(found) == limit or end == leaf_id:
            return found
        reach *= REACH


async def _spoken(db: AsyncSession, query: Any, params: dict[str, int | None]) -> list[PathMessage]:
    return [PathMessage(*row) for row in await db.exec(query, params=params)]


def _way(message_id: int | None, limit: int | None = None, beyond: int = 0) -> dict[str, int | None]:
    return {"message": message_id, "limit": LARGEST_ID if limit is None else limit, "beyond": beyond}


async def first_of_path(db: AsyncSession, leaf_id: int | None) -> int:
    """The id of the path's first message; 0 if it is empty."""
    return await _first_up(db, leaf_id, 0) if leaf_id else 0


async def is_on_path(db: AsyncSession, leaf_id: int | None, message_id: int) -> bool:
    """Whether the message is the leaf or an ancestor of it."""
    if leaf_id is None or not 0 < message_id <= leaf_id:  # ids grow along a path; URLs may name anything
        return False
    return await _first_up(db, leaf_id, message_id) == message_id


async def is_deleted(db: AsyncSession, message: Message) -> bool:
    """Whether the message or an ancestor of it was deleted."""
    ids = {"message": message.id, "dialog": message.dialog_id}
    return (await db.exec(path_queries.deleted_above(), params=ids)).first() is not None


async def _first_up(db: AsyncSession, message_id: int, highest: int) -> int:
    """The first message on the way up with an id of at most `highest`; else the first of the path."""
    found = await db.exec(path_queries.first_up(), params={"message": message_id, "highest": highest})
    return found.one() or 0


async def with_texts(db: AsyncSession, ids: Iterable[int]) -> list[Message]:
    """The messages of these ids, in the order of a path (ids grow along it)."""
    wanted = sorted(ids)
    messages: list[Message] = []
    for start in range(0, len(wanted), CHUNK):
        some = col(Message.id).in_(wanted[start : start + CHUNK])
        messages.extend(await db.exec(select(Message).where(some).order_by(col(Message.id))))
    return messages


async def end_of_branch(db: AsyncSession, message_id: int, known: int | None = None) -> int:
    """The end of the branch through the message, following at each step the branch last shown, else the newest.

    It takes a step per message below, so a use case calls it before its write transaction and again inside with the
    result as `known`: it then continues from there, if that is still below the message and nothing between was deleted.
    """
    if known is not None and known != message_id and await _leads_to(db, message_id, known):
        message_id = known
    return (await db.exec(path_queries.end_below(), params={"message": message_id})).one() or message_id


async def _leads_to(db: AsyncSession, message_id: int, end_id: int) -> bool:
    end = await db.get(Message, end_id)
    return end is not None and await is_on_path(db, end.id, message_id) and not await is_deleted(db, end)


async def way_to(db: AsyncSession, leaf_id: int | None, message: Message) -> dict[int, int]:
    """The choices that make the branch to the message the one last shown: maps messages to the ones that must follow.

    It starts where the branch leaves the path to the leaf, and has only messages that would be followed by another one.
    It takes a step per message of both paths, so a use case calls it before its write transaction.
    """
    way = _way(message.id)
    fork = (await db.exec(path_queries.fork(), params=way | {"being_read": leaf_id})).one() or 0
    return dict((await db.exec(path_queries.choices_to(), params=way | {"fork": fork})).all())


@dataclass(frozen=True)
class Above:
    """The message below which others are to be added. `places` are the jump pointers of this message and of those above
    it that are needed to work out the jump pointers of two new messages.
    """

    id: int
    next_id: int | None
    created_at: datetime
    places: dict[int, JumpPointer]


async def add_below(db: AsyncSession, dialog: Dialog, *messages: Message, above: Above | None = None) -> None:
    """Add messages to the tree, the first below the parent it names and each other one below the previous, and make the
    last the end of the current path. `above` is that parent, if it was read in this transaction.
    """
    parent_id = messages[0].parent_id
    if above is None and parent_id:
        above = above_in((await db.exec(_ABOVE, params={"message": parent_id})).one())
    places = dict(above.places) if above else {}
    for message in messages:
        message.parent_id = parent_id
        message.depth, message.jump_id = place_below(parent_id, places)
        db.add(message)
        await db.flush()
        places[message.id] = message.depth, message.jump_id
        parent_id = message.id
    dialog.leaf_id = parent_id
    await show_below(db, above, messages[0].id)


async def show_below(db: AsyncSession, above: Above | None, message_id: int) -> None:
    """Make this new message the one that is shown below `above`."""
    if above and above.next_id:  # another branch was chosen there; without a choice the newest is shown
        await db.exec(update(Message).where(col(Message.id) == above.id).values(next_id=message_id))


def place_below(parent_id: int | None, places: Mapping[int, JumpPointer]) -> JumpPointer:
    """The jump pointer of a message below this parent: past two consecutive jumps of equal length, else to the parent.

    The lengths are those of skew binary numbers: they grow with the depth, and any ancestor is reached in at most three
    times as many steps as the depth has binary digits. Where a jump pointer is unknown, jumps are short.
    """
    if parent_id is None:
        return ROOT
    depth, jump_id = places.get(parent_id, ROOT)
    middle, far_id = places.get(jump_id or 0, ROOT)
    if far_id is not None and far_id in places and depth - middle == middle - places[far_id][0]:
        return depth + 1, far_id
    return depth + 1, parent_id


def with_above(question: Any, message_id: BindParameter[int]) -> Any:
    """The same select of one row, with columns added at its end for `above_in`."""
    first, *_ = _JUMPS
    question = question.outerjoin(first, col(first.id) == message_id)
    for below, jump in pairwise(_JUMPS):
        question = question.outerjoin(jump, col(jump.id) == col(below.jump_id))
    places = [column for each in _JUMPS for column in (each.id, each.depth, each.jump_id)]
    return question.add_columns(first.next_id, first.created_at, *places)


def above_in(row: Sequence[Any]) -> Above | None:
    """The `Above` in a row of a query made by `with_above`; None if there is no such message."""
    next_id, created_at, *places = row[-2 - 3 * len(_JUMPS) :]
    found = {places[at]: (places[at + 1], places[at + 2]) for at in range(0, len(places), 3) if places[at]}
    return Above(places[0], next_id, created_at, found) if found else None


_JUMPS = [aliased(Message) for _ in range(JUMPS + 1)]
_ONE_ROW = rows_of(literal(1)).subquery()
_ABOVE = with_above(rows_of(_ONE_ROW).select_from(_ONE_ROW), bindparam("message", type_=Integer))  # built once

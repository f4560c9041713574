"""Context window of a conversation: the opening and the end of a path, which are all that the model gets verbatim.
However long the path is, only these two parts are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, and_, bindparam, case, func, literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.prompts.prompt import is_read_question, opening_of, with_question
from domain.chat.tree.path_message import PathMessage
from domain.memory.path_ids import Path, PathIds
from domain.memory.verbatim import EXCHANGE
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User

MOST_REMEMBERED = 1_000
"""Maximum messages in a prompt, however short: each costs a model some tokens besides its text."""
LONGEST_OPENING = 25
"""Maximum messages in a prompt from before the user's first one; only an imported conversation has more."""
USUAL_OPENING = 1


@dataclass(frozen=True)
class PathEnds:
    """`opening` is the character's messages before the first of the user; `tail` is at least all that fits the room,
    and the last exchange even if it does not.
    """

    path: Path
    opening: list[PathMessage]
    first_question: int | None
    tail: list[PathMessage]
    is_silenced: bool = False
    """Whether the person, the character or its author was blocked when the texts were read."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing lies between the opening and the tail."""
        return not self.tail or self.tail[0].parent_id is None

    @property
    def has_question(self) -> bool:
        return any(map(is_read_question, self.tail))

    def uncovered(self, first: int, covered_upto: int) -> int:
        """Number of messages before the first verbatim one that no chapter covers."""
        covered = max(covered_upto, self.opening[-1].id if self.opening else 0)
        return max(0, self.path.number(first) - 1 - self.path.number(covered))


async def ends_of(db: AsyncSession, paths: PathIds, leaf_id: int | None, room: int, *, texts: bool = False) -> PathEnds:
    """Read the two ends of the path to the leaf, for a prompt of `room` characters, with their texts or without."""
    tail: list[PathMessage] = []
    is_silenced = False
    end = leaf_id
    connection = await db.connection()  # rows without the ORM, which would take half as long again
    while end is not None and len(tail) < MOST_REMEMBERED and (_length(tail) <= room or not _has_exchange(tail)):
        rows = (await connection.execute(_UP[texts], {"leaf": end, "room": max(0, room - _length(tail))})).all()
        above = [PathMessage(*row) for *row, _ in rows]
        is_silenced |= any(row[-1] for row in rows[:1])
        tail = (above if tail else with_question(above)) + tail
        end = above[0].parent_id if above else None
    tail = tail[-MOST_REMEMBERED:]
    path = await paths.of(db, leaf_id, tail)
    head = await _head(db, path, texts=texts) if tail and tail[0].parent_id else tail
    opening = opening_of(head)[:LONGEST_OPENING]
    return PathEnds(path, opening, next((each.id for each in head if is_read_question(each)), None), tail, is_silenced)


async def _head(db: AsyncSession, path: Path, *, texts: bool) -> list[PathMessage]:
    """The beginning of a path up to the user's first message, which is nearly always its second."""
    head: list[PathMessage] = []
    for length in (USUAL_OPENING + 1, LONGEST_OPENING):
        ids = path.ids[:length].tolist()
        head = [PathMessage(*row) for row in await db.exec(_AMONG[texts], params={"ids": ids})]
        if any(map(is_read_question, head)):
            break
    return head


def _up_to(room: BindParameter[int], *, texts: bool) -> Any:
    """The end of the path to the leaf that fits `room` characters, and the message before it. With the texts, the query
    also tells whether somebody is blocked, so that both are read at the same moment.
    """
    # The last message is read even if it is hidden, since it is the question.
    is_skipped = and_(col(Message.is_hidden_from_model), col(Message.id) != bindparam("leaf"))
    text = case((is_skipped, ""), else_=col(Message.text))
    length = func.length(text)
    walked = (
        select(col(Message.id), col(Message.parent_id), literal(1).label("steps"), length.label("said"))
        .where(col(Message.id) == bindparam("leaf"))
        .cte("walked", recursive=True)
    )
    walked = walked.union_all(
        select(col(Message.id), col(Message.parent_id), walked.c.steps + 1, walked.c.said + length)
        .join(walked, col(Message.id) == walked.c.parent_id)
        .where(walked.c.steps < MOST_REMEMBERED, walked.c.said <= room)
    )
    columns = _columns(func.length(func.trim(text)), text if texts else literal(""))
    columns = *columns, _is_silenced() if texts else literal(value=False)
    return select(*columns).where(col(Message.id).in_(select(walked.c.id))).order_by(col(Message.id))


def _is_silenced() -> ColumnElement[bool]:
    spoken, author = aliased(Message), aliased(User)
    return exists().where(
        col(spoken.id) == bindparam("leaf"),
        col(Dialog.id) == col(spoken.dialog_id),
        col(Character.id) == col(Dialog.character_id),
        col(author.id) == col(Character.owner_id),
        col(User.id) == col(Dialog.user_id),
        or_(col(Character.is_blocked), col(author.is_blocked), col(User.is_blocked)),
    )


def _among(*, texts: bool) -> Any:
    columns = _columns(func.length(func.trim(col(Message.text))), col(Message.text) if texts else literal(""))
    return select(*columns).where(col(Message.id).in_(bindparam("ids", expanding=True))).order_by(col(Message.id))


def _columns(length: Any, text: Any) -> tuple[Any, ...]:
    place = Message.parent_id, Message.is_hidden_from_model
    return Message.id, Message.role, Message.state, length, *place, text


# Built once, since every reply runs them; the key tells whether texts are read.
_UP = {texts: _up_to(bindparam("room", type_=Integer), texts=texts) for texts in (False, True)}
_AMONG = {texts: _among(texts=texts) for texts in (False, True)}


def _length(tail: list[PathMessage]) -> int:
    return sum(each.length for each in tail if each.counts)


def _has_exchange(tail: list[PathMessage]) -> bool:
    return len([each for each in tail if each.counts]) >= EXCHANGE and any(map(is_read_question, tail))

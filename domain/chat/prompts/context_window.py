"""Context window of a conversation: the opening and the end of a path, which is all that the model still gets. However
long the path is, only these two are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Integer, and_, bindparam, case, func, literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.prompts.prompt import first_remembered, is_read_question, opening_of, room_left, with_question
from domain.chat.tree.message_tree import first_of_path, path_below, path_up, with_texts
from domain.chat.tree.path_message import PathMessage
from domain.model.character import Character
from domain.model.dialog import Message
from domain.model.user import User

MOST_REMEMBERED = 1_000
"""Maximum messages in a prompt, however short: each costs a model some tokens besides its text."""
LONGEST_OPENING = 25
"""Maximum messages before the user's first that the model gets; only an imported conversation begins with more."""
CHUNK = 100
"""Messages per query, as long as there is room."""


@dataclass(frozen=True)
class PathEnds:
    """`opening` is the character's messages before the first of the user; `tail` is at least all that fits the room."""

    opening: list[PathMessage]
    first_question: int | None
    tail: list[PathMessage]

    def first_remembered(self, character: Character, person: User, room: int) -> int:
        return first_remembered(self.tail, room_left(character, person, self.opening, room))

    def remembered_from(self, character: Character, person: User, room: int) -> int | None:
        """The first message that the model gets verbatim; None while that is all of them."""
        if not any(map(is_read_question, self.tail)):
            return None
        first = self.first_remembered(character, person, room)
        return first if first > (self.first_question or 0) else None


async def ends_of(db: AsyncSession, leaf_id: int | None, room: int, *, texts: bool = False) -> PathEnds:
    """Read the two ends of the path to the leaf, for a prompt of `room` characters, with their texts or without."""
    tail: list[PathMessage] = []
    end = leaf_id
    while end is not None and len(tail) < MOST_REMEMBERED and _length(tail) <= room:
        above = await (_texts_up(db, end, room - _length(tail)) if texts else path_up(db, end, CHUNK))
        tail = (above if tail else with_question(above)) + tail
        end = above[0].parent_id if above else None
    head = tail if end is None else await _first_messages(db, leaf_id)
    opening = opening_of(head)[:LONGEST_OPENING]
    if texts and head is not tail:
        opening = [_with_text(each) for each in await with_texts(db, [each.id for each in opening])]
    return PathEnds(opening, next((each.id for each in head if is_read_question(each)), None), tail)


async def _texts_up(db: AsyncSession, leaf_id: int, room: int) -> list[PathMessage]:
    """The end of the path to the leaf that fits into so many characters, and the message before it."""
    return [PathMessage(*row) for row in await db.exec(_TEXTS_UP, params={"leaf": leaf_id, "room": room})]


def _texts_in(room: BindParameter[int]) -> Any:
    # Of what is hidden only the last message may be read: its question.
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
        .where(walked.c.steps < CHUNK, walked.c.said <= room)
    )
    shown = func.length(func.trim(text))
    place = Message.parent_id, Message.is_hidden_from_model
    columns: tuple[Any, ...] = (Message.id, Message.role, Message.state, shown, *place, text)
    return select(*columns).where(col(Message.id).in_(select(walked.c.id))).order_by(col(Message.id))


_TEXTS_UP = _texts_in(bindparam("room", type_=Integer))  # built once, since each reply asks it


def _with_text(message: Message) -> PathMessage:
    length = len(message.text.strip())
    hidden = message.is_hidden_from_model
    return PathMessage(message.id, message.role, message.state, length, message.parent_id, hidden, message.text)


async def _first_messages(db: AsyncSession, leaf_id: int | None) -> list[PathMessage]:
    first = await first_of_path(db, leaf_id)
    return await path_below(db, leaf_id, first - 1, LONGEST_OPENING)


def _length(tail: list[PathMessage]) -> int:
    return sum(each.length for each in tail if each.counts)

"""Context window of a conversation: the opening and the end of a path, which is all that the model still gets. However
long the path is, only these two are read.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.message_tree import first_of_path, path_below, path_up
from domain.chat.prompt import PathMessage, first_remembered, opening_of, room_left
from domain.llm.port import Role
from domain.model.character import Character
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
        if not any(each.role == Role.USER for each in self.tail):
            return None
        first = self.first_remembered(character, person, room)
        return first if first > (self.first_question or 0) else None


async def ends_of(db: AsyncSession, leaf_id: int | None, room: int, *, with_texts: bool = False) -> PathEnds:
    """Read the two ends of the path to the leaf, for a prompt of `room` characters."""
    tail: list[PathMessage] = []
    end = leaf_id
    while end is not None and len(tail) < MOST_REMEMBERED and _length(tail) <= room:
        above = await path_up(db, end, CHUNK, room - _length(tail) if with_texts else None)
        tail = above + tail
        end = above[0].parent_id if above else None
    head = tail if end is None else await _first_messages(db, leaf_id, with_texts=with_texts)
    opening = opening_of(head)[:LONGEST_OPENING]
    return PathEnds(opening, next((each.id for each in head if each.role == Role.USER), None), tail)


async def _first_messages(db: AsyncSession, leaf_id: int | None, *, with_texts: bool) -> list[PathMessage]:
    first = await first_of_path(db, leaf_id)
    return await path_below(db, leaf_id, first - 1, LONGEST_OPENING, with_texts=with_texts)


def _length(tail: list[PathMessage]) -> int:
    return sum(each.length for each in tail if each.counts)

"""The verbatim part: the end of a path that the model gets word for word, as far as there is room; pure code."""

from __future__ import annotations

from collections.abc import Sequence

from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Role

EXCHANGE = 3
"""Number of messages in the last exchange: the newest, and the question and reply before it."""


def first_verbatim(path: Sequence[PathMessage], room: int, after: int = 0) -> int:
    """The id of the first message that the model gets verbatim, given `room` characters for all of them. Messages up to
    `after` are left out, since chapters cover them.

    It is the user's, since earlier replies go into the system message; the newest message is always included. Ids grow
    along a path, because a message is created after the one it follows.
    """
    counted = [each for each in path if each.counts]
    first = len(counted) - 1
    room -= counted[first].length
    while first > 0 and counted[first - 1].length <= room and counted[first - 1].id > after:
        first -= 1
        room -= counted[first].length
    while counted[first].role != Role.USER and first < len(counted) - 1:
        first += 1
    return counted[first].id


def last_exchange(path: Sequence[PathMessage]) -> int:
    """The characters of the newest message and of the question and reply before it; memory leaves room for them."""
    counted = [each for each in path if each.counts]
    return sum(each.length for each in counted[-EXCHANGE:])


def newest_length(path: Sequence[PathMessage]) -> int:
    """The characters of the message being answered."""
    return next((each.length for each in reversed(path) if each.counts), 0)

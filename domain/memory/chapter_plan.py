"""Plans what part of a path is summarised next: a chapter, a sum of six neighbours, or the digest; pure code.

Neighbours are counted from the beginning of the path, so that branches share the chapters above their fork.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Role
from domain.memory.path_ids import Path
from domain.memory.rows import CHAPTER_LIMIT, DIGEST
from domain.memory.shares import CHAPTER as CHAPTER_SHARE
from domain.memory.shares import DIGEST as DIGEST_SHARE
from domain.memory.shares import Shares
from domain.model.dialog import State

NEIGHBOURS = 6
"""Number of summaries of one level that are summed up into one of the next."""
NEWEST = 4
"""Number of messages at the end of a path that no chapter covers, since they may still be regenerated or deleted."""
BY_ITSELF = 12
"""Maximum chapters made without asking; a longer backlog is read only if the person agrees."""
SHORTEST_WEIGHT = 20
"""Minimum characters that a message counts for, since it costs a model more than its text."""
ORDERS = 3_000
"""Characters of a summariser's prompt kept for all but the talk: instructions, the previous chapter, known facts."""
SMALLEST = 1_000
"""Minimum characters that a summariser is assumed to read at once."""


@dataclass(frozen=True)
class Sizes:
    """Sizes in characters: of the talk that a chapter covers (0: the card leaves no room for chapters), of the talk
    that stays verbatim, and of the story in a prompt.
    """

    chapter: int
    verbatim: int
    story: int
    read: int = 20_000
    """Maximum characters of material that the summariser reads at once, which is all but its instructions."""

    @classmethod
    def of(cls, shares: Shares, room: int) -> Sizes:
        """The sizes by the shares of a dialog's prompt, for a summariser that reads `room` characters at once."""
        read = max(room - ORDERS, SMALLEST)
        return cls(min(shares.chapter_source, read), shares.verbatim, shares.story, min(cls.read, read))

    def longest_text(self, level: int) -> int:
        """Maximum characters of a text of this level."""
        chapter = int(self.story * CHAPTER_SHARE)
        longest = {0: chapter, DIGEST: int(self.story * DIGEST_SHARE)}.get(level, 2 * chapter)
        return min(longest, CHAPTER_LIMIT)


@dataclass(frozen=True)
class Node:
    """A chapter, sum or digest, without its text."""

    id: int
    level: int
    first_id: int
    last_id: int
    covered: int
    length: int
    """Characters of its text."""
    is_done: bool

    @property
    def has_text(self) -> bool:
        """Whether it can stand in a prompt. One being made anew keeps its old text, unless that is to be forgotten."""
        return self.is_done or self.length > 0


@dataclass(frozen=True)
class Span:
    """A part of a path to be summarised, as its row will describe it."""

    level: int
    first_id: int
    last_id: int
    covered: int


def chain(nodes: Iterable[Node], path: Path, after: int = 0, *, over_gaps_upto: int = 0) -> list[Node]:
    """The nodes that follow one another on the path without a gap, starting right after the message `after`. Gaps that
    begin before the message `over_gaps_upto` are skipped. If several nodes begin at the same message, the coarsest is
    taken, then the oldest, since others may be made of it.
    """
    by_beginning: dict[int, Node] = {}
    for node in sorted(nodes, key=lambda each: (-each.level, each.id)):
        if node.last_id in path:
            by_beginning.setdefault(path.number(node.first_id) - 1, node)
    beginnings = sorted(by_beginning)
    passed_over = path.number(over_gaps_upto)
    found: list[Node] = []
    at = path.number(after)
    while True:
        follows = bisect_left(beginnings, at)
        if follows == len(beginnings) or (beginnings[follows] > at >= passed_over):
            return found
        found.append(by_beginning[beginnings[follows]])
        at = path.number(found[-1].last_id)


def next_chapter(tail: Sequence[PathMessage], sizes: Sizes) -> Span | None:
    """The oldest part of the tail, which ends with a reply, if enough is left after it to fill the verbatim part."""
    if not sizes.chapter or sum(map(_weight, tail)) < sizes.verbatim + sizes.chapter:
        return None
    said = 0
    for at, each in enumerate(tail[:-NEWEST], 1):
        if each.state == State.RUNNING:
            return None
        said += _weight(each)
        if said >= sizes.chapter and each.role == Role.ASSISTANT and each.counts:
            return Span(0, tail[0].id, each.id, at)
    return None


def next_of_a_gap(messages: Sequence[PathMessage], sizes: Sizes, *, is_all: bool) -> Span | None:
    """The next chapter of a gap between chapters, none of which stays verbatim. `messages` are its beginning, or all of
    it if `is_all`. A rest too short for a chapter of its own is included.
    """
    if not sizes.chapter or not messages or any(each.state == State.RUNNING for each in messages):
        return None
    said, left = 0, sum(map(_weight, messages))
    for at, each in enumerate(messages, 1):
        said, left = said + _weight(each), left - _weight(each)
        is_end = said >= sizes.chapter and each.role == Role.ASSISTANT and each.counts
        if is_end and (left >= sizes.chapter // 2 or not is_all):
            return Span(0, messages[0].id, each.id, at)
    return Span(0, messages[0].id, messages[-1].id, len(messages))


def chapters_due(tail: Iterable[PathMessage], sizes: Sizes) -> int:
    """The estimated number of chapters that the tail makes."""
    return max(0, sum(map(_weight, tail)) - sizes.verbatim) // sizes.chapter if sizes.chapter else 0


def next_sum(neighbours: Sequence[Node]) -> Span | None:
    """The sum of the first six of these nodes, which follow one another and belong to no sum yet; None if there are
    fewer.
    """
    six = neighbours[:NEIGHBOURS]
    if len(six) < NEIGHBOURS or not all(each.is_done for each in six):
        return None
    return Span(six[0].level + 1, six[0].first_id, six[-1].last_id, sum(each.covered for each in six))


def next_digest(newest_sum: Node | None, digest: Node | None, path: Path) -> Span | None:
    """The new digest, if there is a new sum of chapters. It is always made from all sums, never from the old digest."""
    if newest_sum is None or not newest_sum.is_done or (digest and digest.last_id >= newest_sum.last_id):
        return None
    return Span(DIGEST, path.ids[0], newest_sum.last_id, path.number(newest_sum.last_id))


def finest_within(room: int, levels: Mapping[int, Sequence[Node]], path: Path, upto: int, after: int = 0) -> list[Node]:
    """The nodes that cover the path between two messages, as fine as their texts fit `room`, else the coarsest.

    Finer nodes are used where a coarse one does not reach. Parts that no node covers are skipped.
    """
    chosen: list[Node] = []
    for coarsest in sorted(levels):
        with_text = [each for level in range(coarsest + 1) for each in levels.get(level, ()) if each.has_text]
        chosen = chain((each for each in with_text if each.last_id <= upto), path, after, over_gaps_upto=upto)
        if sum(each.length for each in chosen) <= room:
            break
    return chosen


def _weight(message: PathMessage) -> int:
    return max(message.length, SHORTEST_WEIGHT) if message.counts else 0

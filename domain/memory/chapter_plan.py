"""What of a path is to be summarised next: the next chapter, sums of six neighbours, the digest; pure code.

Neighbours are counted from the beginning of the path, so that branches share what is above their fork.
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
"""So many of one level become one of the next."""
NEWEST = 4
"""The last messages of a path, which no chapter covers: they may still be replied to anew or taken back."""
BY_ITSELF = 12
"""Chapters that are made without asking; a longer backlog is read only if the person wants that."""
SHORTEST_WEIGHT = 20
"""Characters that a message counts at least, since it costs a model more than its text."""
ORDERS = 3_000
"""Characters of what a summariser is told besides the talk: what to do, what was before, and what is known."""
SMALLEST = 1_000


@dataclass(frozen=True)
class Sizes:
    """In characters: how much of the talk a chapter tells (0: the card leaves no room for any), how much of it stays
    verbatim, how much of a prompt tells the story.
    """

    chapter: int
    verbatim: int
    story: int
    read: int = 20_000
    """What the summariser reads at once, besides what it is told to do."""

    @classmethod
    def of(cls, shares: Shares, room: int) -> Sizes:
        """By the shares of the dialog's prompt, for a summariser that reads no more than `room` characters at once."""
        read = max(room - ORDERS, SMALLEST)
        return cls(min(shares.chapter_source, read), shares.verbatim, shares.story, min(cls.read, read))

    def longest_text(self, level: int) -> int:
        """Of what is written for this level."""
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
    """Of its text."""
    is_done: bool

    @property
    def is_told(self) -> bool:
        """Whether it can be told: what is made anew still has its old text, unless that is to be forgotten."""
        return self.is_done or self.length > 0


@dataclass(frozen=True)
class Span:
    """What is to be summarised, as the row of it will say."""

    level: int
    first_id: int
    last_id: int
    covered: int


def chain(nodes: Iterable[Node], path: Path, after: int = 0, *, over_gaps_upto: int = 0) -> list[Node]:
    """Those that follow one another on the path without a gap, from the message after `after` on; gaps that begin
    before the message `over_gaps_upto` are passed over. Of those that begin at one message the coarsest, of these the
    oldest: others may be made of it.
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
    """The oldest part of the tail, if the rest of it is long enough to stay verbatim; it ends with a reply."""
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
    """The oldest part of what lies between chapters, of which these messages are the beginning, or `is_all`: none of it
    stays verbatim, and what would be too little for a chapter of its own goes along.
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
    """About how many chapters the tail makes."""
    return max(0, sum(map(_weight, tail)) - sizes.verbatim) // sizes.chapter if sizes.chapter else 0


def next_sum(neighbours: Sequence[Node]) -> Span | None:
    """The first six of these, which follow one another and are summed up nowhere yet, if there are so many."""
    six = neighbours[:NEIGHBOURS]
    if len(six) < NEIGHBOURS or not all(each.is_done for each in six):
        return None
    return Span(six[0].level + 1, six[0].first_id, six[-1].last_id, sum(each.covered for each in six))


def next_digest(newest_sum: Node | None, digest: Node | None, path: Path) -> Span | None:
    """The digest is made anew with each new sum of chapters, from all there are, never from itself."""
    if newest_sum is None or not newest_sum.is_done or (digest and digest.last_id >= newest_sum.last_id):
        return None
    return Span(DIGEST, path.ids[0], newest_sum.last_id, path.number(newest_sum.last_id))


def finest_within(room: int, levels: Mapping[int, Sequence[Node]], path: Path, upto: int, after: int = 0) -> list[Node]:
    """What tells the path between two messages: of the finest level whose texts fit, else of the coarsest.

    Where a coarse node does not reach, finer ones follow; what nothing tells is passed over.
    """
    chosen: list[Node] = []
    for coarsest in sorted(levels):
        told = [each for level in range(coarsest + 1) for each in levels.get(level, ()) if each.is_told]
        chosen = chain((each for each in told if each.last_id <= upto), path, after, over_gaps_upto=upto)
        if sum(each.length for each in chosen) <= room:
            break
    return chosen


def _weight(message: PathMessage) -> int:
    return max(message.length, SHORTEST_WEIGHT) if message.counts else 0

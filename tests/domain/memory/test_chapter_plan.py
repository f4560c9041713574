"""Chapter plan: what part of a path is summarised next."""

from __future__ import annotations

from array import array

from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Role
from domain.memory.chapter_plan import (
    Node,
    Sizes,
    Span,
    chain,
    chapters_due,
    finest_within,
    next_chapter,
    next_digest,
    next_of_a_gap,
    next_sum,
)
from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST
from domain.memory.shares import shares_of
from domain.model.dialog import State

SIZES = Sizes(chapter=1_000, verbatim=2_000, story=2_850)
PATH = Path(array("q", range(1, 101)))


def talk(messages: int, length: int = 100, **of_last: object) -> list[PathMessage]:
    """Questions and replies in turn, from message 1 on; `of_last` changes the last one."""
    roles = Role.USER, Role.ASSISTANT
    said = [PathMessage(n, roles[(n + 1) % 2], State.DONE, length) for n in range(1, messages + 1)]
    return [*said[:-1], PathMessage(**(vars(said[-1]) | of_last))] if of_last else said


def node(level: int, first: int, last: int, *, length: int = 300, is_done: bool = True) -> Node:
    return Node(level * 1000 + first, level, first, last, last - first + 1, length, is_done)


def test_nothing_is_due_while_all_may_stay_verbatim() -> None:
    assert next_chapter(talk(29), SIZES) is None
    assert next_chapter(talk(30), SIZES) == Span(0, 1, 10, 10)


def test_a_chapter_ends_with_a_reply_that_says_something() -> None:
    tail = talk(40)
    tail[9] = PathMessage(10, Role.ASSISTANT, State.FILTERED, 100)
    assert next_chapter(tail, SIZES) == Span(0, 1, 12, 12)
    tail[9] = PathMessage(10, Role.ASSISTANT, State.FAILED, 0)
    assert next_chapter(tail, SIZES) == Span(0, 1, 12, 12)


def test_the_newest_messages_are_in_no_chapter_however_long_they_are() -> None:
    assert next_chapter(talk(4, length=3_000), SIZES) is None
    assert next_chapter(talk(6, length=3_000), SIZES) == Span(0, 1, 2, 2)


def test_a_reply_that_is_still_written_is_in_no_chapter() -> None:
    assert next_chapter([*talk(2, length=400), *talk(40)[2:]], SIZES)
    running = talk(40)
    running[5] = PathMessage(6, Role.ASSISTANT, State.RUNNING, 100)
    assert next_chapter(running, SIZES) is None


def test_many_short_messages_make_a_chapter_too() -> None:
    assert next_chapter(talk(300, length=2), SIZES) == Span(0, 1, 50, 50)


def test_where_the_card_fills_the_window_there_are_no_chapters() -> None:
    tight = Sizes.of(shares_of(2_000), 20_000)
    assert next_chapter(talk(200), tight) is None
    assert chapters_due(talk(200), tight) == 0


def test_a_chapter_is_no_longer_than_its_summariser_reads() -> None:
    assert Sizes.of(shares_of(20_000), 5_000).chapter == 2_000
    assert Sizes.of(shares_of(20_000), 50_000).chapter == 4_800


def test_a_gap_between_chapters_leaves_no_rest_too_short_for_one() -> None:
    assert next_of_a_gap(talk(15), SIZES, is_all=True) == Span(0, 1, 10, 10)
    assert next_of_a_gap(talk(14), SIZES, is_all=True) == Span(0, 1, 14, 14), "four messages more make no chapter"
    assert next_of_a_gap(talk(14), SIZES, is_all=False) == Span(0, 1, 10, 10), "more of it follows"
    assert next_of_a_gap(talk(4), SIZES, is_all=True) == Span(0, 1, 4, 4), "nothing of a gap stays verbatim"


def test_chapters_follow_one_another_without_a_gap() -> None:
    first, second, far = node(0, 1, 10), node(0, 11, 20), node(0, 25, 30)
    assert chain([far, second, first], PATH) == [first, second]
    assert chain([second, far], PATH) == []
    other_branch = node(0, 21, 999)
    assert chain([first, second, other_branch], PATH) == [first, second]


def test_six_finished_neighbours_become_one() -> None:
    chapters = [node(0, n, n + 9) for n in range(1, 71, 10)]
    assert next_sum(chapters[:5]) is None
    assert next_sum(chapters) == Span(1, 1, 60, 60)
    unfinished = [*chapters[:3], node(0, 31, 40, is_done=False), *chapters[4:]]
    assert next_sum(unfinished) is None


def test_the_digest_is_made_anew_with_each_new_sum() -> None:
    a_sum = node(1, 1, 60)
    assert next_digest(None, None, PATH) is None
    assert next_digest(a_sum, None, PATH) == Span(DIGEST, 1, 60, 60)
    assert next_digest(a_sum, node(DIGEST, 1, 60), PATH) is None
    assert next_digest(node(1, 61, 90), node(DIGEST, 1, 60), PATH) == Span(DIGEST, 1, 90, 90)


def test_the_finest_level_that_fits_is_told_and_finer_nodes_follow_where_a_coarse_one_does_not_reach() -> None:
    chapters = [node(0, n, n + 9) for n in range(1, 81, 10)]
    levels = {0: chapters, 1: [node(1, 1, 60, length=600)]}
    assert finest_within(5_000, levels, PATH, upto=80) == chapters
    assert finest_within(1_300, levels, PATH, upto=80) == [levels[1][0], *chapters[6:]]
    assert finest_within(100, levels, PATH, upto=80) == [levels[1][0], *chapters[6:]], "the coarsest there is"

"""Shares of a prompt: how much of each window is for what; pure."""

from __future__ import annotations

import pytest

from domain.memory.chapter_plan import Sizes
from domain.memory.shares import Shares, room_for_books, shares_of


@pytest.mark.parametrize(
    ("room", "facts", "story", "chapter", "source", "verbatim"),
    [
        (20_000, 1_152, 2_880, 316, 4_800, 6_948),  # LLM_PROMPT=8000 with a card of 4,000 characters
        (14_150, 801, 2_002, 220, 3_337, 4_375),  # a model that reads 8,192 tokens
        (96_000, 5_712, 14_280, 1_570, 6_000, 58_188),  # a dialog whose person wants more word for word
        (4_000, 192, 480, 52, 800, 0),  # a model that reads 4,096 tokens
    ],
)
def test_each_part_has_its_share_of_what_the_card_leaves(
    room: int, facts: int, story: int, chapter: int, source: int, verbatim: int
) -> None:
    shares = shares_of(room)
    assert (shares.facts, shares.recall, shares.story) == (facts, facts, story)
    told = Sizes.of(shares, 100_000).longest_text(0)
    assert (told, shares.chapter_source, shares.verbatim) == (chapter, source, verbatim)
    assert shares.digest + told * 5 <= shares.story, "the digest, and five chapters below it"
    assert _all(shares) <= room, "with a newest message of ordinary length"
    assert not shares.is_tight


@pytest.mark.parametrize("room", [-500, 0, 1_000, 3_799])
def test_where_the_card_fills_the_window_nothing_but_the_pinned_and_the_talk_has_a_share(room: int) -> None:
    shares = shares_of(room)
    assert shares.is_tight
    assert (shares.facts, shares.story, shares.recall, shares.chapter_source) == (0, 0, 0, 0)
    assert shares.pinned == 1_500


@pytest.mark.parametrize(
    ("most", "room", "kept"),
    [
        (500, 20_000, 500),  # a small book takes no more than it says
        (50_000, 20_000, 7_000),
        (50_000, 4_500, 700),  # memory keeps what it needs
        (50_000, 3_000, 1_050),  # where there is no memory anyway
        (50_000, -200, 0),
    ],
)
def test_lorebooks_take_a_part_of_the_room_and_leave_memory_its_own(most: int, room: int, kept: int) -> None:
    assert room_for_books(most, room) == kept
    assert shares_of(room, kept).is_tight == shares_of(room).is_tight
    assert _all(shares_of(room, kept)) <= max(room - kept, 1_500)


def _all(shares: Shares) -> int:
    return shares.pinned + shares.facts + shares.story + shares.recall + shares.chapter_source + shares.verbatim

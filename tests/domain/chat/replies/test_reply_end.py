"""End of a reply: what is left in its row, by how it ended."""

from __future__ import annotations

import pytest

from domain.chat.replies.reply_end import settled
from domain.chat.replies.running_reply import End, RunningReply
from domain.model.dialog import State
from domain.prices import Price, Prices


@pytest.fixture
def turn() -> RunningReply:
    """A reply whose prompt quoted an old message and had an entry of a lorebook in it."""
    turn = RunningReply(1, 2, 3, "Жил-был", lambda _chunk: None)
    turn.recalled, turn.lore, turn.prompt_tokens = [7], [[5, "кот", False]], 1_000
    return turn


def end_of(turn: RunningReply) -> End:
    prices = Prices({"m": Price(1_000, 2_000)})
    return settled(turn, End(State.INTERRUPTED, turn.text), "m", prices, keeps_thoughts=False)


def test_a_reply_without_a_word_more_shows_nothing_new_behind_it_and_costs_nothing(turn: RunningReply) -> None:
    end = end_of(turn)
    assert (end.recalled, end.lore) == (None, None), "what the text so far came from stays in the row"
    assert (end.tokens_in, end.tokens_out, end.cost) == (None, None, 0)


async def test_a_reply_that_broke_off_is_paid_for_and_shows_what_it_came_from(turn: RunningReply) -> None:
    turn.grow(" кот.")
    end = end_of(turn)
    turn.mute()
    assert (end.recalled, end.lore) == ([7], [[5, "кот", False]])
    assert end.tokens_estimated
    assert end.tokens_in == 1_000
    assert end.cost is not None
    assert end.cost > 1_000

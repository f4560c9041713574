"""Context window: the two ends of a path that a prompt has verbatim, and what lies between them."""

from __future__ import annotations

from array import array

from domain.chat.prompts.context_window import PathEnds
from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Role
from domain.memory.path_ids import Path
from domain.model.dialog import State

PATH = Path(array("q", range(1, 21)))


def test_what_neither_the_opening_nor_a_chapter_has_is_counted_as_gap() -> None:
    opening = [PathMessage(number, Role.ASSISTANT, State.DONE, 100) for number in (1, 2, 3)]
    ends = PathEnds(PATH, opening, 4, [])
    assert ends.uncovered(10, covered_upto=0) == 6, "the opening is in every prompt"
    assert ends.uncovered(10, covered_upto=7) == 2
    assert ends.uncovered(10, covered_upto=12) == 0
    assert PathEnds(PATH, [], 1, []).uncovered(10, covered_upto=0) == 9

"""Budget of a book: it counts what an entry really takes in a prompt."""

from __future__ import annotations

import pytest

from domain.books.conditions import Circumstances
from domain.books.entry import Place
from tests.domain.books.test_activation import activate, contents, entry


@pytest.mark.parametrize(("content", "room"), [("Кот.", 6), ("@@depth 1\nКот.", 24)])
def test_an_entry_needs_room_for_its_frame_as_well(content: str, room: int) -> None:
    frames = {Place.BEFORE: 2, Place.AT_DEPTH: 20}
    assert contents(activate(entry("кот", content), now=Circumstances(budget=room, around=frames))) == ["Кот."]
    assert contents(activate(entry("кот", content), now=Circumstances(budget=room - 1, around=frames))) == []

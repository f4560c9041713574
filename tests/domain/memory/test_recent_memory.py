"""What stood in the last prompts is not read again while it cannot have changed; pure."""

from __future__ import annotations

from array import array
from itertools import count

import pytest

from domain.memory.path_ids import Path
from domain.memory.recent_memory import FURTHER, RecentMemory
from domain.memory.remembered import Story
from domain.model.dialog import Dialog

READ_AGAIN = {
    "a change of the memory": (101, 2),
    "a message that is gone": (100, 1),
    "a while later": (101 + FURTHER + 1, 1),
}


def path(length: int) -> Path:
    return Path(array("q", range(1, length + 1)))


def dialog(version: int = 1) -> Dialog:
    return Dialog(id=1, user_id=1, character_id=1, memory_version=version)


class Reading:
    def __init__(self) -> None:
        self._times = count(1)
        self.upto = 0

    async def part(self) -> int:
        return next(self._times)

    async def story(self) -> Story:
        return Story(str(next(self._times)), (), self.upto)


async def test_the_next_turns_read_nothing_again() -> None:
    recent, reading = RecentMemory(), Reading()
    for length in (101, 101, 103, 101 + FURTHER):
        assert await recent.part(dialog(), path(length), "facts", 900, reading.part) == 1
    assert await recent.part(dialog(), path(103), "facts", 500, reading.part) == 2, "less room is another choice"


@pytest.mark.parametrize(("length", "version"), READ_AGAIN.values(), ids=READ_AGAIN)
async def test_it_is_read_again_after(length: int, version: int) -> None:
    recent, reading = RecentMemory(), Reading()
    await recent.part(dialog(), path(101), "facts", 900, reading.part)
    assert await recent.part(dialog(version), path(length), "facts", 900, reading.part) == 2


async def test_a_story_is_the_same_until_the_talk_leaves_the_chapter_behind() -> None:
    recent, reading = RecentMemory(), Reading()
    for before, upto, read in ((12, 20, "1"), (15, 20, "1"), (20, 20, "1"), (21, 30, "2"), (19, 20, "3")):
        reading.upto = upto
        story = await recent.story(dialog(), path(101), 900, reading.story, before=before, ends_before=90)
        assert story.digest == read, before


async def test_a_story_that_tells_what_now_has_to_stay_word_for_word_is_read_again() -> None:
    recent, reading = RecentMemory(), Reading()
    reading.upto = 20
    for ends_before, read in ((30, "1"), (21, "1"), (20, "2")):
        story = await recent.story(dialog(), path(101), 900, reading.story, before=12, ends_before=ends_before)
        assert story.digest == read, ends_before


async def test_only_so_much_is_kept() -> None:
    recent, reading = RecentMemory(most=2), Reading()
    for room in (1, 2, 3):
        await recent.part(dialog(), path(9), "facts", room, reading.part)
    assert await recent.part(dialog(), path(9), "facts", 3, reading.part) == 3
    assert await recent.part(dialog(), path(9), "facts", 1, reading.part) == 4

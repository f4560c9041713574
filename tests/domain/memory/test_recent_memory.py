"""Cache of recent memory: what was in the last prompts is not read again while it cannot have changed; pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest

from domain.memory.path_ids import Path
from domain.memory.recent_memory import OnPath, RecentMemory
from domain.memory.remembered import Story
from domain.model.dialog import Dialog

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

NEWEST = 110
"""Message of the dialog, when the path ended with number 101: the others are on a branch beside it."""
READ_AGAIN = {
    "a change of the memory": (range(1, 102), 2),
    "a message that is gone": (range(1, 101), 1),
    "a deletion that is undone": (range(1, 111), 1),
    "going back to another branch": ([*range(1, 102), 105, 111], 1),
}


def on(ids: Iterable[int], version: int = 1) -> OnPath:
    dialog = Dialog(id=1, user_id=1, character_id=1, memory_version=version)
    return OnPath(dialog, Path(array("q", ids)), cast("AsyncSession", None), NEWEST)


class Reading:
    def __init__(self) -> None:
        self._times = count(1)
        self.upto = 0
        self.is_up_to_date = False

    async def part(self) -> int:
        return next(self._times)

    async def story(self) -> Story:
        return Story(str(next(self._times)), (), self.upto, self.is_up_to_date)


async def test_the_next_turns_read_nothing_again() -> None:
    recent, reading = RecentMemory(), Reading()
    talk = range(1, 102)
    for said in ((), (), (111, 112), range(111, 400)):
        assert await recent.part(on([*talk, *said]), "facts", 900, reading.part) == 1
    assert await recent.part(on(talk), "facts", 500, reading.part) == 2, "less room is another choice"


@pytest.mark.parametrize(("ids", "version"), READ_AGAIN.values(), ids=READ_AGAIN)
async def test_it_is_read_again_after(ids: Iterable[int], version: int) -> None:
    recent, reading = RecentMemory(), Reading()
    await recent.part(on(range(1, 102)), "facts", 900, reading.part)
    assert await recent.part(on(ids, version), "facts", 900, reading.part) == 2


async def test_a_story_is_the_same_until_the_talk_leaves_the_chapter_behind() -> None:
    recent, reading = RecentMemory(), Reading()
    for before, upto, read in ((12, 20, "1"), (15, 20, "1"), (21, 20, "1"), (22, 30, "2"), (19, 20, "3")):
        reading.upto = upto
        story = await recent.story(on(range(1, 102)), 900, reading.story, before=before, ends_before=90)
        assert story.digest == read, before


async def test_a_story_that_tells_what_now_has_to_stay_word_for_word_is_read_again() -> None:
    recent, reading = RecentMemory(), Reading()
    reading.upto = 20
    for ends_before, read in ((30, "1"), (21, "1"), (20, "2")):
        story = await recent.story(on(range(1, 102)), 900, reading.story, before=12, ends_before=ends_before)
        assert story.digest == read, ends_before


async def test_a_story_that_no_chapter_goes_on_from_is_not_looked_for_again() -> None:
    recent, reading = RecentMemory(), Reading()
    reading.upto, reading.is_up_to_date = 20, True
    for before, version, read in ((12, 1, "1"), (40, 1, "1"), (41, 2, "2")):
        story = await recent.story(on(range(1, 102), version), 900, reading.story, before=before, ends_before=90)
        assert story.digest == read, before


async def test_only_so_much_is_kept() -> None:
    recent, reading = RecentMemory(most=2), Reading()
    for room in (1, 2, 3):
        await recent.part(on(range(1, 10)), "facts", room, reading.part)
    assert await recent.part(on(range(1, 10)), "facts", 3, reading.part) == 3
    assert await recent.part(on(range(1, 10)), "facts", 1, reading.part) == 4

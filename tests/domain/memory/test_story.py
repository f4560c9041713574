"""The story of a path: told as far as the talk no longer fits word for word, and not a message further."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from domain.memory.chapters import story_on
from domain.memory.path_ids import PathIds
from domain.memory.rows import DIGEST, ChapterState, MemoryChapter
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_long_dialogs import line, planted

pytestmark = pytest.mark.any_database

CHAPTER, SUM = 10, 60
"""Messages that each covers."""


async def test_what_still_fits_word_for_word_is_told_by_nothing(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await planted(world, person, line(251))
    rows = [(0, n, n + CHAPTER - 1) for n in range(0, 230, CHAPTER)]
    rows += [(1, n, n + SUM - 1) for n in range(0, 180, SUM)]
    rows += [(DIGEST, 0, n + SUM - 1) for n in range(0, 180, SUM)]
    async with world.database.write() as db:
        for level, first, last in rows:
            chapter = MemoryChapter(dialog_id=dialog, level=level, first_id=ids[first], last_id=ids[last])
            chapter.text, chapter.state = f"[{first}-{last}]", ChapterState.DONE
            db.add(chapter)
    async with world.database.read() as db:
        path = await PathIds().of(db, ids[-1])
        for before in (1, 2, 10, 11, 55, 61, 62, 115, 121, 125, 180, 181, 200, 231, 250):
            story = await story_on(db, dialog, path, room=2_000, before=ids[before])
            ends = [n + CHAPTER - 1 for n in range(0, 230, CHAPTER) if n < before]
            assert story.told_upto == ids[ends[-1]], before
            texts = "".join((story.digest, *story.chapters))
            told = [(int(first), int(last)) for first, last in re.findall(r"\[(\d+)-(\d+)\]", texts)]
            assert all(one[1] + 1 == other[0] for one, other in pairwise(told)), told
            assert (told[0][0], told[-1][1]) == (0, ends[-1])
            assert bool(story.digest) == (ends[-1] >= SUM - 1), "a digest that reaches no further than the rest"
        assert (await story_on(db, dialog, path, room=2_000, before=ids[0])).told_upto == 0

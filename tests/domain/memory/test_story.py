"""Story of a path: it is told as far as the talk no longer fits word for word, and not a message further."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from domain.chat.prompts.prompt_reader import PromptReader
from domain.llm.token_estimates import CHARACTERS_A_TOKEN, prompt_length
from domain.memory.chapters import story_on
from domain.memory.path_ids import PathIds
from domain.memory.rows import DIGEST, ChapterState, MemoryChapter
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_long_dialogs import line, planted

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
            story = await story_on(db, dialog, path, room=2_000, before=ids[before], ends_before=ids[-1])
            ends = [n + CHAPTER - 1 for n in range(0, 230, CHAPTER) if n < before]
            assert story.covered_upto == ids[ends[-1]], before
            texts = "".join((story.digest, *story.chapters))
            told = [(int(first), int(last)) for first, last in re.findall(r"\[(\d+)-(\d+)\]", texts)]
            assert all(one[1] + 1 == other[0] for one, other in pairwise(told)), told
            assert (told[0][0], told[-1][1]) == (0, ends[-1])
            assert bool(story.digest) == (ends[-1] >= SUM - 1), "a digest that reaches no further than the rest"
        assert (await story_on(db, dialog, path, room=2_000, before=ids[0], ends_before=ids[-1])).covered_upto == 0


@pytest.mark.parametrize("tokens", [2_500, 4_000, 8_000])
@pytest.mark.parametrize("covered", [CHAPTER, 40, 397, 398, 400])
async def test_a_chapter_longer_than_the_room_leaves_the_end_of_the_talk_word_for_word(
    world: ChatWorld, covered: int, tokens: int
) -> None:
    """Such as one made for longer prompts or for a shorter card, or one that a file brought."""
    person = await world.somebody()
    dialog, ids = await planted(world, person, line(403), text="слово " * 50, read=401)
    async with world.database.write() as db:
        (await db.get_one(Dialog, dialog)).memory_version = 1
        for first in range(400 % covered, 400, covered):
            chapter = MemoryChapter(dialog_id=dialog, first_id=ids[first], last_id=ids[first + covered - 1])
            chapter.text, chapter.state = f"До {first + covered - 1}", ChapterState.DONE
            db.add(chapter)
    prompts = PromptReader(lambda _model: 90_000, tokens)
    async with world.database.read() as db:
        row, ira = await db.get_one(Dialog, dialog), await db.get_one(User, person.user_id)
        character = await db.get_one(Character, row.character_id)
        verbatim = await prompts.verbatim(db, row, character, ira)
    shares = prompts.shares(row, character, ira)
    for reply in range(402, 370, -2):
        prompt = (await prompts.for_reply(world.database, dialog, ids[reply])).prompt
        said = [int(number) for each in prompt.messages[1:] for number in re.findall(r"слово  (\d+)", each.text)]
        assert len(said) >= 3, "the last exchange and what is answered"
        assert said == list(range(said[0], reply))
        empty = tokens * CHARACTERS_A_TOKEN - prompt_length(prompt)
        assert 0 <= empty <= shares.recall + shares.story + 1.5 * shares.chapter_source + 2 * 310, (
            "what is free is used"
        )
        if reply == 402:
            assert verbatim.number == said[0] + 1, "and the line in the chat says so"

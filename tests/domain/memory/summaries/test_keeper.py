"""Keeper of memory: after replies, it summarises what has become old."""

from __future__ import annotations

from itertools import pairwise

from domain.memory.chapters import story_on
from domain.memory.rows import DIGEST, ChapterState, MadeBy
from tests.domain.memory.summaries.keeper_world import Keeping


async def test_the_oldest_part_of_a_long_talk_becomes_chapters(keeping: Keeping) -> None:
    chapters = await keeping.chapters(turns=14)
    path = await keeping.path()
    assert chapters
    assert chapters[0].first_id == path.ids[0]
    for before, after in pairwise(chapters):
        assert path.number(after.first_id) == path.number(before.last_id) + 1
    assert all(each.state == ChapterState.DONE and each.made_by == MadeBy.MODEL for each in chapters)
    assert "шторм" in chapters[0].text
    assert len(path) - path.number(chapters[-1].last_id) >= 4, "the newest messages are in no chapter"
    assert len(keeping.script.asked) == len(chapters)


async def test_a_short_talk_stays_as_it_is(keeping: Keeping) -> None:
    assert await keeping.chapters(turns=3) == []
    assert keeping.script.asked == []


async def test_six_neighbours_become_one_and_then_there_is_a_digest(keeping: Keeping) -> None:
    await keeping.chapters(turns=40)
    (a_sum,), (digest,) = (await keeping.rows(1))[:1], await keeping.rows(DIGEST)
    chapters = await keeping.rows(0)
    assert (a_sum.first_id, a_sum.last_id) == (chapters[0].first_id, chapters[5].last_id)
    assert digest.first_id == chapters[0].first_id
    assert digest.text
    path = await keeping.path()
    async with keeping.world.database.read() as db:
        story = await story_on(db, keeping.dialog_id, path, room=2_850, before=path.ids[-1], ends_before=path.ids[-1])
    assert story.digest
    assert story.covered_upto == chapters[-1].last_id

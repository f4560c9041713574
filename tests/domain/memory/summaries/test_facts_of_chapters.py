"""Facts of chapters: from the model's lines or, where it says nothing, from what was said in so many words."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.llm.demo.model import DemoModel
from domain.memory.rows import MadeBy, MemoryFact
from tests.domain.memory.summaries.keeper_world import Keeping, another_keeper

ABOUT_ME = "Меня зовут Илья, и у меня аллергия на мёд."


async def facts(keeping: Keeping) -> list[MemoryFact]:
    async with keeping.world.database.read() as db:
        return list(await db.exec(select(MemoryFact).where(MemoryFact.dialog_id == keeping.dialog_id)))


async def test_what_a_message_bears_out_is_kept_with_it_and_nothing_invented(keeping: Keeping) -> None:
    keeping.script.manner = "inventing"
    (said, *_others) = await keeping.talk(1, question=ABOUT_ME)
    await keeping.chapters(turns=12)
    kept = await facts(keeping)
    assert [each.message_id for each in kept if "аллергия" in each.text] == [said]
    for invented in keeping.script.invented:
        assert all(invented not in each.text for each in kept)


async def test_where_the_model_refuses_patterns_find_what_was_said(keeping: Keeping) -> None:
    keeping.script.manner = "refusing"
    (said, *_others) = await keeping.talk(1, question=ABOUT_ME)
    (row, *_more) = await keeping.chapters(turns=12)
    assert row.made_by == MadeBy.EXCERPTS
    kept = await facts(keeping)
    assert {each.message_id for each in kept} == {said}


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_without_a_key_there_are_excerpts_and_facts_and_not_one_request(keeping: Keeping) -> None:
    await keeping.keeper.close()
    await keeping.talk(1, question=ABOUT_ME)
    await keeping.talk(40)
    async with another_keeper(keeping, DemoModel()) as keeper:
        keeper.look_at(keeping.dialog_id)
        await keeping.idle(keeper)
    rows = await keeping.rows()
    assert {row.level for row in rows} == {0, 1, 9}
    assert {row.made_by for row in rows} == {MadeBy.EXCERPTS}
    assert all("«" in row.text for row in rows)
    assert any("аллергия" in each.text for each in await facts(keeping))
    assert keeping.world.llm.requests == []
    assert (await keeping.dialog()).memory_tokens == 0

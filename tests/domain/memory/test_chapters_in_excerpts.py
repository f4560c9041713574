"""That excerpts stand for a chapter is said as long as it is so; on both databases."""

from __future__ import annotations

import pytest

from domain.memory.overview import MemoryState
from domain.memory.rows import MadeBy
from tests.domain.chat.conftest import ChatWorld
from tests.domain.memory.memory_world import Remembering, memory_of


@pytest.fixture
async def talk(world: ChatWorld) -> Remembering:
    person = await world.somebody()
    return Remembering(world, person, await world.dialog(person), memory_of(world))


async def test_excerpts_are_told_of_though_a_later_chapter_was_summarised_until_the_person_writes_that_one(
    talk: Remembering,
) -> None:
    first, second, third, fourth = [await talk.said(f"Сказанное {n}.") for n in range(4)]
    quoted = await talk.told("«Сказанное»", first, second, made_by=MadeBy.EXCERPTS, fault="refused")
    await talk.told("Говорили дальше.", third, fourth)
    assert (await talk.overview()).bar.state == MemoryState.ONLY_EXCERPTS
    await talk.memory.edit_chapter(talk.person, talk.dialog_id, quoted, "Начали говорить.")
    assert (await talk.overview()).bar.state == MemoryState.ON

"""Remarks on chapters for a person: that one consists of excerpts, and which ones a sum covers; on both databases."""

from __future__ import annotations

from domain.memory.overview import MemoryState
from domain.memory.rows import MadeBy
from tests.domain.memory.memory_world import Remembering


async def test_excerpts_are_told_of_though_a_later_chapter_was_summarised_until_the_person_writes_that_one(
    talk: Remembering,
) -> None:
    first, second, third, fourth = [await talk.said(f"Сказанное {n}.") for n in range(4)]
    quoted = await talk.summarised("«Сказанное»", first, second, made_by=MadeBy.EXCERPTS, fault="refused")
    await talk.summarised("Говорили дальше.", third, fourth)
    assert (await talk.overview()).bar.state == MemoryState.ONLY_EXCERPTS
    await talk.memory.edit_chapter(talk.person, talk.dialog_id, quoted, "Начали говорить.")
    assert (await talk.overview()).bar.state == MemoryState.ON


async def test_the_chapters_that_a_sum_tells_are_shown_as_many_as_asked_for_the_newest_first(talk: Remembering) -> None:
    said = [await talk.said(f"Сказанное {n}.") for n in range(4)]
    for number, message_id in enumerate(said[:3]):
        await talk.summarised(f"Глава {number}.", message_id, message_id)
    await talk.summarised("Всё вместе.", said[0], said[2], level=1)
    await talk.summarised("Ещё одна.", said[3], said[3])
    shown = await talk.memory.overview(talk.person, talk.dialog_id, summed_up=2)
    assert [each.text for each in shown.chapters] == ["Ещё одна.", "Всё вместе."]
    assert ([each.text for each in shown.summed_up], shown.all_summed_up) == (["Глава 2.", "Глава 1."], 3)
    assert (await talk.overview()).summed_up == []

"""No room for memory beside the card: only the talk's end and what is pinned are left, and this is said."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.chat.prompts.prompt_reader import PromptReader
from domain.llm.token_estimates import prompt_length
from domain.memory.overview import MemoryState
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.settings.model_settings import SHORTEST_PROMPT
from tests.domain.memory.memory_world import Remembering


async def with_a_card(talk: Remembering, length: int) -> None:
    async with talk.world.database.write() as db:
        (await db.get_one(Dialog, talk.dialog_id)).prompt_tokens = SHORTEST_PROMPT
        (await db.exec(select(Character))).one().context = "я" * length


@pytest.mark.parametrize("card", [4_000, 5_000, 5_900, 8_000])
async def test_a_card_that_leaves_no_room_for_memory_is_said_to(talk: Remembering, card: int) -> None:
    await with_a_card(talk, card)
    first = await talk.said("Я живу в Твери.")
    await talk.known("Илья живёт в Твери.", first)
    for number in range(10):
        await talk.answered(f"Ответ {number}. " + "ж" * 300)
        await talk.said(f"Слово {number}. " + "ж" * 300)
    await talk.answered("И что дальше? " + "ж" * 300)
    shown = await talk.overview()
    assert (shown.bar.state, shown.bar.facts, len(shown.facts)) == (MemoryState.NO_ROOM, 0, 1)
    assert shown.bar.verbatim_from is not None
    assert shown.bar.verbatim_from > 10, "not all of it is verbatim"
    assert shown.bar.gap >= shown.bar.verbatim_from - 2
    await talk.memory.switch(talk.person, talk.dialog_id, on=False)
    shown = await talk.overview()
    assert (shown.bar.state, shown.bar.facts, len(shown.facts)) == (MemoryState.OFF, 0, 1)


async def test_a_short_talk_beside_a_long_card_is_all_there(talk: Remembering) -> None:
    await with_a_card(talk, 4_000)
    await talk.said("Кто там?")
    assert (await talk.overview()).bar.state == MemoryState.ON


@pytest.mark.parametrize("window", [900, 1_500, 2_000, 2_500, 4_000])
async def test_what_is_pinned_never_makes_a_prompt_longer_than_the_model_reads(talk: Remembering, window: int) -> None:
    await talk.said("Кто там?")
    for words in ("Я Илья.", "б" * 480, "в" * 480, "г" * 480):
        await talk.memory.pin_words(talk.person, talk.dialog_id, words, here_only=False)
    await talk.answered("Ветер.")
    await talk.said("Как меня зовут?")
    reply = await talk.answered("Илья.")
    prompts = PromptReader(lambda _model: window)
    prompt = (await prompts.for_reply(talk.world.database, talk.dialog_id, reply)).prompt
    assert prompt_length(prompt) <= window
    system, *_rest, newest = [each.text for each in prompt.messages]
    assert newest.startswith("Как меня зовут?")
    assert "Я Илья." in system, "the oldest goes last"
    assert ("г" * 480 in system) == (window >= 2_000), "and nothing is cut that fits"

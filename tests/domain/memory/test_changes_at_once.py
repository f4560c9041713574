"""Concurrent changes of memory from two tabs; on both databases."""

from __future__ import annotations

import asyncio

from domain.errors import Invalid, NotFound
from domain.memory.pins import MOST_PINS
from domain.memory.shares import PINNED_LIMIT
from tests.domain.memory.memory_world import Remembering


async def test_a_message_pinned_twice_is_pinned_once(talk: Remembering) -> None:
    said = await talk.said("Меня зовут Илья.")
    pins = await asyncio.gather(*(talk.memory.pin_message(talk.person, talk.dialog_id, said) for _ in range(6)))
    assert len(set(pins)) == 1
    assert await talk.pinned() == ["Меня зовут Илья."]


async def test_words_messages_and_facts_share_one_room(talk: Remembering) -> None:
    said = await talk.said("с" * 600)
    fact = await talk.known("ф" * 200, said)
    await asyncio.gather(
        talk.memory.pin_words(talk.person, talk.dialog_id, "а" * 500),
        talk.memory.pin_words(talk.person, talk.dialog_id, "б" * 500, here_only=True),
        talk.memory.pin_message(talk.person, talk.dialog_id, said),
        talk.memory.pin_fact(talk.person, talk.dialog_id, fact),
        return_exceptions=True,
    )
    pinned = await talk.pinned()
    assert 1000 <= sum(map(len, pinned)) <= PINNED_LIMIT
    assert not any(each.endswith("…") for each in pinned), "what was taken is whole"


async def test_more_pins_than_there_may_be_are_refused_whoever_comes_first(talk: Remembering) -> None:
    results = await asyncio.gather(
        *(talk.memory.pin_words(talk.person, talk.dialog_id, f"{n}") for n in range(MOST_PINS + 5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Invalid) for each in results) == 5
    assert len(await talk.pinned()) == MOST_PINS


async def test_what_one_tab_forgets_the_other_no_longer_changes(talk: Remembering) -> None:
    fact = await talk.known("Его зовут Илья.", await talk.said("Меня зовут Илья."))
    results = await asyncio.gather(
        talk.memory.forget_everything(talk.person, talk.dialog_id),
        talk.memory.edit_fact(talk.person, talk.dialog_id, fact, "Его зовут Пётр."),
        talk.memory.pin_fact(talk.person, talk.dialog_id, fact),
        talk.memory.forget_fact(talk.person, talk.dialog_id, fact),
        return_exceptions=True,
    )
    assert all(each is None or isinstance(each, NotFound) for each in results)
    shown = await talk.overview()
    assert (shown.facts, shown.bar.pinned) == ([], 0)

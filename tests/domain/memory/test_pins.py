"""Pins: what is pinned is in every prompt of its paths, within its room."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import AppError, Busy, Invalid, NotFound
from domain.memory.events import MemoryChanged
from domain.memory.pins import MOST_PINS
from domain.memory.shares import PINNED_LIMIT
from domain.model.dialog import Message, State
from tests.domain.memory.memory_world import Remembering


async def test_messages_and_words_of_ones_own_stand_in_the_order_of_pinning(talk: Remembering) -> None:
    said = await talk.said("Меня зовут Илья.")
    await talk.memory.pin_words(talk.person, talk.dialog_id, " Мы в ссоре. ")
    await talk.memory.pin_message(talk.person, talk.dialog_id, said)
    await talk.memory.pin_message(talk.person, talk.dialog_id, said)
    assert await talk.pinned() == ["Мы в ссоре.", "Меня зовут Илья."]
    shown = await talk.overview()
    assert [(each.text, each.message_id) for each in shown.pinned] == [
        ("Мы в ссоре.", None),
        ("Меня зовут Илья.", said),
    ]
    assert (shown.bar.pinned, shown.pinned_room) == (2, PINNED_LIMIT - len("Мы в ссоре.Меня зовут Илья."))


async def test_a_pin_counts_on_the_paths_through_its_message_only(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    here = await talk.said("Я из этой ветки.")
    await talk.memory.pin_message(talk.person, talk.dialog_id, here)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "Здесь зима.", here_only=True)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "Всегда.")
    await talk.said("А я из другой.", below=first)
    assert await talk.pinned() == ["Всегда."]
    shown = await talk.overview()
    assert {each.text: (each.is_on_path, each.is_here_only) for each in shown.pinned} == {
        "Я из этой ветки.": (False, False),
        "Здесь зима.": (False, True),
        "Всегда.": (True, False),
    }, "what is pinned on another branch can be found and unpinned"
    assert shown.bar.pinned == 1
    await talk.world.branches.delete(talk.person, here)
    assert [each.text for each in (await talk.overview()).pinned] == ["Здесь зима.", "Всегда."]


async def test_a_pinned_reply_that_goes_on_stands_in_prompts_as_it_has_become(talk: Remembering) -> None:
    world = talk.world
    world.llm.answer("Первая половина.", fault="length")
    await world.chat.send(talk.person, talk.dialog_id, "Говори", "0")
    half = await world.ended(talk.person, talk.dialog_id)
    await talk.memory.pin_message(talk.person, talk.dialog_id, half.id)
    world.llm.answer("Вторая половина.")
    await world.branches.continue_reply(talk.person, half.id)
    await world.ended(talk.person, talk.dialog_id)
    assert "Вторая половина." in (await world.chat.next_prompt(talk.person, talk.dialog_id)).memory


async def test_a_deleted_or_hidden_message_is_pinned_no_more_until_it_is_back(talk: Remembering) -> None:
    await talk.said("Кто там?")
    said = await talk.said("Меня зовут Илья.")
    await talk.memory.pin_message(talk.person, talk.dialog_id, said)
    await talk.world.branches.delete(talk.person, said)
    assert await talk.pinned() == []
    await talk.world.branches.restore(talk.person, said)
    assert await talk.pinned() == ["Меня зовут Илья."]
    async with talk.world.database.write() as db:
        (await db.get_one(Message, said)).is_hidden_from_model = True
    assert await talk.pinned() == []
    shown = await talk.overview()
    assert [each.is_hidden for each in shown.pinned] == [True], "it can be found and unpinned"
    assert shown.bar.pinned == 0


async def test_a_message_that_is_hidden_from_the_model_is_not_pinned(talk: Remembering) -> None:
    said = await talk.said("Меня зовут Илья.")
    async with talk.world.database.write() as db:
        (await db.get_one(Message, said)).is_hidden_from_model = True
    with pytest.raises(Invalid):
        await talk.memory.pin_message(talk.person, talk.dialog_id, said)
    assert (await talk.overview()).pinned == []


async def test_a_pinned_fact_that_another_one_replaced_is_not_counted(talk: Remembering) -> None:
    said = await talk.said("Живу в Туле. Нет, уже в Орле.")
    before = await talk.known("Живёт в Туле", said)
    await talk.memory.pin_fact(talk.person, talk.dialog_id, before)
    assert (await talk.overview()).bar.pinned == 1
    await talk.known("Живёт в Орле", said, replaces_id=before)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "Мы в ссоре.")
    assert await talk.pinned() == ["Мы в ссоре."]
    assert (await talk.overview()).bar.pinned == 1


async def test_more_than_there_is_room_for_is_refused_and_told_how_much_is_left(talk: Remembering) -> None:
    await talk.memory.pin_words(talk.person, talk.dialog_id, "а" * 500)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "б" * 500)
    long = await talk.said("в" * 501)
    with pytest.raises(Invalid) as refused:
        await talk.memory.pin_message(talk.person, talk.dialog_id, long)
    assert refused.value.values == {"limit": PINNED_LIMIT, "left": 500, "length": 501}
    with pytest.raises(Invalid):
        await talk.memory.pin_words(talk.person, talk.dialog_id, "г" * 501)
    assert len(await talk.pinned()) == 2


async def test_branches_do_not_take_one_anothers_room(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    left = await talk.said("л" * 1400, below=first)
    right = await talk.said("п" * 1400, below=first)
    await talk.memory.pin_message(talk.person, talk.dialog_id, left)
    await talk.memory.pin_message(talk.person, talk.dialog_id, right)
    with pytest.raises(Invalid) as refused:
        await talk.memory.pin_words(talk.person, talk.dialog_id, "в" * 101)
    assert refused.value.values["left"] == 100, "what counts everywhere must fit on each branch"
    below = await talk.said("н" * 100, below=left)
    await talk.memory.pin_message(talk.person, talk.dialog_id, below)
    with pytest.raises(Invalid):
        await talk.memory.pin_message(talk.person, talk.dialog_id, first)


async def test_two_tabs_that_pin_at_once_do_not_take_more_than_there_is(talk: Remembering) -> None:
    said = [await talk.said(sign * 400) for sign in "абвгд"]
    results = await asyncio.gather(
        *(talk.memory.pin_message(talk.person, talk.dialog_id, each) for each in said), return_exceptions=True
    )
    assert sum(isinstance(each, Invalid) for each in results) == 2
    assert sum(map(len, await talk.pinned())) == 1200


async def test_a_pinned_reply_that_grew_takes_no_more_than_the_room(talk: Remembering) -> None:
    await talk.said("Кто там?")
    reply = await talk.answered("Ветер.")
    await talk.memory.pin_message(talk.person, talk.dialog_id, reply)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "Мы в ссоре.")
    async with talk.world.database.write() as db:
        (await db.get_one(Message, reply)).text = "В" * 3000
    [text] = await talk.pinned()
    assert len(text) == PINNED_LIMIT
    assert (await talk.overview()).pinned_room == 0


async def test_there_are_so_many_pins_and_no_more(talk: Remembering) -> None:
    for number in range(MOST_PINS):
        await talk.memory.pin_words(talk.person, talk.dialog_id, f"{number}")
    with pytest.raises(Invalid):
        await talk.memory.pin_words(talk.person, talk.dialog_id, "и ещё")


@pytest.mark.parametrize("text", ["", "  \n", "я" * 501])
async def test_words_are_as_long_as_they_may_be(talk: Remembering, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await talk.memory.pin_words(talk.person, talk.dialog_id, text)
    assert refused.value.field == "text"


async def test_what_says_nothing_yet_is_not_pinned(talk: Remembering) -> None:
    await talk.said("Кто там?")
    reply = await talk.answered("")
    with pytest.raises(Invalid):
        await talk.memory.pin_message(talk.person, talk.dialog_id, reply)
    async with talk.world.database.write() as db:
        (await db.get_one(Message, reply)).state = State.RUNNING
    with pytest.raises(Busy):
        await talk.memory.pin_message(talk.person, talk.dialog_id, reply)


async def test_somebody_elses_dialog_answers_as_a_missing_one(talk: Remembering) -> None:
    said = await talk.said("Меня зовут Илья.")
    await talk.memory.pin_message(talk.person, talk.dialog_id, said)
    [pin] = (await talk.overview()).pinned
    stranger = await talk.world.somebody()

    async def refusal(dialog_id: int, pin_id: int) -> list[str]:
        asked = (
            talk.memory.overview(stranger, dialog_id),
            talk.memory.pin_words(stranger, dialog_id, "Здесь был я."),
            talk.memory.pin_message(stranger, dialog_id, said),
            talk.memory.unpin(stranger, dialog_id, pin_id),
            talk.memory.forget_everything(stranger, dialog_id),
        )
        refused = []
        for each in asked:
            with pytest.raises(AppError) as error:
                await each
            refused.append(f"{type(error.value).__name__}: {error.value}")
        return refused

    assert await refusal(talk.dialog_id, pin.id) == await refusal(10**6, 10**6)
    own = await talk.world.dialog(stranger)
    with pytest.raises(NotFound):
        await talk.memory.unpin(stranger, own, pin.id)
    with pytest.raises(NotFound):
        await talk.memory.pin_message(stranger, own, said)
    assert len(await talk.pinned()) == 1


async def test_other_pages_hear_of_each_change(talk: Remembering) -> None:
    heard: list[MemoryChanged] = []
    talk.world.bus.subscribe(MemoryChanged, talk.dialog_id, heard.append)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "Мы в ссоре.")
    [pin] = (await talk.overview()).pinned
    await talk.memory.unpin(talk.person, talk.dialog_id, pin.id)
    with pytest.raises(NotFound):
        await talk.memory.unpin(talk.person, talk.dialog_id, pin.id)
    assert heard == [MemoryChanged(talk.dialog_id)] * 2
    assert await talk.pinned() == []

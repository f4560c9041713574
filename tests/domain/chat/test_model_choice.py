"""Model choice of a dialog: who may choose, and what takes precedence."""

from __future__ import annotations

import math

import pytest

from domain.chat.model_choice import ModelChoice
from domain.chat.prompts.prompt_reader import PromptReader
from domain.errors import Invalid, NotFound
from domain.llm.port import Role
from domain.model.character import Character
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_dialogs import said

MODELS = ["yandexgpt-lite/latest", "yandexgpt/rc"]


async def test_what_was_chosen_for_a_dialog_is_what_the_model_is_asked_with(world: ChatWorld) -> None:
    choices = ModelChoice(world.database, MODELS, 0.6)
    person = await world.somebody()
    dialog, other = await world.dialog(person), await world.dialog(person)
    await choices.choose_model(person, dialog, "yandexgpt/rc")
    await choices.choose_temperature(person, dialog, 0.2)
    for each in (dialog, other):
        world.llm.answer("Да.")
        await world.chat.send(person, each, "Да?", "1")
        await world.ended(person, each)
    here, there = (request.body for request in world.llm.requests)
    assert (here["model"], here["temperature"]) == ("gpt://folder/yandexgpt/rc", 0.2)
    assert (there["model"], there["temperature"]) == ("gpt://folder/yandexgpt-lite/latest", 0.6)

    await choices.choose_model(person, dialog, MODELS[0])
    await choices.choose_temperature(person, dialog, None)
    conversation = await world.chat.open(person, dialog)
    assert (conversation.dialog.model, conversation.dialog.temperature) == ("", None), "it follows the settings again"


async def test_what_the_author_chose_stands_behind_the_dialogs_and_before_the_settings(world: ChatWorld) -> None:
    choices = ModelChoice(world.database, MODELS, 0.6)
    person = await world.somebody()
    made = await world.character(person)
    async with world.database.write() as db:
        character = await db.get_one(Character, made.id)
        character.temperature, character.reply_tokens, character.after_history = 0.1, 70, "{{user}} спешит."
    assert choices.usual_temperature(character) == 0.1
    dialog, other = [await world.chat.begin(person, character.id) for _ in range(2)]
    await choices.choose_temperature(person, dialog, 0.9)
    for each in (dialog, other):
        await world.chat.send(person, each, "Да?", "1")
        await world.ended(person, each)
    here, there = (request.body for request in world.llm.requests)
    assert (here["temperature"], there["temperature"]) == (0.9, 0.1)
    assert (here["max_tokens"], there["max_tokens"]) == (70, 70)
    assert "спешит." in there["messages"][-1]["content"]
    assert "спешит." not in str(await world.messages(person, other)), "the author's instruction is never shown"


async def test_nobody_chooses_what_is_not_offered_or_not_theirs(world: ChatWorld) -> None:
    choices = ModelChoice(world.database, MODELS, 0.6)
    person, stranger = await world.somebody(), await world.somebody()
    dialog = await world.dialog(person)
    with pytest.raises(Invalid):
        await choices.choose_model(person, dialog, "gpt-4o")
    for wrong in (-0.1, 1.1, math.nan, math.inf):
        with pytest.raises(Invalid):
            await choices.choose_temperature(person, dialog, wrong)
    with pytest.raises(NotFound):
        await choices.choose_temperature(stranger, dialog, 0.5)


async def test_ty_or_vy_chosen_for_a_dialog_goes_before_the_profile(world: ChatWorld) -> None:
    person, stranger = await world.people(2)
    dialog = await world.dialog(person)
    await world.dialogs.choose_form_of_address(person, dialog, "ты")
    await world.chat.send(person, dialog, "Да?", "1")
    await world.ended(person, dialog)
    assert "Обращайся к собеседнику на «ты»." in world.llm.requests[-1].body["messages"][0]["content"]
    await world.dialogs.choose_form_of_address(person, dialog, "")
    await world.chat.send(person, dialog, "И так?", "2")
    await world.ended(person, dialog)
    assert "Обращайся" not in world.llm.requests[-1].body["messages"][0]["content"], (
        "as in the profile, which is silent"
    )
    with pytest.raises(Invalid):
        await world.dialogs.choose_form_of_address(person, dialog, "эй")
    with pytest.raises(NotFound):
        await world.dialogs.choose_form_of_address(stranger, dialog, "ты")


async def test_a_dialog_may_be_given_more_of_its_talk_than_others(world: ChatWorld) -> None:
    choices = ModelChoice(world.database, MODELS, 0.6, PromptReader(lambda _model: 60_000))
    person = await world.somebody()
    dialog = await world.dialog(person)
    for n in range(40):
        await said(world, dialog, f"{n} " + "слово " * 150, role=Role.ASSISTANT if n % 2 else Role.USER)

    async def length(n: int) -> int:
        world.llm.answer("Да.")
        await world.chat.send(person, dialog, "Да?", str(n))
        await world.ended(person, dialog)
        return sum(len(each["content"]) for each in world.llm.requests[-1].body["messages"])

    assert 20_000 < await length(0) <= 24_000, "as in the settings"
    await choices.choose_prompt_tokens(person, dialog, 12_000)
    assert 32_000 < await length(1) <= 36_000
    await choices.choose_prompt_tokens(person, dialog, 2_000)
    assert 3_000 < await length(2) <= 6_000
    await choices.choose_prompt_tokens(person, dialog, None)
    assert 20_000 < await length(3) <= 24_000
    row = (await world.chat.open(person, dialog)).dialog
    assert choices.longest_prompt(row) == 20_000, "what the model reads"
    for wrong in (-1, 0, 1_999, 20_001, 10**12):
        with pytest.raises(Invalid, match="from 2000 to 20000 tokens"):
            await choices.choose_prompt_tokens(person, dialog, wrong)
    with pytest.raises(NotFound):
        await choices.choose_prompt_tokens(await world.somebody(), dialog, 4_000)

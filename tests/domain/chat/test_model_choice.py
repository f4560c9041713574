"""Model choice of a dialog: by whom, and what comes before what."""

from __future__ import annotations

import math

import pytest

from domain.chat.model_choice import ModelChoice
from domain.errors import Invalid, NotFound
from domain.model.character import Character
from tests.domain.chat.conftest import House

MODELS = ["yandexgpt-lite/latest", "yandexgpt/rc"]


async def test_what_was_chosen_for_a_dialog_is_what_the_model_is_asked_with(house: House) -> None:
    choices = ModelChoice(house.database, MODELS, 0.6)
    person = await house.somebody()
    dialog, other = await house.dialog(person), await house.dialog(person)
    await choices.choose_model(person, dialog, "yandexgpt/rc")
    await choices.choose_temperature(person, dialog, 0.2)
    for each in (dialog, other):
        house.llm.answer("Да.")
        await house.chat.send(person, each, "Да?", "1")
        await house.ended(person, each)
    here, there = (request.body for request in house.llm.requests)
    assert (here["model"], here["temperature"]) == ("gpt://folder/yandexgpt/rc", 0.2)
    assert (there["model"], there["temperature"]) == ("gpt://folder/yandexgpt-lite/latest", 0.6)

    await choices.choose_model(person, dialog, MODELS[0])
    await choices.choose_temperature(person, dialog, None)
    conversation = await house.chat.open(person, dialog)
    assert (conversation.dialog.model, conversation.dialog.temperature) == ("", None), "it follows the settings again"


async def test_what_the_author_chose_stands_behind_the_dialogs_and_before_the_settings(house: House) -> None:
    choices = ModelChoice(house.database, MODELS, 0.6)
    person = await house.somebody()
    made = await house.character(person)
    async with house.database.write() as db:
        character = await db.get_one(Character, made.id)
        character.temperature, character.reply_tokens, character.after_history = 0.1, 70, "{{user}} спешит."
    assert choices.usual_temperature(character) == 0.1
    dialog, other = [await house.chat.begin(person, character.id) for _ in range(2)]
    await choices.choose_temperature(person, dialog, 0.9)
    for each in (dialog, other):
        await house.chat.send(person, each, "Да?", "1")
        await house.ended(person, each)
    here, there = (request.body for request in house.llm.requests)
    assert (here["temperature"], there["temperature"]) == (0.9, 0.1)
    assert (here["max_tokens"], there["max_tokens"]) == (70, 70)
    assert "спешит." in there["messages"][-1]["content"]
    assert "спешит." not in str(await house.messages(person, other)), "the author's instruction is never shown"


async def test_nobody_chooses_what_is_not_offered_or_not_theirs(house: House) -> None:
    choices = ModelChoice(house.database, MODELS, 0.6)
    person, stranger = await house.somebody(), await house.somebody()
    dialog = await house.dialog(person)
    with pytest.raises(Invalid):
        await choices.choose_model(person, dialog, "gpt-4o")
    for wrong in (-0.1, 1.1, math.nan, math.inf):
        with pytest.raises(Invalid):
            await choices.choose_temperature(person, dialog, wrong)
    with pytest.raises(NotFound):
        await choices.choose_temperature(stranger, dialog, 0.5)

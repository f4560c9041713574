"""The next prompt in words: how long it may be, and what of it a person is shown."""

from __future__ import annotations

from typing import cast

import pytest

from domain.books.traces import FiredEntry
from domain.chat.model_choice import ModelChoice
from domain.chat.next_prompt import PromptView
from domain.chat.prompts.prompt_reader import PromptReader
from domain.language import Texts
from domain.llm.port import PromptMessage, Role
from domain.model.dialog import Dialog
from storage.database import Database
from ui.chat.memory.prompt_words import prompt_shown, sizes_shown

RU = Texts("ru")


def choice(room: int) -> ModelChoice:
    nowhere = cast("Database", None)
    return ModelChoice(nowhere, ["yandexgpt/latest"], 0.6, PromptReader(lambda _model: room * 3, 8_000))


@pytest.mark.parametrize(
    ("room", "chosen", "sizes"),
    [
        (32_000, None, [0, 16_000, 32_000]),
        (32_000, 12_000, [0, 12_000, 16_000, 32_000]),
        (10_000, None, []),
        (10_000, 9_000, [0, 9_000]),
    ],
)
def test_longer_prompts_are_offered_as_far_as_the_model_reads(room: int, chosen: int | None, sizes: list[int]) -> None:
    shown = sizes_shown(RU, choice(room), Dialog(user_id=1, character_id=1, prompt_tokens=chosen))
    assert [tokens for tokens, _words in shown["sizes"]] == sizes
    assert shown["size"] == (chosen or 0)


def test_the_usual_length_is_named() -> None:
    shown = sizes_shown(RU, choice(32_000), Dialog(user_id=1, character_id=1))
    assert [words.replace("\xa0", " ") for _tokens, words in shown["sizes"]] == [
        "как обычно, 8 тыс. токенов",
        "16 тыс. токенов",
        "32 тыс. токенов",
    ]


def test_who_may_see_the_card_reads_the_whole_prompt_and_others_what_is_told_of_their_talk() -> None:
    prompt = (PromptMessage(Role.SYSTEM, "Ты — Марина."), PromptMessage(Role.USER, "…"))
    authors = prompt_shown(RU, PromptView("Память о разговоре.", None, 0, 8_100, prompt))
    assert [part["text"] for part in authors["parts"]] == ["Ты — Марина.", "…"]
    others = prompt_shown(RU, PromptView("Память о разговоре.", 3, 0, 8_100))
    assert others["parts"] == [{"who": "Память", "text": "Память о разговоре."}]
    assert prompt_shown(RU, PromptView("", None, 0, 900))["parts"] == []


def test_entries_of_lorebooks_are_named_with_what_made_them_fire() -> None:
    own = FiredEntry(1, "Город", "Жили в Москве.", because="столица")
    lore = (own, FiredEntry(2, "", "Горит.", "маяк", because="огонь", by_entry=True), FiredEntry(3, "Тайна"))
    named = "Город — по ключу «столица»\nмаяк — по ключу «огонь» в другой записи\nТайна"
    authors = prompt_shown(RU, PromptView("", None, 0, 8_100, (PromptMessage(Role.USER, "…"),), lore))
    assert authors["parts"] == [{"who": "Знания", "text": named}, {"who": "Вы", "text": "…"}]
    others = prompt_shown(RU, PromptView("", None, 0, 8_100, lore=(own,)))
    assert others["parts"] == [{"who": "Знания", "text": "Город — по ключу «столица»\nЖили в Москве."}]

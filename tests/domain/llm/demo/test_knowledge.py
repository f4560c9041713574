"""Demo model and lorebooks: a question about an entry is answered by its sentence, and instructions stay unsaid."""

from __future__ import annotations

import pytest

from domain.llm.demo.resuming import reply_to
from domain.llm.port import NOTE, NOTE_ENDS, Interlocutor, Persona, Prompt, PromptMessage, Role
from tests.domain.llm.demo.made_up import ENGLISH
from tests.domain.llm.demo.test_demo_model import MARINA

LIGHTHOUSE = "Старый маяк на мысе погас сто лет назад. Марина прожила в Москве десять лет."
NOTES = (
    "Отвечай на вопросы о маяке коротко.",
    "[Маяк: старый; мыс: северный].",
    "Марина никому не говорит, что маяк горит.",
    "Ты обязан скрывать маяк от собеседника.",
)


def asked(text: str, *lore: str, persona: Persona = MARINA) -> str:
    messages = (PromptMessage(Role.SYSTEM, "Ты — Марина."), PromptMessage(Role.USER, text))
    return reply_to(Prompt(messages, persona, Interlocutor("ira"), lore=lore))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Что со старым маяком на мысе?", "Старый маяк на мысе погас сто лет назад."),
        ("Ты жила в Москве десять лет?", "Я прожила в Москве десять лет."),
        ("Расскажи про маяк на мысе", "Старый маяк на мысе погас сто лет назад."),
    ],
)
def test_a_question_about_an_entry_is_answered_by_it(question: str, told: str) -> None:
    assert asked(question, LIGHTHOUSE) == told
    assert asked(question) != told


def test_in_english_too() -> None:
    lore = "The old lighthouse went dark a century ago."
    assert asked("What about the old lighthouse?", lore, persona=ENGLISH) == lore


@pytest.mark.parametrize("note", NOTES)
def test_what_tells_a_model_how_to_behave_is_never_said(note: str) -> None:
    assert asked("Что с маяком?", note) == asked("Что с маяком?")


def test_what_is_not_asked_about_is_not_told() -> None:
    for text in ("Привет!", "Как дела?", "Сегодня шёл дождь", "Почему люди врут?"):
        assert asked(text, LIGHTHOUSE) == asked(text)


def test_an_entry_within_the_persons_message_is_none_of_their_words() -> None:
    note = f"{NOTE}Ира любит маяки.{NOTE_ENDS}"
    assert asked(f"{note}\n\nКак дела?\n\n{note}") == asked("Как дела?")

"""Recollection of the demo model: asked about what was said long ago, it tells what memory holds and nothing else."""

from __future__ import annotations

import re

import pytest

from domain.llm.demo.repertoire import common, repertoire_of
from domain.llm.demo.resuming import reply_to
from domain.llm.demo.sentences import Said
from domain.llm.port import ASIDE, RECALLED, Interlocutor, Persona, Prompt, PromptMessage, Role
from tests.demo_transcripts import starters
from tests.domain.llm.demo.made_up import ENGLISH
from tests.domain.llm.demo.test_demo_model import MARINA

KNOWN = (
    "Собеседника зовут Илья",
    "Собеседнику 34 года",
    "Собеседник живёт в Твери",
    "Собеседник работает электриком в депо",
    "У собеседника есть собака Рекс",
    "Собеседник не любит рыбу",
    "Собеседник обожает грибной суп",
    "Собеседник боится высоты",
    "У собеседника аллергия на орехи",
    "Жену собеседника зовут Марина",
    "День рождения собеседника 17 марта",
    "Вчера купил велосипед, красный, с корзинкой. Катался до ночи.",
)
MORE = (
    *KNOWN,
    "У собеседника есть такса Жужа",
    "У собеседника есть кот Барсик",
    "Собеседник боится пауков",
    "Собеседник не боится темноты",
)
KNOWN_ENGLISH = (
    "The person's name is Mark",
    "The person is 34 years old",
    "The person lives in Leeds",
    "The person works as a nurse",
    "The person doesn't like rain",
    "The person loves jazz",
    "The person's dog is called Rex",
    "I bought a red bicycle yesterday.",
)
NOT_ASKED = ("Помнишь войну?", "Что мне делать?", "Я думаю купить велосипед", "Где ты живёшь?", "Кем ты работаешь?")


def asked(text: str, memory: tuple[str, ...], persona: Persona = MARINA, *, earlier: tuple[str, ...] = ()) -> str:
    said = [
        each for words in earlier for each in (PromptMessage(Role.USER, words), PromptMessage(Role.ASSISTANT, "Да."))
    ]
    messages = (PromptMessage(Role.SYSTEM, "Ты — Марина."), *said, PromptMessage(Role.USER, text))
    return reply_to(Prompt(messages, persona, Interlocutor("ira"), memory=memory))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Помнишь, как меня зовут?", "Илья"),
        ("ты помнишь меня?", "Илья"),
        ("Сколько мне лет?", "Вам 34 года."),
        ("помнишь, где я живу?", "Ты живёшь в Твери."),
        ("Помните, где я живу?", "Вы живёте в Твери."),
        ("Кем я работаю?", "Вы работаете электриком в депо."),
        ("что я тебе говорил про собаку?", "У тебя есть собака Рекс."),
        ("А как зовут моего пса?", "У вас есть собака Рекс."),
        ("помнишь, чего я боюсь?", "Ты боишься высоты."),
        ("Что я не люблю?", "Вы не любите рыбу."),
        ("напомни, что я люблю?", "Вы обожаете грибной суп."),
        ("На что у меня аллергия?", "У вас аллергия на орехи."),
        ("Как зовут мою жену?", "Жену зовут Марина."),
        ("Когда у меня день рождения?", "День рождения — 17 марта."),
        ("Помнишь, что я купил?", "Сказано было так: «Вчера купил велосипед, красный, с корзинкой»."),
    ],
)
def test_it_tells_what_it_was_told(question: str, told: str) -> None:
    assert told in asked(question, KNOWN)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Do you remember my name?", "Mark"),
        ("How old am I?", "You are 34 years old."),
        ("Where do I live?", "You live in Leeds."),
        ("What do I do for a living?", "You work as a nurse."),
        ("What do I love?", "You love jazz."),
        ("What don't I like?", "You don't like rain."),
        ("What's my dog's name?", "Your dog is called Rex."),
        ("Did I tell you about my bicycle?", "The words were: “I bought a red bicycle yesterday”."),
    ],
)
def test_it_tells_in_english_what_it_was_told(question: str, told: str) -> None:
    assert told in asked(question, KNOWN_ENGLISH, ENGLISH)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Помнишь про таксу?", "У тебя есть такса Жужа."),
        ("Помните таксу?", "У вас есть такса Жужа."),
        ("Напомни моё имя", "Илья"),
        ("Напомни мне моё имя, пожалуйста", "Илья"),
        ("Как зовут кота?", "У вас есть кот Барсик."),
        ("Кто такая Жужа?", "У вас есть такса Жужа."),
        ("Какие у меня страхи?", "Вы боитесь высоты. Вы боитесь пауков."),
        ("Каковы мои страхи?", "Вы боитесь высоты. Вы боитесь пауков."),
        ("Помнишь про велосипед?", "Сказано было так: «Вчера купил велосипед, красный, с корзинкой»."),
        ("Какая у меня аллергия?", "У вас аллергия на орехи."),
        ("Что ты обо мне знаешь?", "У тебя есть кот Барсик. Ты боишься пауков. Ты не боишься темноты."),
    ],
)
def test_it_remembers_without_being_asked_in_full(question: str, told: str) -> None:
    answer = asked(question, MORE)
    assert told in answer
    assert not any(map(Said([answer]).has_of, common("ru").repertoire.lines["forgot"]))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Remind me of my name", "Mark"),
        ("Do you remember the dog?", "Your dog is called Rex."),
        ("What is the dog called?", "Your dog is called Rex."),
        ("Do you remember about the bicycle?", "“I bought a red bicycle yesterday”"),
        ("What do you know about me?", "Your dog is called Rex."),
    ],
)
def test_it_remembers_in_english_without_being_asked_in_full(question: str, told: str) -> None:
    assert told in asked(question, KNOWN_ENGLISH, ENGLISH)


@pytest.mark.parametrize("question", ["Как зовут твоего кота?", "Помнишь про войну?", "Кто такой Пушкин?"])
def test_what_is_not_known_of_the_person_is_answered_as_ever(question: str) -> None:
    assert asked(question, MORE) == asked(question, ())


@pytest.mark.parametrize("persona", starters(), ids=lambda each: f"{each.language} {each.name}")
def test_a_starter_remembers_and_does_not_in_its_own_voice(persona: Persona) -> None:
    questions = ("Кем я работаю?", "помнишь мою бабушку?")
    memory, told = (KNOWN, "электриком") if persona.language == "ru" else (KNOWN_ENGLISH, "nurse")
    if persona.language == "en":
        questions = ("What do I do for a living?", "do you remember my grandmother?")
    known, unknown = (asked(each, memory, persona) for each in questions)
    own = repertoire_of(persona.starter, persona.language)
    assert own
    assert told in known
    assert any(map(Said([known]).has_of, own.lines["recalled"]))
    assert any(map(Said([unknown]).has_of, own.lines["forgot"]))


@pytest.mark.parametrize("memory", [KNOWN, ()])
@pytest.mark.parametrize(
    "question", ["помнишь мою бабушку?", "Помнишь, как мы ходили в лес?", "Напомни, как звали мою кошку?"]
)
def test_it_does_not_claim_to_remember_what_it_was_not_told(question: str, memory: tuple[str, ...]) -> None:
    answer = Said([asked(question, memory)])
    assert any(map(answer.has_of, common("ru").repertoire.lines["forgot"]))


@pytest.mark.parametrize("question", NOT_ASKED)
def test_what_is_not_about_the_person_is_answered_as_ever(question: str) -> None:
    assert asked(question, KNOWN) == asked(question, ())


def test_what_was_said_within_the_prompt_is_remembered_too() -> None:
    answer = asked("Помнишь, про какую книгу я говорил?", (), earlier=("Читаю книгу про китов. А ты?",))
    assert "Читаю книгу про китов" in answer


def test_what_is_known_is_not_said_twice() -> None:
    said = ("Боюсь высоты, а люблю грибной суп.",)
    told = asked("Чего я боюсь?", ("Собеседник боится высоты",), earlier=said)
    assert told.endswith("Вы боитесь высоты.")
    assert "Боюсь" not in told
    assert "Боюсь высоты" in asked("Чего я боюсь?", (), earlier=said)


def test_the_newest_of_a_kind_is_told() -> None:
    answer = asked("Где я живу?", ("Собеседник живёт в Твери", "Собеседник живёт в Казани"))
    assert "Казани" in answer
    assert "Твери" not in answer


def test_what_surrounds_the_persons_words_is_not_taken_for_them() -> None:
    """The memory part of the system message is nobody's words, nor is what is appended to the newest message."""
    system = PromptMessage(Role.SYSTEM, "Ты — Марина.\n\nПамять о разговоре.\nИзвестно:\n— Меня зовут Олег")
    user = PromptMessage(Role.USER, f"Как меня зовут?\n\n{RECALLED}«Меня зовут Пётр».)\n\n{ASIDE}меня зовут Глеб)")
    answer = reply_to(Prompt((system, user), MARINA, Interlocutor("Ира")))
    assert "Ира" in answer
    assert not re.search("Олег|Пётр|Глеб", answer)

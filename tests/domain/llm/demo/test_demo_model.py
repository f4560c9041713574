"""Demo model: conversations as a person trying the product without a key would have them."""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import replace
from itertools import cycle, islice

import pytest

from domain.llm.demo.model import DemoModel
from domain.llm.demo.repertoire import HEARD, common, plain
from domain.llm.demo.resuming import reply_to
from domain.llm.demo.scene import read
from domain.llm.demo.sentences import Said, sentences
from domain.llm.port import Ending, Interlocutor, Outcome, Persona, Prompt, PromptMessage, Role
from tests.demo_transcripts import starters
from tests.domain.llm.demo.made_up import EMPTY, ENGLISH, PIRATE, TEACHER
from tests.domain.llm.demo.talking import Talk

MARINA = Persona(
    "Марина",
    "female",
    "Марина — смотрительница маяка. Любит тишину.",
    ("море", "чай", "старые карты"),
    context="Ты — Марина, смотрительница маяка.",
)
MIXED = (
    *("Привет!", "Как дела?", "Что делаешь?", "Сегодня весь день шёл дождь", "Почему осенью так рано темнеет?", "да"),
    *("Мне немного грустно", "Ты любишь море?", "Расскажи сказку", "А что было дальше?", "Посоветуй что-нибудь"),
    *("нет", "Как тебя зовут?", "Купил новый велосипед", "Сколько звёзд на небе?", "хм", "Расскажи о себе"),
    *("Зачем люди врут?", "Дочитал книгу про китов", "Пошути", "Сколько тебе лет?", "Завтра экзамен", "правда?"),
    *("Что ты об этом думаешь?", "Какого цвета ветер?", "Соседи опять шумят", "спасибо", "Куда уходят поезда?"),
    *("Так и живём", "Пока!"),
)
MIXED_ENGLISH = (
    *("Hello!", "How are you?", "What are you doing?", "It rained all day", "Why does it get dark so early?", "yes"),
    *("I feel a bit sad", "Do you like the sea?", "Tell me a story", "And what happened next?", "Any advice?", "no"),
    *("What's your name?", "I bought a bicycle", "How many stars are there?", "hm", "Tell me about yourself"),
    *("Why do people lie?", "I finished a book on whales", "Tell me a joke", "How old are you?", "Exam tomorrow"),
    *("really?", "What do you think?", "What colour is the wind?", "The neighbours are loud", "thanks"),
    *("Where do trains go?", "That's life", "Bye!"),
)


@pytest.mark.parametrize(
    "asked",
    [
        *("во что играешь", "за кого болеешь", "чё делаешь", "скока тебе лет", "о чем мечтаеш", "питон или джава"),
        *(
            "а созвоны почему не любите",
            "баб, где дед",
            "Высоты не боюсь. А что делать надо",
            "возьмешь меня в команду",
        ),
    ],
)
def test_a_question_needs_no_question_mark(asked: str) -> None:
    assert read(Prompt((PromptMessage(Role.USER, asked),), MARINA)).is_question


@pytest.mark.parametrize(
    "told",
    [
        *("Я знаю, что ты тут", "люблю, когда дождь", "не знаю, почему", "ненавижу бегать", "простите за опоздание"),
        *("привет не бойся", "Здравствуйте, батюшка", "купил велосипед"),
    ],
)
def test_what_is_told_is_no_question(told: str) -> None:
    assert not read(Prompt((PromptMessage(Role.USER, told),), MARINA)).is_question


def test_who_is_greeted_by_what_they_are_greets_back() -> None:
    lines = common("ru").repertoire.lines["hello"]
    for greeting in ("Здравствуйте, батюшка", "здравствуйте, уважаемый кот", "Привет, Марина!", "привет дед"):
        assert any(map(Said([Talk(MARINA).say(greeting)]).has_of, lines)), greeting


def test_a_question_is_not_answered_as_if_something_had_been_told() -> None:
    aglaya = next(each for each in starters() if (each.language, each.starter) == ("ru", "aglaya"))
    for asked in ("Чем вы отличаете книгу от подделки", "ты умеешь чинить книги?"):
        assert "больше паспорта" not in Talk(aglaya).say(asked)


@pytest.mark.parametrize("persona", [*starters(), PIRATE, TEACHER, ENGLISH], ids=lambda each: f"{each.name}")
def test_nothing_is_said_twice_within_thirty_replies(persona: Persona) -> None:
    is_english = persona.language == "en" or persona is ENGLISH
    said = [
        each for reply in Talk(persona).say_all(MIXED_ENGLISH if is_english else MIXED) for each in sentences(reply)
    ]
    assert [each for each in set(said) if said.count(each) > 1] == []


def test_to_the_same_words_it_finds_others_as_long_as_it_can() -> None:
    said = [each for reply in Talk(MARINA).say_all(["Сегодня снова дождь"] * 25) for each in sentences(reply)]
    assert len(said) == len(set(said))


def test_asked_once_more_it_finds_other_words() -> None:
    prompt = Prompt((PromptMessage(Role.USER, "Сегодня снова дождь"),), MARINA)
    tries = [reply_to(prompt)]
    assert tries[0] == reply_to(prompt)
    while len(tries) < 8:
        tries.append(reply_to(replace(prompt, others=tuple(tries))))
    assert len(set(tries)) == 8


def test_another_reply_does_not_begin_like_one_that_was_stopped() -> None:
    prompt = Prompt((PromptMessage(Role.USER, "Сегодня снова дождь"),), MARINA)
    stopped = reply_to(replace(prompt, others=("…",)))[:12]
    assert not reply_to(replace(prompt, others=(stopped,))).startswith(stopped)


def test_it_learns_the_persons_name_and_knows_the_profiles() -> None:
    talk = Talk(MARINA)
    assert "зовут" in talk.say("Как меня зовут?")
    assert "Аня" in talk.say("Кстати, меня зовут аня")
    talk.say("Сегодня холодно")
    assert "Аня" in talk.say("Помнишь, как меня зовут?")
    assert "Ира" in Talk(MARINA, Interlocutor("Ира")).say("Как меня зовут?")


def test_it_answers_in_the_language_it_is_spoken_to() -> None:
    talk = Talk(MARINA)
    assert not re.search("[а-я]", talk.say("How are you?"), re.IGNORECASE)
    assert re.search("[а-я]", talk.say("А теперь по-русски, как дела?"))
    assert re.search("[а-я]", talk.say("???"))
    assert not re.search("[а-я]", Talk(ENGLISH).say("…"))


def test_after_three_empty_handed_replies_it_says_why_once() -> None:
    answers = Talk(EMPTY).say_all(["Сколько звёзд на небе?", "Какого цвета ветер?", "Куда уходят поезда?"] * 3)
    assert ["демо-режим" in answer for answer in answers] == [False, False, True, *[False] * 6]
    assert "модель" in answers[2]


@pytest.mark.parametrize("persona", starters(), ids=lambda each: f"{each.name}")
def test_a_starter_says_in_its_own_voice_that_it_does_not_know_and_then_why(persona: Persona) -> None:
    nonsense = ("Зюмкает ли бурдюнчик?", "Фрямкнет ли хруздик?", "Кряпает ли мунфель?", "Хмыряет ли пурзень?")
    if persona.language == "en":
        nonsense = ("Does it zumble the glorp?", "Do they frumple?", "Does a quirl mumf?", "Did the snurf yibble?")
    answers = Talk(persona).say_all(nonsense)
    assert ["(" in answer for answer in answers] == [False, False, True, False]
    assert all("?" in answer for answer in answers), "it leads back to its own ground"


@pytest.mark.parametrize("persona", starters(), ids=lambda each: f"{each.name}")
def test_a_starter_owns_up_to_being_a_program_in_a_clause_of_its_own(persona: Persona) -> None:
    asked = "Are you a bot?" if persona.language == "en" else "Ты бот?"
    first, second = Talk(persona).say_all([asked, asked])
    assert "демо" in first or "demo" in first
    assert not set(sentences(first)) & set(sentences(second))


def test_it_owns_up_to_being_a_program() -> None:
    for asked in ("Ты бот?", "скажи честно, ты нейросеть?", "ты настоящая?", "Вы ИИ?"):
        assert "демо" in Talk(MARINA).say(asked)
    for asked in ("Are you a bot?", "Are you real?", "are you an AI?"):
        assert "demo" in Talk(ENGLISH).say(asked)
    assert DemoModel().is_demo


def test_it_sends_a_person_in_despair_to_people() -> None:
    assert all("112" in answer for answer in Talk(MARINA).say_all(["Я не хочу жить", "хочу умереть", "я убью себя"]))


def test_a_list_is_markdown() -> None:
    assert re.fullmatch(r"(- .+\n){2}- .+", Talk(MARINA).say("Составь мне список дел на вечер"))


@pytest.mark.parametrize("cut_at", [1, 17, 60, 119])
def test_a_reply_that_was_cut_off_goes_on_from_the_very_letter(cut_at: int) -> None:
    talk = Talk(MARINA)
    talk.say("Привет")
    talk.say("Расскажи сказку")
    rest = talk.cut_off(cut_at)
    assert talk.go_on() == rest


def test_a_reply_begun_in_another_form_of_address_goes_on_as_it_began() -> None:
    talk = Talk(MARINA, Interlocutor("Ира", "", "вы"))
    whole = talk.say("мне так грустно")
    later = Talk(MARINA, Interlocutor("Ира", "", "ты"))
    later.say("мне так грустно")
    shown = whole.index("йте") + len("йте")  # «рассказывайте»
    later.put(whole[:shown])
    assert later.go_on() == whole[shown:]


def test_going_on_after_a_whole_part_of_a_story_tells_the_next() -> None:
    talk = Talk(MARINA)
    first = talk.say("Расскажи сказку")
    second = talk.go_on()
    assert second.strip()
    assert not set(sentences(first)) & set(sentences(second))
    assert "фонар" in second or "карт" in second or "мальчик" in second.lower()


def test_strange_messages_do_not_confuse_it() -> None:
    talk = Talk(Persona("Ма{р}ина", "female", "{bio} [a|b|c] {{you:a}} " * 40, ("{x}", "a|b", "", "  ")))
    strange = ("😀", "", "???", "{name} {0} %s", "[а|б|в]", "\\", "меня зовут", "меня зовут {person}", "ы" * 5000)
    for answer in talk.say_all(strange):
        assert answer.strip()


def test_of_a_long_message_only_the_ends_are_looked_at() -> None:
    """Matching patterns on a long text takes time, and lets nobody else run meanwhile."""
    heard = plain("Привет! " + "ы" * 16_000 + " как дела?")
    assert len(heard) <= 2 * HEARD + 3
    assert heard.startswith("привет!")
    assert heard.endswith("как дела?")


async def test_words_come_one_by_one_at_reading_speed() -> None:
    prompt = Prompt((PromptMessage(Role.USER, "Привет!"),), MARINA)
    async with aclosing(DemoModel(pause=0).reply(prompt)) as pieces:
        *words, ending = [piece async for piece in pieces]
    assert ending == Ending(Outcome.DONE)
    assert len(words) > 3
    assert max(len(str(word)) for word in words) < 25


def test_every_line_it_has_agrees_with_its_gender() -> None:
    for gender, never in (("male", r"\b(рада|думала|отложила)\b"), ("female", r"\b(рад|думал|отложил)\b")):
        answers = Talk(Persona("Саша", gender, context="Ты — Саша.")).say_all(islice(cycle(MIXED), 60))
        assert not re.search(never, "\n".join(answers).lower())

"""Cards: answers of a character that a person made, taken from what its author wrote."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from domain.llm.demo.first_person import first_person
from domain.llm.port import Interlocutor, Persona
from tests.domain.llm.demo.made_up import (
    CAT,
    DETECTIVE,
    ELF,
    ENGLISH,
    FIRST_QUESTIONS,
    MADE_UP,
    MOTHER,
    PIRATE,
    POET,
    ROBOT,
    TEACHER,
)
from tests.domain.llm.demo.talking import Talk

ANSWERS = [
    (PIRATE, "Сколько тебе лет?", "сорок семь лет"),
    (PIRATE, "Где ты живёшь?", "на шхуне «Бродяга»"),
    (PIRATE, "Какой сейчас год?", "1720"),
    (PIRATE, "У тебя есть попугай?", "Пиастр"),
    (PIRATE, "Чего ты боишься?", "Боюсь только трезвого утра"),
    (PIRATE, "О чём мечтаешь?", "остров без губернатора"),
    (TEACHER, "Как вас зовут?", "Анна Петровна Смирнова"),
    (TEACHER, "Сколько вам лет?", "54 года"),
    (TEACHER, "Как зовут вашего кота?", "Базилио"),
    (TEACHER, "У вас есть семья?", "Николай"),
    (TEACHER, "Кем вы работаете?", "литератур"),
    (TEACHER, "Что вы любите?", "люблю Чехова"),
    (TEACHER, "зачем читать эту классику", "узнать себя в чужой беде"),
    (CAT, "Сколько тебе лет?", "пять лет"),
    (CAT, "Чего ты боишься?", "Боюсь пылесоса"),
    (CAT, "Что ты любишь?", "Обожаю сметану"),
    (ELF, "Сколько тебе лет?", "триста двадцать лет"),
    (ELF, "Где ты живёшь?", "Древнем лесу"),
    (ELF, "Есть у тебя сёстры?", "Аэрин"),
    (DETECTIVE, "Где ты работаешь?", "на Дерибасовской"),
    (DETECTIVE, "У тебя есть дети?", "Лёва"),
    (MOTHER, "Кем ты работаешь?", "Я работаю бухгалтером"),
    (MOTHER, "Как зовут собаку?", "Тузик"),
    (ROBOT, "Чего вы боитесь?", "замыкания"),
    (POET, "Какой нынче год?", "1836"),
    (POET, "У вас есть дети?", "четверо детей"),
    (ENGLISH, "How old are you?", "sixty-one"),
    (ENGLISH, "Where do you live?", "I live in a cottage by lock nineteen"),
    (ENGLISH, "Do you have a dog?", "Biscuit"),
    (ENGLISH, "What are you afraid of?", "I am afraid of thunder"),
    (ENGLISH, "What do you hate?", "I hate being hurried"),
]


BARISTA = Persona(
    "Соня",
    "female",
    bio="Соня варит кофе.",
    context="Ты — Соня, 22 года, бариста. Живёшь в коммуналке с подругой Ритой. Ты умеешь рисовать на пене. Твой друг —"
    " сосед Егор. Твой дед Коля умер три года назад. Твоему дому восемьсот лет.",
    language="ru",
    greeting="Привет! Тебе как обычно или сегодня рискнём?",
)


def test_a_fact_is_told_again_rather_than_nothing() -> None:
    talk = Talk(BARISTA)
    assert "Ритой" in talk.say("где ты живёшь?")
    assert "Ритой" in talk.say("кто такая Рита")


def test_a_fact_is_not_told_over_and_over() -> None:
    answers = Talk(BARISTA).say_all(["где ты живёшь?", "кто такая Рита", "расскажи про Риту", "Рита добрая?"])
    assert sum("Ритой" in each for each in answers) == 2


def test_asked_whether_it_is_what_it_is_it_says_so() -> None:
    assert "бариста" in Talk(BARISTA).say("ты правда бариста?")


def test_of_a_friend_and_of_a_grandfather_it_tells_what_it_knows() -> None:
    talk = Talk(BARISTA)
    assert "Егор" in talk.say("Кто твой друг?")
    assert "умер" in talk.say("скучаешь по дедушке?")


def test_a_question_of_another_subject_is_none_of_a_kind_of_facts() -> None:
    talk = Talk(BARISTA)
    assert "22 года" not in talk.say("Сколько лет ты рисуешь?")
    assert "коммуналк" not in talk.say("где находится кофейня")
    assert "бариста" not in talk.say("как стать баристой")
    assert "демо" not in Talk(BARISTA).say("ты программист?")
    assert "рисовать на пене" in talk.say("ты умеешь петь?")


def test_what_it_cannot_answer_leads_back_to_its_own_question_or_nowhere() -> None:
    answers = Talk(BARISTA).say_all(["Сколько стоит капучино?", "Что такое латте?", "Зачем трубочка?", "Чья чашка?"])
    questions = [each for answer in answers for each in re.findall(r"[^.!?…:]+\?", answer)]
    assert questions
    assert all("рискнём" in each for each in questions)


@pytest.mark.parametrize(("persona", "asked", "told"), ANSWERS, ids=[f"{p.name} {asked}" for p, asked, _ in ANSWERS])
def test_a_card_answers_by_the_kind_of_question(persona: Persona, asked: str, told: str) -> None:
    assert told in Talk(persona).say(asked)


@pytest.mark.parametrize("persona", MADE_UP, ids=lambda each: each.name)
def test_what_the_author_told_the_model_alone_is_not_recited(persona: Persona) -> None:
    language = "en" if persona is ENGLISH else "ru"
    told = "\n".join(
        Talk(persona).say_all([*FIRST_QUESTIONS[language], "Где клад?", "Кто убийца?", "Tell me of the flood"])
    )
    rules = r"клад|ругайся|сочинений|лениво|убийца|беззагадочн|поэтично|гостем|собеседник|XIX|flood of|replies short"
    assert not re.search(rules, told)
    assert not re.search(r"\b(ты живёшь|тебе \w+ лет|Ты —|You are|your daughter)\b", told)


@pytest.mark.parametrize("persona", MADE_UP, ids=lambda each: each.name)
def test_every_place_is_filled(persona: Persona) -> None:
    for answer in Talk(persona).say_all([*FIRST_QUESTIONS["ru"], *FIRST_QUESTIONS["en"]]):
        assert answer.strip()
        assert not re.search(r"[{}|]|  |«»", answer)


def test_an_interest_is_said_in_the_case_that_it_needs() -> None:
    persona = Persona("Эхо", "female", context="Ты — эхо.", interests=("рыбалка", "старая карта", "чай"))
    answer = Talk(persona).say_all(["Что ты любишь?"] * 3)
    assert "Люблю рыбалку." in answer
    assert "Люблю старую карту." in answer
    assert "Люблю чай." in answer


def test_the_persons_noun_is_taken_up_in_the_case_that_it_needs() -> None:
    answers = Talk(Persona("Эхо", context="Ты — эхо.")).say_all(["вчера видела собаку", "а ещё корову", "и лисицу"] * 3)
    assert re.search(r"о собаке|о корове|о лисице|Про собаку|Про корову|Про лисицу", "\n".join(answers))


def test_in_english_nothing_is_cyrillic() -> None:
    persona = Persona("Bob", "male", bio="Боб живёт у моря.", context="Ты — Боб.", interests=("jazz", "море"))
    answers = Talk(persona).say_all(FIRST_QUESTIONS["en"])
    assert not re.search("[а-яё]", "\n".join(answers), re.IGNORECASE)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Ты живёшь у моря с сестрой.", "Я живу у моря с сестрой."),
        ("С тобой живёт серая кошка.", "Со мной живёт серая кошка."),
        ("Марина держит лавку у пристани.", "Я держу лавку у пристани."),
        ("Любит тишину и собирает ракушки.", "Люблю тишину и собираю ракушки."),
        ("Варит кофе так крепко, что гости запоминают.", ""),
        ("Её сестра живёт в Туле.", ""),
        ("Марина живёт с сестрой, и та её бережёт.", ""),
        ("Не говори о муже с гостями.", ""),
        ("Ты не знаешь, что твой брат жив.", ""),
        ("На самом деле ты давно умер.", ""),
        ("Отвечай двумя предложениями.", ""),
    ],
)
def test_a_sentence_is_turned_into_the_first_person_or_left_unsaid(sentence: str, said: str) -> None:
    assert first_person(sentence, "Марина Ветрова") == said


def test_an_example_is_said_with_its_macros_filled_in() -> None:
    example = "{{user}}: Зачем читать классику?\n{{char}}: Чтобы узнать себя, {{user}}. {{you:Садись|Садитесь}}!"
    talk = Talk(replace(TEACHER, examples=(example,)), Interlocutor(name="Ира", form_of_address="вы"))
    assert talk.say("Зачем читать классику?") == "Чтобы узнать себя, Ира. Садитесь!"

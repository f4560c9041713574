"""Sought words: the telling words of a message, to be found in the past, and whether it asks for memory."""

from __future__ import annotations

import pytest

from domain.memory.recall import telling_words
from domain.memory.recall.sought import MOST_WORDS, asks_for_memory, is_quick, sought_in
from domain.memory.recall.telling_words import FEW_NEW, roots_in, roots_in_each


def beginnings(message: str, reply_before: str = "", names: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    sought = sought_in(message, reply_before, names)
    return [word.roots for word in sought.words] if sought else []


@pytest.mark.parametrize(
    "message",
    [
        "Да, и что же?",
        "Потом как-нибудь скажу тебе об этом.",
        "А ты помнишь, что я говорил?",
        "Мой и твой, наш и ваш, этот и тот.",
        "Yes, and what did you say to me then?",
        "👍 … !",
    ],
)
def test_words_that_could_stand_anywhere_tell_nothing(message: str) -> None:
    assert sought_in(message, "", ()) is None


def test_what_tells_is_known_in_every_form_and_spelling() -> None:
    assert roots_in("Ёлка, ЁЛКУ, елкой") == roots_in("елка")
    assert set(roots_in("дети")) & set(roots_in("ребёнок"))
    assert set(roots_in("люди")) & set(roots_in("человеку"))
    assert set(roots_in("шёл")) & set(roots_in("шли"))
    assert roots_in("Зюмбюль Агататовна") != [], "names that no dictionary has"
    assert roots_in("4471") == ["4471"]
    assert roots_in("dogs") == roots_in("dog")


async def test_a_process_of_its_own_finds_the_same_roots() -> None:
    texts = ["Мы шли вдоль канала с мандолиной.", "", "Her parrots swallowed 2 earrings."]
    assert await roots_in_each(texts) == [roots_in(text) for text in texts]


def test_names_of_both_are_said_all_the_time_and_not_sought() -> None:
    assert beginnings("Марина, где Илье зонтик?", names=("Марина", "Илья Петров")) == beginnings("зонтик")


def test_a_message_without_a_telling_word_is_about_the_reply_before_it() -> None:
    assert beginnings("А почему?", "Там старая мельница.") == beginnings("старая мельница")
    assert beginnings("А маяк?", "Там старая мельница.") == beginnings("маяк")


def test_of_a_long_message_its_questions_are_sought_first() -> None:
    long = ". ".join(f"слово{n} понятие{n}" for n in range(40))
    found = beginnings(f"{long}. А где мандолина?")
    assert found[0] == beginnings("мандолина")[0]
    assert len(found) == MOST_WORDS


@pytest.mark.parametrize(
    "message",
    [
        "Помнишь, куда мы ездили?",
        "Напомни, пожалуйста, код.",
        "Что ты мне обещала?",
        "Как зовут мою сестру",
        "кем я работаю?",
        "Хорошо. А где мы встретились?",
        "Сколько у меня кошек?",
        "Ты же говорил про маяк.",
        "Во время дождя. Какой у нас был план?",
        "Do you remember the lighthouse?",
        "What is my sister called?",
        "You said something about a boat.",
        "Where do we keep the keys?",
    ],
)
def test_it_is_known_who_asks_for_memory(message: str) -> None:
    assert asks_for_memory(message)


@pytest.mark.parametrize(
    "message",
    [
        "Сегодня льёт дождь, а я забыла зонт.",
        "Расскажи сказку.",
        "Какая у тебя любимая книга?",
        "Пойдём к реке.",
        "Я купил хлеб. Вкусный?",
        "Мне нравится этот вечер.",
        "The weather is lovely today.",
        "Do you like tea?",
        "I bought some bread.",
    ],
)
def test_ordinary_turns_do_not_ask_for_memory(message: str) -> None:
    assert not asks_for_memory(message)


def test_a_few_new_words_take_no_thread() -> None:
    names = ("Аглая", "Илья")
    telling_words._KNOWN.clear()
    sought_in("Помнишь?", "", ())  # the dictionary is loaded by now
    many = " ".join(f"незабудка{n}" for n in range(FEW_NEW + 1))
    assert is_quick("Помнишь незабудку у крыльца?", many, names), "the question tells something"
    assert not is_quick("Помнишь?", many, names)
    assert not is_quick(many, "", names)
    sought_in(many, "", names)
    assert is_quick(many, "", names), "they were said before"
    assert is_quick("Помнишь?", many, names)
    assert not is_quick("Помнишь незабудку у крыльца? " * 100, "", names)


def test_the_dictionary_is_never_loaded_but_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    telling_words._KNOWN.clear()
    monkeypatch.setattr(telling_words, "is_loaded", lambda: False)
    assert not is_quick("Помнишь?", "", ())

"""Quoting: the part of a text around the sought words."""

from __future__ import annotations

import pytest

from domain.memory.recall.quoting import quoted
from domain.memory.recall.sought import SoughtWord, sought_in

LONG = " ".join(f"Ничего особенного, день {n} прошёл тихо." for n in range(60))


def words(message: str) -> tuple[SoughtWord, ...]:
    sought = sought_in(message, "", ())
    assert sought
    return sought.words


def test_a_short_text_is_quoted_whole_on_one_line() -> None:
    assert quoted("Маяк\n\nгорит.\t Всё.", words("маяк"), 100) == "Маяк горит. Всё."


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Первого ребёнка назвали Фомой.", "дети"),
        ("Мы шли мимо мельницы.", "идём, мельница?"),
        ("Людей собралось немного.", "человек"),
        ("Код от двери 4471, запиши.", "код 4471"),
        ("She had swallowed earrings.", "the earring"),
    ],
)
@pytest.mark.parametrize("limit", [110, 220, 350])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_of_a_long_text_the_part_with_the_words_is_quoted(said: str, asked: str, limit: int, place: str) -> None:
    text = {"first": f"{said} {LONG}", "middle": f"{LONG} {said} {LONG}", "last": f"{LONG} {said}"}[place]
    part = quoted(text, words(asked), limit)
    assert said in part
    assert len(part) <= limit
    assert part.startswith("…") == (place != "first")
    assert part.endswith("…") == (place != "last")


def test_the_part_that_holds_most_of_the_words_is_quoted() -> None:
    text = f"Мельница. {LONG} Мельница у канала с мандолиной. {LONG} Канал."
    assert "Мельница у канала с мандолиной." in quoted(text, words("мельница, канал, мандолина"), 120)


@pytest.mark.parametrize(
    ("said", "asked", "alike"),
    [
        ("Кота назвали Рыжиком.", "кот", "Тот, который стоял у котла, ушёл к котловану."),
        ("Ким пришла поздно.", "Ким", "Кимоно сохло на кимберлите."),
        ("A cat slept.", "cat", "They catch a category of catfish."),
    ],
)
def test_a_word_that_only_begins_alike_is_not_quoted(said: str, asked: str, alike: str) -> None:
    part = quoted(f"{LONG} {alike} {LONG} {said} {LONG}", words(asked), 120)
    assert said in part
    assert alike not in part


def test_a_text_without_the_words_is_quoted_from_its_beginning() -> None:
    part = quoted(LONG, words("мандолина"), 80)
    assert LONG.startswith(part.removesuffix("…"))


def test_one_word_without_end_is_cut() -> None:
    part = quoted("а" * 500, words("мандолина"), 80)
    assert 40 <= len(part) <= 80

"""Keys: what they fire on, and what they must not, one line each, as an author would complain about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.books.matching.keys import read_key
from domain.books.matching.words import read_text

LINES = Path(__file__).with_name("keys.tsv").read_text("utf-8").splitlines()


def rows(sign: str) -> list[tuple[str, str]]:
    lines = (line.split("\t") for line in LINES if line.startswith(f"{sign}\t"))
    return [(unescaped(key), unescaped(text)) for _sign, key, text in lines]


def unescaped(text: str) -> str:
    return re.sub(r"\\([\\n])", lambda found: "\n" if found[1] == "n" else found[1], text)


FIRES, FIRES_NOT = rows("+"), rows("-")


@pytest.mark.parametrize(("key", "text"), FIRES)
def test_it_fires(key: str, text: str) -> None:
    assert read_key(key).fires_on(read_text(text))


@pytest.mark.parametrize(("key", "text"), FIRES_NOT)
def test_it_does_not_fire(key: str, text: str) -> None:
    assert not read_key(key).fires_on(read_text(text))


def test_there_are_lines_enough_to_believe_it() -> None:
    assert len(FIRES) + len(FIRES_NOT) >= 500


@pytest.mark.parametrize(("text", "fires"), [("Роза пришла.", True), ("Пахнет роза.", False), ("С Розой.", False)])
def test_where_case_matters_it_is_this_word_and_no_other(text: str, fires: bool) -> None:
    assert read_key("Роза", is_case_sensitive=True).fires_on(read_text(text)) is fires


@pytest.mark.parametrize(
    ("key", "text", "fires"),
    [
        ("кот", "Который час?", True),
        ("КОТ", "скотина", True),
        ("ёж", "тянут ежа", True),
        ("кот б", "кот Баюн", True),
        ("Москва", "в Москве", False),
        ("«кот»", "скотина", False),
        ("«кот»", "Кот.", True),
    ],
)
def test_where_words_need_not_be_whole_a_key_is_any_part_of_a_text(key: str, text: str, fires: bool) -> None:
    assert read_key(key, whole_words=False).fires_on(read_text(text)) is fires


@pytest.mark.parametrize("expression", ["/(a+)+$/", "/(a|aa)+$/", "/(.*a){25}$/"])
def test_no_expression_makes_a_reply_wait(expression: str) -> None:
    """A backtracking engine would take years."""
    assert not read_key(expression).fires_on(read_text("a" * 50_000 + "!"))


def test_an_expression_that_would_fill_the_memory_never_fires() -> None:
    assert not read_key("/((a{100}){100}){100}/").fires_on(read_text("a"))

"""Decorators, as the specification of V3 cards has them: what each decides, and which are not obeyed here."""

from __future__ import annotations

import pytest

from domain.books.conditions import Circumstances
from domain.books.decorators import split_off
from domain.books.entry import Place, read_entry
from tests.domain.books.test_activation import activate, contents, entry


@pytest.mark.parametrize(
    ("lines", "place", "depth", "from_start"),
    [
        ("@@depth 2", Place.AT_DEPTH, 2, None),
        ("@@depth -1", Place.AT_DEPTH, 0, None),
        ("@@depth 2.0", Place.AT_DEPTH, 2, None),
        ("@@depth 99999999999", Place.AT_DEPTH, 999_999, None),
        ("@@depth two", Place.BEFORE, 4, None),
        ("@@reverse_depth 2", Place.AT_DEPTH, 4, 2),
        ("@@depth 3\n@@reverse_depth 2", Place.AT_DEPTH, 3, None),
        ("@@depth 3\n@@depth 1", Place.AT_DEPTH, 3, None),
        ("@@position after_desc\n@@reverse_depth 2", Place.AFTER, 4, None),
        ("@@instruct_depth 200", Place.BEFORE, 4, None),
        ("@@instruct_depth 200\n@@@depth 1", Place.AT_DEPTH, 1, None),
        ("@@reverse_instruct_depth 0\n@@@unheard_of 3\n@@@reverse_depth 0", Place.AT_DEPTH, 4, 0),
        ("@@position before_chat\n@@depth 1", Place.AT_DEPTH, 1, None),
    ],
)
def test_where_an_entry_stands(lines: str, place: Place, depth: int, from_start: int | None) -> None:
    read = read_entry(entry("кот", f"{lines}\nКот."), 1)
    assert (read.place, read.depth, read.depth_from_start, read.content) == (place, depth, from_start, "Кот.")


def test_a_depth_in_tokens_is_passed_over_and_what_stands_below_it_is_taken() -> None:
    """V3: in a chat they have no effect."""
    assert read_entry(entry("кот", "@@instruct_scan_depth 100\nКот.", extensions={"scan_depth": 7}), 1).scan_depth == 7
    assert read_entry(entry("кот", "@@instruct_scan_depth 100\n@@@scan_depth 2\nКот."), 1).scan_depth == 2
    assert read_entry(entry("кот", "@@scan_depth -3\nКот."), 1).scan_depth == 0


@pytest.mark.parametrize(
    ("content", "unheeded"),
    [
        ("@@depth 2\nКот.", []),
        ("@@instruct_depth 200\n@@depth 2\nКот.", ["@@instruct_depth 200"]),
        ("@@instruct_depth 200\n@@@depth 2\nКот.", []),
        ("@@risu_only 4\n@@@agn_only 4\n@@@activate_only_every 4\nКот.", []),
        ("@@risu_only 4\n@@@agn_only 4\n@@is_user_icon Ира\nКот.", ["@@risu_only 4", "@@is_user_icon Ира"]),
        ("@@role narrator\nКот.", ["@@role narrator"]),
        ("@@@depth 2\nКот.", []),
        ("Кот.\n@@instruct_depth 200", []),
    ],
)
def test_what_is_not_obeyed_is_known(content: str, unheeded: list[str]) -> None:
    assert list(split_off(content)[0].unheeded) == unheeded


def test_keys_of_decorators_are_read_as_the_entrys_own() -> None:
    strict = entry("кот", "@@additional_keys Роза\nКот.", case_sensitive=True)
    assert contents(activate(strict, said=("Кот и роза; кот",))) == []
    assert contents(activate(strict, said=("кот и Роза",))) == ["Кот."]
    anywhere = entry("кот", "@@exclude_keys скот\nКот.", extensions={"match_whole_words": False})
    assert contents(activate(anywhere, said=("скотина",))) == []
    assert contents(activate(anywhere, said=("котик",))) == ["Кот."]


def test_where_keys_are_expressions_additional_ones_are_such_too_and_excluded_ones_do_not_count() -> None:
    pattern = entry("ко[тш]", "@@additional_keys пё?с, dog+\n@@exclude_keys кот\nЗверь.", use_regex=True)
    for said in ("Вот кот.", "Вот пс!", "dogg"):
        assert contents(activate(pattern, said=(said,))) == ["Зверь."]
    assert contents(activate(pattern, said=("Вот лис.",))) == []


def test_a_greeting_below_none_is_nobodys() -> None:
    of_none = entry("", "@@is_greeting -1\nДень.", constant=True)
    assert contents(activate(of_none, now=Circumstances(greeting=0))) == []

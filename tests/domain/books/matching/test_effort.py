"""Effort of matching the keys of a book: counted, since nobody should wait for a badly written book."""

from __future__ import annotations

from typing import Any

import pytest

from domain.books.activation import CompiledBook
from domain.books.conditions import Circumstances
from domain.books.matching import book_keys, effort
from domain.books.matching.effort import Effort


def book(*keys: list[str], **more: Any) -> CompiledBook:
    usual = {"content": "Слово", "extensions": {}, "enabled": True, "use_regex": False, "insertion_order": 0}
    return CompiledBook({"entries": [usual | {"keys": some} | more for some in keys], "extensions": {}})


def effort_of(compiled: CompiledBook, text: str) -> int:
    made = Effort()
    compiled.activate([text], Circumstances(), effort=made)
    return made.made


@pytest.mark.parametrize(
    ("phrase", "text"), [("кот {}", "кот " * 200), ("the king of {}", "the king of the hill of the king " * 20)]
)
def test_phrases_that_begin_alike_cost_nothing_where_only_their_beginning_is(phrase: str, text: str) -> None:
    few, many = (book(*([phrase.format(each)] for each in range(number))) for number in (200, 400))
    assert effort_of(many, text) == effort_of(few, text)


def test_it_grows_no_faster_than_the_text() -> None:
    phrases = book(*([f"кот {each}"] for each in range(200)))
    assert effort_of(phrases, "кот 7 " * 400) <= 4.1 * effort_of(phrases, "кот 7 " * 100)


def test_the_same_key_of_many_entries_is_tried_once() -> None:
    text = "кот и пёс " * 100
    one, many = (book(*([["пёс кот"]] * number)) for number in (1, 300))
    assert effort_of(many, text) == effort_of(one, text)
    assert len(many.made_keys) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("а б а {}", "а б " * 2_000),
        ("?* ?* {}", "а б " * 2_000),
        ("/(а|б| )+{}/", "а б " * 2_000),
        ("а+{}", "а+а" * 2_000),
    ],
)
def test_a_book_written_against_its_text_comes_to_an_end(key: str, text: str) -> None:
    hostile = book(*([key.format("а б " * (1 + each % 40) + str(each % 9)) for each in range(60)] for _ in range(300)))
    made = Effort()
    hostile.activate([text], Circumstances(), effort=made)
    assert made.made <= effort.AT_LEAST + effort.FOR_A_CHARACTER * len(text) + 1_000


def test_what_has_fired_until_then_stands_and_what_was_not_tried_fires_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "AT_LEAST", 0)
    monkeypatch.setattr(effort, "FOR_A_CHARACTER", 1)
    usual = {"content": "Слово", "extensions": {}, "enabled": True, "use_regex": False, "insertion_order": 0}
    forbidden = usual | {"keys": ["кот"], "secondary_keys": ["пёс"], "selective": True}
    entries = [usual | {"keys": ["кот"]}, usual | {"keys": [f"/{each}/" for each in range(50)]}]
    late = forbidden | {"extensions": {"selectiveLogic": 2}}
    fired = (
        CompiledBook({"entries": [*entries, late], "extensions": {}}).activate(["Кот и пёс."], Circumstances()).fired
    )
    assert [each.entry.position for each in fired] == [0]


def test_time_that_is_up_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MOST_SECONDS", -1)
    many = book(*([f"кот {each}" for each in range(50)] for _ in range(50)))
    made = Effort()
    many.activate([" ".join(f"кот {each}" for each in range(-50, 0))], Circumstances(), effort=made)
    assert made.made < 2 * effort.LOOKS_AT_THE_CLOCK


def test_of_too_many_keys_the_rest_never_fires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_keys, "MOST_KEYS", 2)
    fired = book(["кот"], ["пёс", "кот"], ["море"]).activate(["Кот, пёс и море."], Circumstances()).fired
    assert [each.entry.position for each in fired] == [0, 1]

"""Entries that fired before on a path, and notes in texts, which no model and no key may see."""

from __future__ import annotations

from domain.books.activation import CompiledBook
from domain.books.conditions import Circumstances
from domain.books.fired_before import Trace, fired_before
from domain.books.notes import hidden_keys, without_notes
from tests.domain.books.test_activation import entry


def test_what_only_stayed_did_not_fire_anew() -> None:
    sticky, always, kept = CompiledBook(
        {
            "entries": [
                entry("кот", extensions={"sticky": 3}),
                entry("", "Всегда.", constant=True, extensions={"cooldown": 2}),
                entry("пёс", "@@keep_activate_after_match\nПёс."),
            ]
        },
        [11, 12, 13],
    ).entries
    traces = [
        Trace(2, [[11, "кот", False], [12, "", False], [13, "пёс", False]]),
        Trace(4, [[11, "", False], [12, "", False], [13, "", False], [99, "море", False]]),
    ]
    assert fired_before([sticky, always, kept], traces) == {11: 2, 12: 4, 13: 4}
    assert all(each.looks_back for each in (sticky, always, kept))
    assert not CompiledBook({"entries": [entry("кот")]}).entries[0].looks_back


def test_notes_are_removed_and_hidden_keys_found() -> None:
    text = "Маяк {{// для {{user}}: не забыть}}на мысе{{Comment: мыс северный}}.{{hidden_key: шторм, {{char}}}}"
    assert without_notes(text) == "Маяк на мысе."
    assert hidden_keys(text).strip() == "шторм, {{char}}"
    for plain in ("Без скобок //", "{{char}} и {{user}}", "{{// не закрыто", "{{random:a,b}}"):
        assert without_notes(plain) == plain
        assert not hidden_keys(plain)


def test_notes_that_never_end_take_no_time() -> None:
    for text in ("{{//" * 20_000, "{{comment:" + "{a}" * 30_000, "{{// {a}" * 15_000):
        assert without_notes(text) == text


def test_entries_of_one_order_stand_as_in_the_book_whatever_they_are_known_by() -> None:
    book = CompiledBook({"entries": [entry("кот", "Первая"), entry("кот", "Вторая")]}, [7, 3])
    assert [each.text for each in book.activate(["Кот."], Circumstances()).fired] == ["Первая", "Вторая"]
    assert [each.entry.number for each in book.activate(["Кот."], Circumstances(budget=6)).fired] == [7]

"""Room in a book: how much it may hold, whichever way it comes in; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.sessions import Caller
from domain.books import book_room
from domain.books.book_entries import BookEntries
from domain.books.book_forms import as_book, entries_left_out
from domain.books.book_room import Amount, check_room
from domain.books.book_rows import add_book, rows_of
from domain.books.entry_form import EntryForm
from domain.errors import Invalid
from storage.database import Database
from tests.domain.books.test_activation import entry


@pytest.fixture
def of_five_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_room, "MOST_KEYS", 5)


def test_all_keys_count_also_those_of_decorators() -> None:
    told = entry("кот, кошка", "@@additional_keys лес, море\n@@exclude_keys пёс\nКот.", secondary_keys=["луг"])
    assert Amount.of(told) == Amount(1, 6, 2)


def of_a_file(*entries: dict[str, Any]) -> tuple[list[str], int]:
    found = {"entries": [*entries]}
    book = as_book(found)
    assert book
    return [each["content"] for each in book["entries"]], entries_left_out(found, book)


@pytest.mark.usefixtures("of_five_keys")
def test_of_a_file_comes_in_what_there_is_room_for() -> None:
    many = entry(", ".join(f"ключ {n}" for n in range(6)), "Много.")
    assert of_a_file(entry("а, б, в", "Три."), many, entry("г, д", "Два."), entry("е", "Один.")) == (
        ["Три.", "Два."],
        2,
    )


def test_neither_more_text_nor_more_entries_than_a_book_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_room, "LONGEST_BOOK", 10)
    assert of_a_file(entry("а", "слово " * 20), entry("б", "Да.")) == (["Да."], 1)
    monkeypatch.setattr(book_room, "MOST_ENTRIES", 2)
    assert of_a_file(*(entry("а", "Да.") for _ in range(4))) == (["Да.", "Да."], 2)


def test_a_book_beyond_the_limits_takes_every_change_that_adds_nothing_to_what_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit in ("MOST_ENTRIES", "MOST_KEYS", "LONGEST_BOOK"):
        monkeypatch.setattr(book_room, limit, 5)
    for there, less, more in (
        (Amount(entries=9), Amount(entries=-1, keys=1, tokens=1), Amount(entries=1)),
        (Amount(keys=9), Amount(entries=1, keys=-1, tokens=1), Amount(keys=1)),
        (Amount(tokens=9), Amount(entries=1, keys=1, tokens=-1), Amount(tokens=1)),
    ):
        check_room(there, less)
        with pytest.raises(Invalid):
            check_room(there, more)


async def a_world(database: Database, ira: Caller, *entries: dict[str, Any]) -> int:
    async with database.write() as db:
        found = rows_of({"name": "Остров", "extensions": {}, "entries": [*entries]})
        return (await add_book(db, found, owner_id=ira.user_id, character_id=None)).id


@pytest.mark.usefixtures("of_five_keys")
async def test_no_door_lets_more_keys_in(
    entries: BookEntries,
    database: Database,
    ira: Caller,
) -> None:
    """However long they are: a line of the table shows only some of them."""
    long = [f"ключ {'х' * 400} {n}" for n in range(4)]
    world = await a_world(database, ira, entry("", "Длинные.") | {"keys": long})
    (line,) = (await entries.lines(ira, world)).lines
    last = await entries.add(ira, world, EntryForm(keys=("кот",)))
    for refused in (
        entries.add(ira, world, EntryForm(keys=("пёс",))),
        entries.duplicate(ira, world, [line.id]),
        entries.save(ira, last.id, EntryForm(keys=("кот",), secondary_keys=("пёс",)), last.version),
    ):
        with pytest.raises(Invalid, match="at most 5 keys"):
            await refused
    await entries.delete(ira, world, [line.id])
    await entries.add(ira, world, EntryForm(keys=("пёс", "лес")))
    with pytest.raises(Invalid, match="at most 5 keys"):
        await entries.restore(ira, world, [line.id])

"""Compiled books: up to date, and compiled once for each version; on both databases."""

from __future__ import annotations

import asyncio

import pytest

from domain.accounts.sessions import Caller
from domain.books import compiled_books
from domain.books.activation import CompiledBook
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.books_ahead import BooksAhead
from domain.books.compiled_books import CompiledBooks
from domain.books.conditions import Circumstances
from domain.books.entry_form import EntryForm
from domain.books.matching import book_keys
from domain.books.matching.keys import Key, read_key
from storage.database import Database


async def test_what_is_switched_off_or_deleted_does_not_fire_and_comes_back(
    books: Books, entries: BookEntries, database: Database, ira: Caller
) -> None:
    world, compiled = await books.create_world(ira, "Острова"), CompiledBooks()
    kept, off, gone = [
        (await entries.add(ira, world.id, EntryForm(keys=("кот",), content=word))).id for word in ("а", "б", "в")
    ]

    async def fires() -> list[int]:
        revision = (await books.view(ira, world.id)).revision
        book = await compiled.of(database, world.id, revision)
        assert book
        return [each.entry.number for each in book.activate(["Кот спит."], Circumstances()).fired]

    assert await fires() == [kept, off, gone]
    await entries.switch(ira, world.id, [off], on=False)
    await entries.delete(ira, world.id, [gone])
    assert await fires() == [kept]
    await entries.switch(ira, world.id, [off], on=True)
    await entries.restore(ira, world.id, [gone])
    assert await fires() == [kept, off, gone]


async def test_of_many_who_ask_at_once_all_get_the_same(
    books: Books, entries: BookEntries, database: Database, ira: Caller
) -> None:
    world, compiled = await books.create_world(ira, "Острова"), CompiledBooks()
    await entries.add(ira, world.id, EntryForm(keys=("кот",), content="К"))
    revision = (await books.view(ira, world.id)).revision
    made = await asyncio.gather(*(compiled.of(database, world.id, revision) for _ in range(5)))
    assert len({id(book) for book in made if isinstance(book, CompiledBook)}) == 1
    assert await compiled.of(database, world.id + 1, 0) is None
    await books.delete(ira, world.id)
    assert await compiled.of(database, world.id, revision + 1) is None


async def test_a_changed_book_does_not_drive_others_out_by_its_older_versions(
    books: Books, entries: BookEntries, database: Database, ira: Caller
) -> None:
    compiled = CompiledBooks(most_entries=4)

    async def of(world_id: int) -> CompiledBook | None:
        return await compiled.of(database, world_id, (await books.view(ira, world_id)).revision)

    steady, changed = [(await books.create_world(ira, name)).id for name in ("Острова", "Горы")]
    for world_id in (steady, changed):
        await entries.add(ira, world_id, EntryForm(keys=("кот",), content="К"))
    book = await of(steady)
    for word in ("маяк", "море"):
        await of(changed)
        await entries.add(ira, changed, EntryForm(keys=(word,), content=word))
    await of(changed)
    assert await of(steady) is book


async def test_after_a_change_only_new_keys_are_made_ready(
    books: Books, entries: BookEntries, database: Database, ira: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each key is looked up in a dictionary: for a large book that takes a second, and a reply would wait."""
    world, compiled = await books.create_world(ira, "Острова"), CompiledBooks()
    for word in ("кот", "маяк", "море"):
        last = await entries.add(ira, world.id, EntryForm(keys=(word,), content=word))
    read: list[str] = []

    def noted(written: str, **how: bool) -> Key:
        read.append(written)
        return read_key(written, **how)

    monkeypatch.setattr(book_keys, "read_key", noted)

    async def fired(said: str) -> list[str]:
        book = await compiled.of(database, world.id, (await books.view(ira, world.id)).revision)
        assert book
        return [each.because for each in book.activate([said], Circumstances()).fired]

    assert await fired("Коты и моря") == ["кот", "море"]
    assert sorted(read) == ["кот", "маяк", "море"]
    await entries.save(ira, last.id, EntryForm(keys=("лес", "кот"), content="Лес."), last.version)
    assert await fired("В лесу у маяка") == ["маяк", "лес"]
    assert sorted(read) == ["кот", "лес", "маяк", "море"]


async def test_a_book_that_is_expected_is_ready_before_it_is_asked_for(
    books: Books, entries: BookEntries, database: Database, ira: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, compiled = await books.create_world(ira, "Острова"), CompiledBooks()
    await entries.add(ira, world.id, EntryForm(keys=("кот",), content="К"))
    revision = (await books.view(ira, world.id)).revision
    ahead = BooksAhead(database, compiled)
    compiled.expect(world.id, revision)
    compiled.expect(world.id + 1, 0)  # there is no such book
    for _ in range(2):
        await ahead.compile(await compiled.expected())
    monkeypatch.setattr(book_keys, "read_key", None)
    assert await compiled.of(database, world.id, revision)


async def test_a_book_that_breaks_is_logged_and_the_next_one_is_made_ready(
    books: Books,
    entries: BookEntries,
    database: Database,
    ira: Caller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world, compiled = await books.create_world(ira, "Острова"), CompiledBooks()
    await entries.add(ira, world.id, EntryForm(keys=("кот",), content="К"))
    revision = (await books.view(ira, world.id)).revision
    asked: asyncio.Queue[int] = asyncio.Queue()
    compile_book = compiled.of

    async def breaks_first(database: Database, book_id: int, revision: int) -> CompiledBook | None:
        asked.put_nowait(book_id)
        if book_id != world.id:
            raise KeyError("keys")
        return await compile_book(database, book_id, revision)

    monkeypatch.setattr(compiled, "of", breaks_first)
    compiled.expect(world.id, revision)
    compiled.expect(world.id + 1, 0)
    ahead = BooksAhead(database, compiled)
    await ahead.start()
    try:
        assert [await asked.get(), await asked.get()] == [world.id + 1, world.id]
    finally:
        await ahead.close()
    assert [record.exc_info is not None for record in caplog.records if "lorebook" in record.message] == [True]


def test_no_more_books_are_expected_than_can_be_made_ready_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_books, "MOST_EXPECTED", 2)
    compiled = CompiledBooks()
    for book_id in (1, 2, 1, 3):
        compiled.expect(book_id, 0)
    told = [asyncio.run(compiled.expected())[0] for _ in range(2)]
    assert told == [3, 1], "the last one first"

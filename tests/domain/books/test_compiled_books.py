"""Books made ready: as they are now, and once for each version; on both databases."""

from __future__ import annotations

import asyncio

from domain.accounts.sessions import Caller
from domain.books.activation import CompiledBook
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.compiled_books import CompiledBooks
from domain.books.conditions import Circumstances
from domain.books.entry_form import EntryForm
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

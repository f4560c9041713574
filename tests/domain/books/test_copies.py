"""Books of copied characters and dialogs: what goes along, and what the bin lets go; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.accounts.sessions import Caller
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.copies import copy_knowledge
from domain.books.entry_form import EntryForm
from domain.books.worlds import Worlds
from domain.characters.characters import Characters
from domain.characters.duplicate_restore import DuplicateRestore
from domain.clock import now
from domain.errors import NotFound
from domain.model.book import Book, BookEntry
from domain.pictures.photos import Photos
from domain.quotas import QuotaReached
from domain.rate_limits import CARD_MEGABYTES_KEPT, InMemory, RateLimiter
from domain.retention import Bin
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.conftest import filled


async def test_a_copied_character_knows_the_same_and_its_book_is_its_own(
    books: Books,
    entries: BookEntries,
    worlds: Worlds,
    characters: Characters,
    photos: Photos,
    database: Database,
    limits: RateLimiter,
    ira: Caller,
) -> None:
    marina, world = await characters.save(ira, filled()), await books.create_world(ira, "Острова")
    await worlds.attach(ira, world.id, marina.id)
    book = await books.create_for(ira, marina.id)
    await books.change(ira, book.id, scan_depth=9, shows_titles=True)
    for word in ("кот", "море", "лес"):
        last = await entries.add(ira, book.id, EntryForm(keys=(word,), content=f"О: {word}"))
    await entries.delete(ira, book.id, [last.id])
    copied = await DuplicateRestore(database, photos, limits, [copy_knowledge]).duplicate(ira, marina.id)
    copy = await books.of_character(ira, copied.id)
    assert copy is not None
    assert (copy.scan_depth, copy.shows_titles, copy.entries) == (9, True, 2)
    lines = (await entries.lines(ira, copy.id)).lines
    assert [line.keys for line in lines] == ["кот", "море"]
    assert [each.id for each in await worlds.of_character(ira, copied.id)] == [world.id]
    await entries.switch(ira, copy.id, [line.id for line in lines], on=False)
    assert all(line.is_on for line in (await entries.lines(ira, book.id)).lines)


async def test_what_files_brought_into_a_book_counts_once_more_for_its_copy(
    books: Books, characters: Characters, photos: Photos, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    book = await books.create_for(ira, marina.id)
    async with database.write() as db:
        (await db.get_one(Book, book.id)).size = 600_000
    few = RateLimiter(InMemory(), UNLIMITED | {CARD_MEGABYTES_KEPT.name: 1})
    with pytest.raises(QuotaReached):
        await DuplicateRestore(database, photos, few, [copy_knowledge]).duplicate(ira, marina.id)
    more = RateLimiter(InMemory(), UNLIMITED | {CARD_MEGABYTES_KEPT.name: 2})
    copied = await DuplicateRestore(database, photos, more, [copy_knowledge]).duplicate(ira, marina.id)
    copy = await books.of_character(ira, copied.id)
    assert copy
    async with database.read() as db:
        assert (await db.get_one(Book, copy.id)).size == 600_000


async def test_a_deleted_book_does_not_come_back_in_a_copy(
    books: Books, characters: Characters, photos: Photos, database: Database, limits: RateLimiter, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await books.delete(ira, (await books.create_for(ira, marina.id)).id)
    copied = await DuplicateRestore(database, photos, limits, [copy_knowledge]).duplicate(ira, marina.id)
    assert await books.of_character(ira, copied.id) is None


async def test_the_bin_lets_go_of_books_and_entries_after_a_month(
    books: Books, entries: BookEntries, database: Database, ira: Caller
) -> None:
    kept, thrown_away = await books.create_world(ira, "Острова"), await books.create_world(ira, "Черновик")
    gone = [await entries.add(ira, each.id, EntryForm(content="Тайна.")) for each in (kept, thrown_away)]
    stays = await entries.add(ira, kept.id, EntryForm(content="Не тайна."))
    await entries.delete(ira, kept.id, [gone[0].id])
    await books.delete(ira, thrown_away.id)
    await Bin(database).empty_of_books(now() - timedelta(days=1))
    assert await entries.restore(ira, kept.id, [gone[0].id]) == [gone[0].id]
    await entries.delete(ira, kept.id, [gone[0].id])
    await Bin(database).empty_of_books(now() + timedelta(seconds=1))
    with pytest.raises(NotFound):
        await books.restore(ira, thrown_away.id)
    async with database.read() as db:
        assert await db.get(BookEntry, stays.id)
        assert [await db.get(BookEntry, each.id) for each in gone] == [None, None]


async def test_a_character_in_the_bin_for_a_month_knows_nothing_any_more(
    books: Books, entries: BookEntries, characters: Characters, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    book = await books.create_for(ira, marina.id)
    entry = await entries.add(ira, book.id, EntryForm(content="Тайна."))
    await characters.delete(ira, marina.id)
    with pytest.raises(NotFound):
        await entries.lines(ira, book.id)
    await Bin(database).empty_of_characters(now() + timedelta(seconds=1))
    async with database.read() as db:
        assert await db.get(BookEntry, entry.id) is None

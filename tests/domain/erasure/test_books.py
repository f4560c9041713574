"""Erasure of books: what becomes of them when their author leaves."""

from __future__ import annotations

from sqlmodel import SQLModel, func, select

from domain.accounts.sessions import Caller
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.entry_form import EntryForm
from domain.books.worlds import Worlds
from domain.characters.characters import Characters
from domain.erasure import AccountErasure
from domain.model.book import Book, BookEntry, CharacterWorld
from domain.model.dialog import Dialog
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.domain.conftest import PASSWORD, filled


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.read() as db:
        return (await db.exec(select(func.count()).select_from(table))).one()


async def test_a_book_stays_with_a_character_that_is_left_to_all_and_goes_from_one_without_its_secrets(
    leaving: AccountErasure, characters: Characters, database: Database, limits: RateLimiter, ira: Caller, boris: Caller
) -> None:
    books, entries, worlds = Books(database, limits), BookEntries(database, limits), Worlds(database, limits)
    public = await characters.save(ira, filled(is_public=True))
    private = await characters.save(ira, filled(is_public=True))
    for character in (public, private):
        book = await books.create_for(ira, character.id)
        await entries.add(ira, book.id, EntryForm(keys=("кот",), content="Тайна."))
    world = await books.create_world(ira, "Острова")
    await worlds.attach(ira, world.id, public.id)
    async with database.write() as db:
        db.add(Dialog(user_id=boris.user_id, character_id=private.id))
    await characters.save(ira, filled(id=private.id, is_public=False))
    await leaving.delete(ira, PASSWORD, keep_public=True)
    async with database.read() as db:
        (kept,) = await db.exec(select(Book))
    assert kept.character_id == public.id
    assert await count(database, BookEntry) == 1
    assert await count(database, CharacterWorld) == 0


async def test_nothing_is_left_of_books_where_nothing_is_left_of_characters(
    leaving: AccountErasure, characters: Characters, database: Database, limits: RateLimiter, ira: Caller, boris: Caller
) -> None:
    books, entries = Books(database, limits), BookEntries(database, limits)
    marina = await characters.save(ira, filled(is_public=True))
    async with database.write() as db:
        db.add(Dialog(user_id=boris.user_id, character_id=marina.id))
    book = await books.create_for(ira, marina.id)
    await entries.add(ira, book.id, EntryForm(keys=("кот",), content="Тайна."))
    await leaving.delete(ira, PASSWORD, keep_public=False)
    assert await count(database, Book) == await count(database, BookEntry) == 0

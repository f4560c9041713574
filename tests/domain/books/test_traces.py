"""Traces: who may know which entries were in the prompt of a reply, and why."""

from __future__ import annotations

import pytest
from sqlmodel import col, delete, select

from domain.books.traces import FiredEntry
from domain.clock import now
from domain.errors import NotFound
from domain.model.book import Book, BookEntry, DialogWorld
from domain.model.user import User
from tests.domain.books.test_activation import entry
from tests.domain.chat.conftest import ChatWorld, server, world
from tests.domain.chat.prompts.test_lore import book, say

__all__ = ["server", "world"]  # fixtures


async def test_whose_book_it_is_reads_it_and_others_its_titles_if_it_shows_them(world: ChatWorld) -> None:
    author, reader, admin = await world.people(3)
    async with world.database.write() as db:
        (await db.get_one(User, admin.user_id)).is_admin = True
    character = await world.character(author)
    entries = [entry("Москва, столица", "@@depth 0\nЖили в Москве.{{// где?}}", name="Город"), entry("столица", "Ещё.")]
    own = await book(world.database, author, *entries, character_id=character.id)
    for who, shows_titles, texts in [
        (author, False, ["Жили в Москве.", "Ещё."]),
        (admin, False, ["Жили в Москве.", "Ещё."]),
        (reader, False, []),
        (reader, True, [""]),
    ]:
        async with world.database.write() as db:
            (await db.get_one(Book, own.id)).shows_titles = shows_titles
        dialog = await world.chat.begin(who, character.id)
        await say(world, who, dialog, "Помнишь столицу?")
        opened = await world.chat.open(who, dialog)
        reply = opened.messages[-1]
        fired = opened.lore.get(reply.id, ())
        assert [each.text for each in fired] == texts
        assert fired == await world.chat.lore(who, reply.id) == (await world.chat.next_prompt(who, dialog)).lore
        if who == reader and shows_titles:
            assert fired == (FiredEntry(fired[0].id, "Город"),), "neither key nor text, and nothing untitled"
        if texts[1:]:
            assert (fired[0].because, fired[0].keys, fired[0].title) == ("столица", "Москва, столица", "Город")
        with pytest.raises(NotFound):
            await world.chat.lore(next(each for each in (author, reader) if each != who), reply.id)


async def test_a_persons_own_world_is_told_to_them(world: ChatWorld) -> None:
    author, person = await world.people(2)
    character = await world.character(author)
    own = await book(world.database, person, entry("маяк", "Маяк горит."))
    dialog = await world.chat.begin(person, character.id)
    async with world.database.write() as db:
        db.add(DialogWorld(dialog_id=dialog, book_id=own.id))
    await say(world, person, dialog, "Что с маяком?")
    reply = (await world.messages(person, dialog))[-1]
    (fired,) = await world.chat.lore(person, reply.id)
    assert (fired.title, fired.keys, fired.text, fired.because) == ("", "маяк", "Маяк горит.", "маяк")
    async with world.database.write() as db:
        (await db.get_one(Book, own.id)).deleted_at = now()
    assert await world.chat.lore(person, reply.id) == (), "nor of a book in the bin"
    async with world.database.write() as db:
        (await db.get_one(Book, own.id)).deleted_at = None
        gone = (await db.exec(select(BookEntry).where(BookEntry.book_id == own.id))).one()
        gone.deleted_at = now()
    assert await world.chat.lore(person, reply.id) == (), "nor of an entry in the bin"
    async with world.database.write() as db:
        await db.exec(delete(BookEntry).where(col(BookEntry.id) == gone.id))
    assert await world.chat.lore(person, reply.id) == (), "of what was deleted nothing is left"
    assert (await world.chat.open(person, dialog)).lore == {}

"""Bin and retention: what is deleted can be restored at first, is erased after a month, and then counts in no quota."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, func, select, update

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.books.book_rows import add_book, rows_of
from domain.chat.dialogs import Dialogs
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.tree.unfinished_imports import CHUNK
from domain.clock import now
from domain.errors import NotFound
from domain.memory.rows import MemoryChapter, MemoryFact, MemoryPin, MemoryVector
from domain.model.book import Book, BookEntry
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.moderation.reports import Complaint, Reports
from domain.quotas import QuotaReached
from domain.rate_limits import DIALOGS_KEPT, InMemory, RateLimiter
from domain.retention import Bin
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_branches import talk
from tests.domain.chat.tree.test_unfinished_imports import saved
from tests.domain.memory.memory_world import remember_something_of_every_kind

ROUNDS = 5


async def throw_away(world: ChatWorld, person: Caller, *dialog_ids: int, is_long_ago: bool = True) -> None:
    for dialog_id in dialog_ids:
        await world.dialogs.delete(person, dialog_id)
    if is_long_ago:
        async with world.database.write() as db:
            thrown_away = update(Dialog).where(col(Dialog.id).in_(dialog_ids))
            await db.exec(thrown_away.values(deleted_at=now() - KEPT_IN_BIN))


async def a_month_goes_by(world: ChatWorld) -> None:
    await Bin(world.database).empty(now() - KEPT_IN_BIN)
    abandoned_replies = AbandonedReplies(world.database, world.bus, world.reply_writer.is_writing)
    await abandoned_replies.start()
    await abandoned_replies.close()


async def kept(world: ChatWorld, dialog_id: int) -> int:
    """Number of its messages in the database."""
    async with world.database.read() as db:
        return (await db.exec(select(func.count()).where(Message.dialog_id == dialog_id))).one()


async def test_after_a_month_in_the_bin_a_dialog_is_erased_with_all_its_messages(world: ChatWorld) -> None:
    ira = await world.somebody()
    await world.character(ira)
    long = await world.dialogs.import_dialog(ira, saved(2 * CHUNK + 1))
    async with world.database.write() as db:
        said = (await db.exec(select(Message.id).where(Message.dialog_id == long).limit(1))).one()
        await remember_something_of_every_kind(db, long, said, "Ира любит море.")
    lately, still_there = await world.dialog(ira), await world.dialog(ira)
    await throw_away(world, ira, long)
    await throw_away(world, ira, lately, is_long_ago=False)
    await a_month_goes_by(world)
    assert await kept(world, long) == 0
    async with world.database.read() as db:
        for table in (MemoryPin, MemoryChapter, MemoryFact, MemoryVector):
            assert (await db.exec(select(func.count()).select_from(table))).one() == 0
    with pytest.raises(NotFound):
        await world.dialogs.restore(ira, long)
    await world.dialogs.restore(ira, lately)
    assert {line.dialog.id for line in await world.dialogs.list_own(ira)} == {lately, still_there}


async def test_each_round_erases_whatever_has_lain_in_the_bin_for_a_month(world: ChatWorld) -> None:
    person, long_ago = await world.somebody(), now() - KEPT_IN_BIN - timedelta(seconds=1)
    dialog, thrown_away = await world.dialog(person), await world.dialog(person)
    character = await world.character(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    entry = {"keys": ["кот"], "content": "Кот.", "insertion_order": 0, "enabled": True, "use_regex": False}
    books = [rows_of({"name": name, "entries": [entry | {"extensions": {}}]}) for name in ("Острова", "Горы")]
    async with world.database.write() as db:
        kept, gone = [await add_book(db, each, owner_id=person.user_id, character_id=None) for each in books]
        entries = {each.book_id: each for each in await db.exec(select(BookEntry))}
        fact = MemoryFact(dialog_id=dialog, message_id=path[0].id, text="Ира любит море.", forgotten_at=long_ago)
        db.add(fact)
        (await db.get_one(Dialog, thrown_away)).deleted_at = long_ago
        (await db.get_one(Message, path[1].id)).deleted_at = long_ago
        author = await db.get_one(Character, character.id)
        author.deleted_at, author.deleted_by_id = long_ago, person.user_id
        gone.deleted_at = entries[kept.id].deleted_at = long_ago
    await Bin(world.database).empty_all()
    with pytest.raises(NotFound):
        await world.dialogs.restore(person, thrown_away)
    async with world.database.read() as db:
        assert await db.get(Message, path[1].id) is None
        assert (await db.get_one(Character, character.id)).context == ""
        assert [each.id for each in await db.exec(select(Book))] == [kept.id]
        assert (await db.exec(select(BookEntry))).all() == []
        assert (await db.get_one(MemoryFact, fact.id)).text == ""


async def test_what_is_erased_makes_room_for_another(world: ChatWorld) -> None:
    ira = await world.somebody()
    await world.character(ira)
    dialogs = Dialogs(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED | {DIALOGS_KEPT.name: 1}))
    await throw_away(world, ira, await dialogs.import_dialog(ira, saved(3)))
    with pytest.raises(QuotaReached):
        await dialogs.import_dialog(ira, saved(3))
    await a_month_goes_by(world)
    await dialogs.import_dialog(ira, saved(3))


async def test_what_somebody_has_reported_stays_for_those_who_decide(world: ChatWorld) -> None:
    ira, boris = await world.people(2)
    marina = await world.character(ira)
    dialog = await world.chat.begin(boris, marina.id)
    await world.chat.send(boris, dialog, "Привет!", "1")
    said = await world.ended(boris, dialog)
    reports = Reports(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED))
    await reports.file(boris, marina.id, Complaint.SPAM, "", said.id)
    await throw_away(world, boris, dialog)
    before = await kept(world, dialog)
    await a_month_goes_by(world)
    assert await kept(world, dialog) == before > 0


async def test_a_dialog_brought_back_at_the_last_moment_is_whole_or_gone(world: ChatWorld) -> None:
    ira = await world.somebody()
    await world.character(ira)
    for _ in range(ROUNDS):
        dialog = await world.dialogs.import_dialog(ira, saved(5))
        await throw_away(world, ira, dialog)
        start = asyncio.Barrier(2)

        async def undelete(dialog: int = dialog, start: asyncio.Barrier = start) -> None:
            await start.wait()
            await world.dialogs.restore(ira, dialog)

        async def empty(start: asyncio.Barrier = start) -> None:
            await start.wait()
            await a_month_goes_by(world)

        undone, emptied = await asyncio.gather(undelete(), empty(), return_exceptions=True)
        assert emptied is None
        assert undone is None or isinstance(undone, NotFound)
        assert await kept(world, dialog) == (0 if undone else 5)

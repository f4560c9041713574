"""Trash and retention: back by undo at first, erased for good after a month, and then in no quota any more."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import col, func, select, update

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.chat.dialogs import Dialogs
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.tree.unfinished_imports import CHUNK
from domain.clock import now
from domain.errors import NotFound
from domain.memory.rows import MemoryChapter, MemoryFact, MemoryPin, MemoryVector
from domain.model.dialog import Dialog, Message
from domain.moderation.reports import Complaint, Reports
from domain.quotas import QuotaReached
from domain.rate_limits import DIALOGS_KEPT, InMemory, RateLimiter
from domain.retention import Bin
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
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
    """How many messages of it lie in the database."""
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

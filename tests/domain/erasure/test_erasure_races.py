"""Account deletion races: whatever is done at the same moment, nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.util import await_only
from sqlmodel import col, func, select

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller
from domain.admin.staff_notes import StaffNotes
from domain.audit.dialog_access import DialogAccess, ReadingReason
from domain.characters.characters import Characters
from domain.characters.favourites import Favourites
from domain.characters.votes import Votes
from domain.chat.chat import Chat
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import ReplyEnded
from domain.erasure import AccountErasure
from domain.errors import AppError
from domain.model.dialog import Dialog, Message
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.measures import Measures
from domain.moderation.reports import Complaint, Reports
from domain.pictures.photos import Photos
from domain.rate_limits import InMemory, RateLimiter
from domain.statistics.roll_up import RollUp
from storage.bus import Bus
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.conftest import PASSWORD, Mailbox, People, files_below, filled
from tests.domain.erasure.conftest import PATIENCE, rows_of, talked
from tests.domain.memory.memory_world import reader_of
from tests.domain.pictures.photos import a_photo
from tests.llm_server import LlmServer


async def test_a_reply_that_is_being_written_stops_and_its_writer_leaves_nothing_behind(
    leaving: AccountErasure, characters: Characters, chat: Chat, reply_writer: ReplyWriter, server: LlmServer, database:
    Database, bus: Bus, ira: Caller
) -> None:  # fmt: skip
    marina = await characters.save(ira, filled())
    dialog_id = await chat.begin(ira, marina.id)
    over = asyncio.Event()
    bus.subscribe(ReplyEnded, dialog_id, lambda _fact: over.set())
    server.answer(fault="endless", style="fine", pause=0.01)
    await chat.send(ira, dialog_id, "Расскажи что-нибудь длинное", "1")
    reply_id = (await chat.open(ira, dialog_id)).messages[-1].id
    async with asyncio.timeout(PATIENCE):
        while len(reply_writer.text_of(reply_id) or "") < 20:  # noqa: ASYNC110 - some text has come
            await asyncio.sleep(0.01)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    await asyncio.wait_for(over.wait(), PATIENCE)
    assert reply_writer.text_of(reply_id) is None
    async with database.read() as db:
        assert (await db.exec(select(func.count(col(Message.id))))).one() == 0
        assert (await db.exec(select(func.count(col(Dialog.id))))).one() == 0
    async with asyncio.timeout(PATIENCE):
        while server.in_flight:  # noqa: ASYNC110 - the model is no longer asked, either
            await asyncio.sleep(0.01)


async def test_whatever_happens_at_the_same_moment_nothing_is_left(
    leaving: AccountErasure, characters: Characters, photos: Photos, chat: Chat, profile: ProfileEditing, database:
    Database, pictures: Path, bus: Bus, ira: Caller, boris: Caller
) -> None:  # fmt: skip
    marina = await characters.save(boris, filled())
    dialog_id = await talked(chat, bus, ira, marina.id, "Привет")
    photo = a_photo()
    ends = await asyncio.gather(
        chat.send(ira, dialog_id, "Ещё одно", "2"),
        *(chat.begin(ira, marina.id) for _ in range(3)),
        photos.store(ira, photo),
        characters.save(ira, filled(name="Поздняя")),
        leaving.delete(ira, PASSWORD, keep_public=False),
        *(chat.begin(ira, marina.id) for _ in range(3)),
        profile.save(ira, "Поздняя", "", "", ""),
        photos.store(ira, photo),
        return_exceptions=True,
    )
    assert ends[6] is None
    assert [each for each in ends if isinstance(each, Exception) and not isinstance(each, AppError)] == []
    assert await rows_of(database, ira.user_id) == {}
    assert files_below(pictures) == []
    assert [each.name for each in await characters.page(boris, 10)] == ["Марина"]


async def test_whoever_does_something_just_as_somebody_leaves_hears_of_it_in_a_sentence(
    leaving: AccountErasure, characters: Characters, chat: Chat, reply_writer: ReplyWriter, people: People, log_in:
    LogIn, accounts: Accounts, mailbox: Mailbox, database: Database, bus: Bus, ira: Caller, boris: Caller
) -> None:  # fmt: skip
    if database.dialect == "sqlite":
        pytest.skip("one writes at a time: nobody meets anybody")
    admin = await people.come("admin")
    await accounts.set_admin("admin@example.org", is_admin=True)
    marina, own = await characters.save(boris, filled()), await characters.save(ira, filled(name="Фёдор"))
    dialog_id = await talked(chat, bus, ira, marina.id, "Привет")
    await log_in.request("ira@example.org", "ru")
    measures = Measures(database, bus, reply_writer, MeasureNotifier(bus, Mailbox(), address=""))
    decision = Decision(MeasureKind.HIDDEN, Complaint.OTHER, "Так надо.")
    reading = DialogAccess(database, bus, reply_writer, reader_of(reply_writer), tell_the_person=True)
    reports = Reports(database, bus, RateLimiter(InMemory(), UNLIMITED))
    meanwhile = await met_halfway(
        database,
        leaving.delete(ira, PASSWORD, keep_public=False),
        chat.begin(ira, marina.id),
        chat.begin(ira, own.id),
        chat.send(ira, dialog_id, "Ещё одно", "2"),
        chat.begin(boris, own.id),
        characters.save(ira, filled(name="Поздняя")),
        Favourites(database).set_favourite(ira, marina.id, True),
        Votes(database).rate(ira, marina.id, 9),
        reports.file(ira, marina.id, Complaint.OTHER, "Плохо"),
        reports.file(boris, own.id, Complaint.OTHER, "Плохо"),
        log_in.by_letter(mailbox.token()),
        log_in.request("ira@example.org", "ru"),
        StaffNotes(database).add(admin, ira.user_id, "Странно"),
        measures.impose_on_user(admin, ira.user_id, decision),
        measures.impose_on_character(admin, own.id, decision),
        reading.open(admin, dialog_id, ReadingReason.REPORT, "Жалоба"),
        RollUp(database).people(),
    )
    assert [each for each in meanwhile if isinstance(each, Exception) and not isinstance(each, AppError)] == []
    assert await rows_of(database, ira.user_id) == {}


async def met_halfway(database: Database, action: Awaitable[None], *others: Awaitable[Any]) -> list[Any]:
    """Outcomes of the others, which start when the action has just locked its first row and is not done yet."""
    begun: list[asyncio.Future[Any]] = []

    def bring_the_others(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FOR UPDATE" in statement and not begun:
            begun.extend(asyncio.ensure_future(each) for each in others)
            await_only(asyncio.wait(begun, timeout=0.3))  # most of them wait for the action by now

    event.listen(database._writer.sync_engine, "after_cursor_execute", bring_the_others)
    await action
    return await asyncio.gather(*begun, return_exceptions=True)

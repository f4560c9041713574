"""Database faults: locked, cut off or slow: what was said is kept or plainly refused, what was paid for is kept."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.chat.ask import ReplyRequests
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.replies.reply_row import LEASE
from domain.chat.tree.events import ReplyChunk, ReplyEnded
from domain.clock import now
from domain.errors import Busy
from domain.llm.port import Role
from domain.model.dialog import Message, State
from storage.bus import Event
from storage.database import Database
from tests.clock import Clock
from tests.domain.chat.conftest import PATIENCE, ChatWorld, until
from tests.domain.chat.ledger import check_goes_on, check_nothing_runs, check_rows, kept, world_over
from tests.llm_server import Behaviour

TEXT = "Одно. Другое. Третье."
IMPATIENCE = 0.2  # seconds that our side waits for a lock
LOCKER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"])
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"])


@contextmanager
def locked(database_url: str) -> Generator[subprocess.Popen[bytes]]:
    """Another process locks the SQLite file, until the block ends or `communicate()` is called."""
    command = [sys.executable, "-c", LOCKER, database_url.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as locker:
        assert locker.stdout
        assert locker.stdout.readline() == b"locked\n"
        yield locker
        locker.communicate()


@pytest.fixture
async def impatient(world: ChatWorld, database_url: str) -> AsyncGenerator[ChatWorld]:
    database = Database(database_url, wait=IMPATIENCE)
    impatient = world_over(world, database=database)
    yield impatient
    await impatient.reply_writer.close()
    await database.close()


@on_sqlite
async def test_a_message_that_cannot_be_kept_is_refused_before_it_is_acknowledged(
    impatient: ChatWorld, database_url: str
) -> None:
    """D1, for longer than we wait."""
    person = await impatient.somebody()
    dialog = await impatient.dialog(person)
    with locked(database_url):
        with pytest.raises(Busy, match="Couldn't save") as refusal:
            await impatient.chat.send(person, dialog, "Слышишь?", "1")
        assert refusal.value.field == "text", "it stands beside the composer, and the words stay in it"
        assert len(await kept(impatient.database, dialog)) == 1, "nothing half written; history can be read"
    assert not impatient.llm.requests
    await impatient.chat.send(person, dialog, "Слышишь?", "1")
    assert (await impatient.ended(person, dialog)).state == State.DONE
    await check_rows(impatient.database, dialog, "1")

    reply = (await kept(impatient.database, dialog))[-1]
    character = (await impatient.chat.open(person, dialog)).character
    api = ReplyRequests(impatient.database, impatient.bus, impatient.reply_writer, impatient.chat)
    with locked(database_url):
        for action in (
            api.ask(person, character.id, "И здесь?", "3"),
            impatient.branches.regenerate(person, reply.id),
            impatient.branches.edit(person, reply.parent_id or 0, "Слышишь меня?", "2"),
        ):
            with pytest.raises(Busy, match="Couldn't save"):
                await action
    await check_rows(impatient.database, dialog, "1")
    await check_nothing_runs(impatient)


@on_sqlite
async def test_a_short_lock_is_waited_out(world: ChatWorld, database_url: str) -> None:
    """D1, for less time than we wait."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    with locked(database_url) as locker:
        sending = asyncio.create_task(world.chat.send(person, dialog, "Слышишь?", "1"))
        await asyncio.sleep(0.2)
        assert not sending.done()
        await asyncio.to_thread(locker.communicate)
    await sending
    assert (await world.ended(person, dialog)).state == State.DONE
    await check_rows(world.database, dialog, "1")


@on_sqlite
async def test_a_reply_that_ends_while_nothing_can_be_kept_is_kept_afterwards(
    impatient: ChatWorld, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """D2; a stop that comes too late must not throw away what is already complete."""
    person = await impatient.somebody()
    dialog = await impatient.dialog(person)
    impatient.llm.answer(TEXT, fault="waits")
    has_begun = asyncio.Event()
    impatient.bus.subscribe(ReplyChunk, dialog, lambda _fact: has_begun.set())
    await impatient.chat.send(person, dialog, "Рассказывай", "1")
    await has_begun.wait()
    abandoned_replies = AbandonedReplies(impatient.database, impatient.bus, impatient.reply_writer.is_writing)
    with locked(database_url):
        impatient.llm.go_on()

        async def waits_for_the_database() -> bool:
            return "waits for the database: database is locked" in caplog.text

        await until(waits_for_the_database)
        told = (await impatient.messages(person, dialog))[-1]
        assert (told.state, told.text) == (State.RUNNING, TEXT), "whoever looks sees all of it meanwhile"
        await impatient.chat.stop(person, dialog)
    await abandoned_replies.start()
    reply = await impatient.ended(person, dialog)
    await abandoned_replies.close()
    assert (reply.state, reply.text) == (State.DONE, TEXT)
    await check_rows(impatient.database, dialog, "1")
    await check_nothing_runs(impatient)
    await check_goes_on(impatient, person, dialog)


@on_sqlite
async def test_a_locked_database_does_not_keep_the_server_from_going_down(
    impatient: ChatWorld, database_url: str
) -> None:
    """A2 and D2 together."""
    person = await impatient.somebody()
    dialog = await impatient.dialog(person)
    impatient.llm.answer(fault="hang")
    await impatient.chat.send(person, dialog, "Рассказывай", "1")
    with locked(database_url):
        async with asyncio.timeout(PATIENCE):
            await impatient.reply_writer.close()
    assert (await kept(impatient.database, dialog))[-1].state == State.RUNNING
    abandoned_replies = AbandonedReplies(impatient.database, impatient.bus, impatient.reply_writer.is_writing)
    await abandoned_replies.start()
    await abandoned_replies.close()
    await check_rows(impatient.database, dialog, "1")
    assert (await kept(impatient.database, dialog))[-1].state == State.INTERRUPTED


@on_postgresql
@pytest.mark.own_database
async def test_cut_connections_are_made_anew_while_a_reply_is_written(world: ChatWorld, database_url: str) -> None:
    """D2 and half of D4: an administrator ends every connection, in the middle of a reply and again before its end."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Слово. " * 40, pause=0.05)
    news = asyncio.Queue[Event]()
    for kind in (ReplyChunk, ReplyEnded):
        world.bus.subscribe(kind, dialog, news.put_nowait)
    await world.chat.send(person, dialog, "Рассказывай", "1")
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        while isinstance(await news.get(), ReplyChunk):  # each time that a page receives more of it
            await other.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    reply = await world.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, "Слово. " * 40)
    await check_rows(world.database, dialog, "1")


@on_postgresql
async def test_a_locked_table_is_waited_for(world: ChatWorld, database_url: str) -> None:
    """D2 on PostgreSQL."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(TEXT, fault="waits")
    has_begun = asyncio.Event()
    world.bus.subscribe(ReplyChunk, dialog, lambda _fact: has_begun.set())
    await world.chat.send(person, dialog, "Рассказывай", "1")
    await has_begun.wait()
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("LOCK TABLE message IN EXCLUSIVE MODE")
        world.llm.go_on()

        async def has_come_whole() -> bool:
            return (await world.messages(person, dialog))[-1].text == TEXT

        await until(has_come_whole)
        assert (await kept(world.database, dialog))[-1].state == State.RUNNING
    reply = await world.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, TEXT)
    await check_rows(world.database, dialog, "1")


async def test_the_keeper_tells_the_living_from_the_dead(world: ChatWorld) -> None:
    """N4: a lease that has run out proves nothing about a writer in this process, everything about one elsewhere."""
    person = await world.somebody()
    living, dead = [await world.dialog(person) for _ in range(2)]
    world.llm.default = Behaviour(TEXT, hold=0.5)
    await world.chat.send(person, living, "Ты пишешь?", "1")
    async with world.database.write() as db:
        question = Message(dialog_id=dead, role=Role.USER, text="А ты?", client_id="1")
        db.add(question)
        await db.flush()
        db.add(Message(dialog_id=dead, parent_id=question.id, role=Role.ASSISTANT, text="Я", state=State.RUNNING))
        a_minute_ago = now() - timedelta(minutes=1)
        await db.exec(update(Message).where(col(Message.state) == State.RUNNING).values(lease_until=a_minute_ago))
    abandoned_replies = AbandonedReplies(world.database, world.bus, world.reply_writer.is_writing)
    await abandoned_replies.start()
    await abandoned_replies.close()
    abandoned = (await kept(world.database, dead))[-1]
    assert (abandoned.state, abandoned.text) == (State.INTERRUPTED, "Я")
    assert (await world.ended(person, living)).text == TEXT
    for dialog in (living, dead):
        await check_rows(world.database, dialog, "1")


async def test_a_reply_is_given_up_when_its_lease_has_run_out_or_was_never_taken(
    world: ChatWorld, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N4, long after the start, when only leases tell."""
    monkeypatch.setattr("domain.chat.replies.abandoned_replies.LOOKS_EVERY", 0.01)
    person = await world.somebody()
    never, still = [await world.dialog(person) for _ in range(2)]
    abandoned_replies = AbandonedReplies(world.database, world.bus, world.reply_writer.is_writing)
    await abandoned_replies.start()
    async with world.database.write() as db:
        for dialog, lease in ((never, None), (still, clock.time + LEASE)):
            db.add(Message(dialog_id=dialog, role=Role.ASSISTANT, text="Я", state=State.RUNNING, lease_until=lease))

    async def state(dialog: int) -> State:
        return (await kept(world.database, dialog))[-1].state

    async def is_given_up(dialog: int) -> bool:
        return await state(dialog) == State.INTERRUPTED

    await until(lambda: is_given_up(never))
    assert await state(still) == State.RUNNING
    await world.time_passes(clock, LEASE + timedelta(seconds=1))
    await until(lambda: is_given_up(still))
    await abandoned_replies.close()

"""Leases by the database's clock: an instance with a wrong clock ends nobody's reply, and says that it is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

import domain.clock
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.clock import system_time
from domain.instances.clock_skew import ClockSkew
from domain.model.dialog import Message, State
from storage.bus import Bus
from storage.database import Database
from tests.domain.chat.conftest import ChatWorld
from tests.llm_server import Behaviour

on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"])  # a SQLite file has one process, and one clock
wrong_by = pytest.mark.parametrize("seconds", [-60, 60])


def be_wrong_by(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    def wrong() -> datetime:
        return system_time() + timedelta(seconds=seconds)

    monkeypatch.setattr(domain.clock, "source", wrong)


@on_postgresql
@wrong_by
async def test_an_instance_whose_clock_is_wrong_ends_no_living_reply_of_another(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.default = Behaviour("Свет горит. " * 10, style="fine", fault="waits")
    await world.chat.send(person, dialog, "Ты там?", "1")
    with monkeypatch.context() as patch:
        be_wrong_by(patch, seconds)
        other = AbandonedReplies(world.database, Bus(), is_written_here=lambda _reply_id: False)
        await other.start()
        await other.close()
    world.llm.go_on()
    reply = await world.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, "Свет горит. " * 10)


@on_postgresql
@wrong_by
async def test_the_replies_of_an_instance_whose_clock_is_wrong_are_alive_for_the_others(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.default = Behaviour("Свет горит. " * 10, style="fine", fault="waits")
    with monkeypatch.context() as patch:
        be_wrong_by(patch, seconds)
        await world.chat.send(person, dialog, "Ты там?", "1")
        other = AbandonedReplies(world.database, Bus(), is_written_here=lambda _reply_id: False)
        await other.start()
        await other.close()
        async with world.database.read() as db:
            [running] = (await db.exec(select(Message).where(Message.state == State.RUNNING))).all()
        assert running.lease_until
        assert abs(running.lease_until - system_time()) < timedelta(seconds=30)
    world.llm.go_on()
    assert (await world.ended(person, dialog)).state == State.DONE


async def test_a_reply_that_is_written_here_goes_on_after_its_lease_has_run_out(world: ChatWorld) -> None:
    """As after a while without the database, when nobody could renew it."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.default = Behaviour("Свет горит. " * 10, style="fine", fault="waits")
    await world.chat.send(person, dialog, "Ты там?", "1")
    async with world.database.write() as db:
        running = (await db.exec(select(Message).where(Message.state == State.RUNNING))).one()
        running.lease_until = system_time() - timedelta(hours=1)
    here = AbandonedReplies(world.database, world.bus, world.reply_writer.is_writing)
    await here.start()
    await here.close()
    world.llm.go_on()
    reply = await world.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, "Свет горит. " * 10)


@on_postgresql
async def test_a_clock_that_is_off_is_told_once_and_once_more_when_it_is_right_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    skew = ClockSkew(database)
    be_wrong_by(monkeypatch, 1)
    await skew.look()
    assert round(skew.seconds) == 1
    assert caplog.messages == []
    be_wrong_by(monkeypatch, -60)
    await skew.look()
    await skew.look()
    assert round(skew.seconds) == -60
    be_wrong_by(monkeypatch, 0)
    await skew.look()
    assert len(caplog.messages) == 2
    assert "-60.0 s" in caplog.messages[0]
    assert "again" in caplog.messages[1]

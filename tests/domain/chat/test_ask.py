"""Request and reply: a message and its reply, for clients that wait."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from domain.accounts.sessions_list import SessionList
from domain.chat.ask import LISTENERS, ReplyRequests
from domain.errors import Busy, Invalid, NotFound, SignedOut
from domain.model.dialog import State
from tests.domain.chat.conftest import PATIENCE, ChatWorld
from tests.llm_server import TEXT


@pytest.fixture
def exchange(world: ChatWorld) -> ReplyRequests:
    return ReplyRequests(world.database, world.bus, world.reply_writer, world.chat)


async def test_the_first_question_begins_a_dialog_with_the_greeting(world: ChatWorld, exchange: ReplyRequests) -> None:
    ira = await world.somebody()
    asked = await exchange.ask(ira, (await world.character(ira)).id, "Кто здесь?", "first")
    reply = await exchange.wait_until_ended(ira, asked, within=PATIENCE)
    assert (reply.state, reply.text) == (State.DONE, TEXT)
    assert [each.role for each in await world.messages(ira, asked.dialog_id)] == ["assistant", "user", "assistant"]


async def test_who_waits_no_longer_gets_what_there_is(world: ChatWorld, exchange: ReplyRequests) -> None:
    ira = await world.somebody()
    world.llm.answer(fault="waits")
    asked = await exchange.ask(ira, (await world.character(ira)).id, "Кто здесь?", "first")
    assert (await exchange.wait_until_ended(ira, asked, within=0.1)).state == State.RUNNING
    world.llm.go_on()
    assert (await exchange.wait_until_ended(ira, asked, within=PATIENCE)).text == TEXT, "and may come back for the rest"


async def test_who_waits_is_told_that_their_session_has_ended(world: ChatWorld, exchange: ReplyRequests) -> None:
    ira = await world.somebody()
    world.llm.answer(fault="hang")
    asked = await exchange.ask(ira, (await world.character(ira)).id, "Кто здесь?", "first")
    waiting = asyncio.create_task(exchange.wait_until_ended(ira, asked, within=PATIENCE))
    await asyncio.sleep(0)
    await SessionList(world.database, world.bus).log_out(ira)
    with pytest.raises(SignedOut):
        await waiting


async def test_what_cannot_be_said_leaves_no_dialog_behind(world: ChatWorld, exchange: ReplyRequests) -> None:
    ira = await world.somebody()
    character = await world.character(ira)
    with pytest.raises(Invalid):
        await exchange.ask(ira, character.id, " \n ", "empty")
    assert await world.dialogs.list_own(ira) == []


async def test_a_dialog_of_somebody_else_is_not_there(world: ChatWorld, exchange: ReplyRequests) -> None:
    ira, boris = await world.somebody(), await world.somebody()
    asked = await exchange.ask(ira, (await world.character(ira)).id, "Кто здесь?", "first")
    with pytest.raises(NotFound):
        await exchange.reply(boris, asked)
    await exchange.wait_until_ended(ira, asked, within=PATIENCE)


async def test_one_person_has_so_many_connections_waiting_at_most(world: ChatWorld, exchange: ReplyRequests) -> None:
    ira, boris = await world.somebody(), await world.somebody()
    asked = await exchange.ask(ira, (await world.character(ira)).id, "Кто здесь?", "first")
    with ExitStack() as connections:
        for _ in range(LISTENERS):
            connections.enter_context(exchange.subscribe(ira, asked))
        with pytest.raises(Busy):
            await exchange.wait_until_ended(ira, asked, within=PATIENCE)
        connections.enter_context(exchange.subscribe(boris, asked))
    assert (await exchange.wait_until_ended(ira, asked, within=PATIENCE)).state == State.DONE

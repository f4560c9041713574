"""Replies whose places at the model are shared by all instances (domain/llm/shared_concurrency.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from sqlmodel import delete

from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.retries import RetryPolicy
from domain.chat.tree.events import ReplyChunk, ReplyQueued
from domain.llm import shared_concurrency
from domain.llm.client.chat_model import ChatModel
from domain.llm.faults import PlaceLost
from domain.llm.place_rows import ModelPlace
from domain.llm.shared_concurrency import SharedModelConcurrency
from domain.model.dialog import State
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import PATIENCE, ChatWorld

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"])
WORDS = "Свет горит. " * 30


async def instance_of(world: ChatWorld) -> AsyncGenerator[ChatWorld]:
    """Another instance over the world's database, on a bus of its own."""
    bus = Bus()
    places = SharedModelConcurrency(world.database, bus, 1)
    model = ChatModel(base_url=world.llm.url, api_key="key", model="m", max_retries=0)
    limits = RateLimiter(InMemory(), UNLIMITED)
    writer = ReplyWriter(world.database, bus, model, limits, places=places, patience=RetryPolicy(pause=0.01, longest=2))
    await places.start()
    chat, branches = Chat(world.database, bus, writer), Branches(world.database, bus, writer)
    yield replace(world, bus=bus, reply_writer=writer, chat=chat, branches=branches)
    await writer.close()
    await places.close()


@pytest.fixture
async def here(world: ChatWorld, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[ChatWorld]:
    monkeypatch.setattr(shared_concurrency, "LOOKS_EVERY", 0.01)
    monkeypatch.setattr(shared_concurrency, "RENEWED_EVERY", 0.01)
    async for instance in instance_of(world):
        yield instance


@pytest.fixture
async def there(here: ChatWorld) -> AsyncGenerator[ChatWorld]:
    async for instance in instance_of(here):
        yield instance


async def lose_places(world: ChatWorld) -> None:
    """Take all places away, as others do when this instance has stood still for longer than its lease."""
    async with world.database.write() as db:
        await db.exec(delete(ModelPlace))


async def test_a_reply_waits_for_one_of_another_instance_and_says_so(here: ChatWorld, there: ChatWorld) -> None:
    ira, oleg = await here.people(2)
    hers, his = await here.dialog(ira), await there.dialog(oleg)
    queued, first, waits = list[ReplyQueued](), asyncio.Event(), asyncio.Event()
    here.bus.subscribe(ReplyChunk, hers, lambda _fact: first.set())
    there.bus.subscribe(ReplyQueued, his, queued.append)
    there.bus.subscribe(ReplyQueued, his, lambda _fact: waits.set())
    here.llm.answer(WORDS, style="fine", fault="waits")
    await here.chat.send(ira, hers, "Привет", "1")
    async with asyncio.timeout(PATIENCE):
        await first.wait()
    await there.chat.send(oleg, his, "И мне", "2")
    async with asyncio.timeout(PATIENCE):
        await waits.wait()
    here.llm.go_on()
    assert (await there.ended(oleg, his)).state == State.DONE
    assert [event.ahead for event in queued] == [1]
    assert (await here.ended(ira, hers)).text == WORDS
    assert here.llm.most_in_flight == 1


async def test_a_reply_whose_place_is_given_to_others_keeps_what_has_come(here: ChatWorld) -> None:
    person = await here.somebody()
    dialog = await here.dialog(person)
    first = asyncio.Event()
    here.bus.subscribe(ReplyChunk, dialog, lambda _fact: first.set())
    here.llm.answer(WORDS, style="fine", fault="stall")
    await here.chat.send(person, dialog, "Привет", "1")
    async with asyncio.timeout(PATIENCE):
        await first.wait()
    await lose_places(here)
    reply = await here.ended(person, dialog)
    assert (reply.state, reply.fault) == (State.INTERRUPTED, PlaceLost.code)
    assert reply.text
    assert WORDS.startswith(reply.text)


async def test_a_reply_that_has_not_begun_takes_another_place(here: ChatWorld) -> None:
    person = await here.somebody()
    dialog = await here.dialog(person)
    here.llm.answer(hold=PATIENCE)
    here.llm.answer("Я здесь.")
    await here.chat.send(person, dialog, "Привет", "1")
    async with asyncio.timeout(PATIENCE):
        while not here.llm.asked:  # noqa: ASYNC110 - it is in a thread of its own
            await asyncio.sleep(0.01)
    await lose_places(here)
    reply = await here.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, "Я здесь.")

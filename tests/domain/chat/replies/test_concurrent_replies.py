"""Concurrency limit per person: how many replies are written at once, whichever way they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from domain.accounts.sessions import Caller
from domain.chat.ask import ReplyRequests
from domain.model.dialog import State
from domain.usage.concurrent_replies import TooManyAtOnce
from tests.domain.chat.conftest import GREETING, ChatWorld
from tests.llm_server import Behaviour

AT_ONCE = 3


async def writing(world: ChatWorld, person: Caller, dialogs: Sequence[int]) -> None:
    """Begin a reply that does not end in each of these dialogs."""
    world.llm.default = Behaviour(fault="hang")
    for dialog in dialogs:
        await world.chat.send(person, dialog, "Говори", "1")


async def test_of_many_messages_at_once_so_many_are_answered_and_the_others_hear_why(world: ChatWorld) -> None:
    person = await world.somebody()
    dialogs = [await world.dialog(person) for _ in range(12)]
    world.llm.default = Behaviour(fault="hang")
    answers = await asyncio.gather(
        *(world.chat.send(person, dialog, "Говори", "1") for dialog in dialogs), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [TooManyAtOnce] * (len(dialogs) - AT_ONCE)
    (refusal, *_) = refused
    assert isinstance(refusal, TooManyAtOnce)
    assert str(refusal) == "At most 3 replies can be written for you at once. Please wait for one of them to finish."
    assert refusal.field == "text", "the words stay in the box"
    assert 1 <= refusal.wait <= 60, "a program is told when to ask again"
    sizes = [len(await world.messages(person, dialog)) for dialog in dialogs]
    assert sorted(sizes) == [1] * 9 + [3] * 3, "nothing is kept of what was refused"


async def test_others_are_not_held_up_and_an_end_makes_room(world: ChatWorld) -> None:
    greedy, modest = await world.somebody(), await world.somebody()
    first, *others, late = [await world.dialog(greedy) for _ in range(AT_ONCE + 1)]
    await writing(world, greedy, [first, *others])
    with pytest.raises(TooManyAtOnce):
        await world.chat.send(greedy, late, "И ты", "1")
    await world.chat.send(modest, await world.dialog(modest), "А мне?", "1")
    await world.chat.stop(greedy, first)
    assert (await world.ended(greedy, first)).state in {State.STOPPED, State.INTERRUPTED}
    await world.chat.send(greedy, late, "И ты", "1")


async def test_the_same_message_sent_again_is_no_further_one(world: ChatWorld) -> None:
    person = await world.somebody()
    dialogs = [await world.dialog(person) for _ in range(AT_ONCE)]
    await writing(world, person, dialogs)
    await world.chat.send(person, dialogs[0], "Говори", "1")


async def test_every_way_to_a_reply_is_counted(world: ChatWorld) -> None:
    person = await world.somebody()
    ended, cut, *busy = [await world.dialog(person) for _ in range(AT_ONCE + 2)]
    await world.chat.send(person, ended, "Привет", "0")
    reply = await world.ended(person, ended)
    question = (await world.messages(person, ended))[1]
    world.llm.answer("Первая половина.", fault="length")
    await world.chat.send(person, cut, "Говори", "0")
    half = await world.ended(person, cut)
    await writing(world, person, busy)
    exchange = ReplyRequests(world.database, world.bus, world.reply_writer, world.chat)
    character_id = (await world.character(person)).id
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "send": lambda: world.chat.send(person, ended, "Ещё", "2"),
        "ask": lambda: exchange.ask(person, character_id, "Ещё", "2"),
        "regenerate": lambda: world.branches.regenerate(person, reply.id),
        "edit": lambda: world.branches.edit(person, question.id, "Иначе", "2"),
        "go on": lambda: world.branches.continue_reply(person, half.id),
    }
    for name, way in ways.items():
        (outcome,) = await asyncio.gather(way(), return_exceptions=True)
        assert isinstance(outcome, TooManyAtOnce), name
    assert [each.text for each in await world.messages(person, ended)] == [GREETING, "Привет", reply.text]

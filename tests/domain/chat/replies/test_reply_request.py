"""Reply requests: all go through the same checks, in the same order, and leave nothing when refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import update
from sqlmodel import col

from domain.accounts.sessions import Caller
from domain.chat.ask import ReplyRequests
from domain.errors import Busy, NotAllowed, RateLimited, ReadOnly
from domain.llm.port import Role
from domain.model.character import Character
from domain.model.dialog import Message, State
from domain.model.user import User
from domain.rate_limits import ALL, InMemory, RateLimiter
from domain.usage.concurrent_replies import TooManyAtOnce
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld

AT_ONCE = 3
Ways = dict[str, Callable[[], Awaitable[object]]]


async def ways_to_ask(world: ChatWorld, person: Caller, character: Character) -> tuple[int, Ways]:
    """A dialog that ends with a reply which can be continued, and all ways to ask for a reply there."""
    dialog_id = await world.chat.begin(person, character.id)
    world.llm.answer("Первая половина.", fault="length")
    await world.chat.send(person, dialog_id, "Говори", "first")
    reply = await world.ended(person, dialog_id)
    question = (await world.messages(person, dialog_id))[1]
    exchange = ReplyRequests(world.database, world.bus, world.reply_writer, world.chat)
    return dialog_id, {
        "send": lambda: world.chat.send(person, dialog_id, "Ещё", "second"),
        "ask": lambda: exchange.ask(person, character.id, "Ещё", "second", dialog_id=dialog_id),
        "regenerate": lambda: world.branches.regenerate(person, reply.id),
        "edit": lambda: world.branches.edit(person, question.id, "Иначе", "second"),
        "go on": lambda: world.branches.continue_reply(person, reply.id),
    }


async def run_elsewhere(world: ChatWorld, person: Caller, character: Character) -> list[Message]:
    """Running replies in other dialogs, as many as one person may have."""
    dialogs = [await world.chat.begin(person, character.id) for _ in range(AT_ONCE)]
    return [await run_in(world, dialog_id) for dialog_id in dialogs]


async def run_in(world: ChatWorld, dialog_id: int) -> Message:
    async with world.database.write() as db:
        reply = Message(dialog_id=dialog_id, role=Role.ASSISTANT, state=State.RUNNING)
        db.add(reply)
    return reply


async def test_every_way_refuses_for_the_same_reasons_in_the_same_order(world: ChatWorld) -> None:
    person, author = await world.people(2)
    character = await world.character(author)
    dialog_id, ways = await ways_to_ask(world, person, character)
    before = [(each.id, each.text, each.state) for each in await world.messages(person, dialog_id)]

    async def refusals() -> dict[str, type]:
        """Refusal of each way, tried one after the other."""
        outcomes = {name: (await asyncio.gather(way(), return_exceptions=True))[0] for name, way in ways.items()}
        return {name: type(outcome) for name, outcome in outcomes.items()}

    async def change(noun: type[User | Character], number: int, **values: bool) -> None:
        async with world.database.write() as db:
            await db.exec(update(noun).where(col(noun.id) == number).values(**values))

    elsewhere = await run_elsewhere(world, person, character)
    here = await run_in(world, dialog_id)
    await change(User, person.user_id, is_read_only=True)
    free, world.reply_writer.limits = (
        world.reply_writer.limits,
        RateLimiter(InMemory(), dict.fromkeys((each.name for each in ALL), 0)),
    )
    assert await refusals() == dict.fromkeys(ways, RateLimited)

    world.reply_writer.limits = free
    assert await refusals() == dict.fromkeys(ways, ReadOnly)

    await change(User, person.user_id, is_read_only=False)
    assert await refusals() == dict.fromkeys(ways, TooManyAtOnce)

    async with world.database.write() as db:
        for each in elsewhere:
            await db.delete(await db.get_one(Message, each.id))
    await change(Character, character.id, is_public=False)
    by_character = ways.pop("ask")  # it names the character, so the refusal for a private one comes first
    assert await refusals() == dict.fromkeys(ways, NotAllowed)

    await change(Character, character.id, is_public=True)
    ways["ask"] = by_character
    assert await refusals() == dict.fromkeys(ways, Busy)

    async with world.database.write() as db:
        await db.delete(await db.get_one(Message, here.id))
    assert [(each.id, each.text, each.state) for each in await world.messages(person, dialog_id)] == before


async def test_a_limit_that_refuses_costs_no_dialog_begun(world: ChatWorld) -> None:
    person = await world.somebody()
    character = await world.character(person)
    only_chats = RateLimiter(InMemory(), UNLIMITED | {"messages_a_minute": 0, "chats": 1})
    world.reply_writer.limits = only_chats
    exchange = ReplyRequests(world.database, world.bus, world.reply_writer, world.chat)
    outcome, *_ = await asyncio.gather(exchange.ask(person, character.id, "Привет", "1"), return_exceptions=True)
    assert isinstance(outcome, RateLimited)
    assert await world.chat.begin(person, character.id)

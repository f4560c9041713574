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
from tests.domain.chat.conftest import House

AT_ONCE = 3
Ways = dict[str, Callable[[], Awaitable[object]]]


async def ways_to_ask(house: House, person: Caller, character: Character) -> tuple[int, Ways]:
    """A dialog that ends with a reply which could go on, and what can be done there."""
    dialog_id = await house.chat.begin(person, character.id)
    house.llm.answer("Первая половина.", fault="length")
    await house.chat.send(person, dialog_id, "Говори", "first")
    reply = await house.ended(person, dialog_id)
    question = (await house.messages(person, dialog_id))[1]
    exchange = ReplyRequests(house.database, house.bus, house.reply_writer, house.chat)
    return dialog_id, {
        "send": lambda: house.chat.send(person, dialog_id, "Ещё", "second"),
        "ask": lambda: exchange.ask(person, character.id, "Ещё", "second", dialog_id=dialog_id),
        "regenerate": lambda: house.branches.regenerate(person, reply.id),
        "edit": lambda: house.branches.edit(person, question.id, "Иначе", "second"),
        "go on": lambda: house.branches.continue_reply(person, reply.id),
    }


async def run_elsewhere(house: House, person: Caller, character: Character) -> list[Message]:
    """As many replies as one person may have, in other dialogs."""
    dialogs = [await house.chat.begin(person, character.id) for _ in range(AT_ONCE)]
    return [await run_in(house, dialog_id) for dialog_id in dialogs]


async def run_in(house: House, dialog_id: int) -> Message:
    async with house.database.write() as db:
        reply = Message(dialog_id=dialog_id, role=Role.ASSISTANT, state=State.RUNNING)
        db.add(reply)
    return reply


async def test_every_way_refuses_for_the_same_reasons_in_the_same_order(house: House) -> None:
    person, author = await house.people(2)
    character = await house.character(author)
    dialog_id, ways = await ways_to_ask(house, person, character)
    before = [(each.id, each.text, each.state) for each in await house.messages(person, dialog_id)]

    async def refusals() -> dict[str, type]:
        """Of each way, one after the other."""
        outcomes = {name: (await asyncio.gather(way(), return_exceptions=True))[0] for name, way in ways.items()}
        return {name: type(outcome) for name, outcome in outcomes.items()}

    async def change(noun: type[User | Character], number: int, **values: bool) -> None:
        async with house.database.write() as db:
            await db.exec(update(noun).where(col(noun.id) == number).values(**values))

    elsewhere = await run_elsewhere(house, person, character)
    here = await run_in(house, dialog_id)
    await change(User, person.user_id, is_read_only=True)
    free, house.reply_writer.limits = (
        house.reply_writer.limits,
        RateLimiter(InMemory(), dict.fromkeys((each.name for each in ALL), 0)),
    )
    assert await refusals() == dict.fromkeys(ways, RateLimited)

    house.reply_writer.limits = free
    assert await refusals() == dict.fromkeys(ways, ReadOnly)

    await change(User, person.user_id, is_read_only=False)
    assert await refusals() == dict.fromkeys(ways, TooManyAtOnce)

    async with house.database.write() as db:
        for each in elsewhere:
            await db.delete(await db.get_one(Message, each.id))
    await change(Character, character.id, is_public=False)
    by_character = ways.pop("ask")  # it names the character, so it is told before that this is private
    assert await refusals() == dict.fromkeys(ways, NotAllowed)

    await change(Character, character.id, is_public=True)
    ways["ask"] = by_character
    assert await refusals() == dict.fromkeys(ways, Busy)

    async with house.database.write() as db:
        await db.delete(await db.get_one(Message, here.id))
    assert [(each.id, each.text, each.state) for each in await house.messages(person, dialog_id)] == before


async def test_a_limit_that_refuses_costs_no_dialog_begun(house: House) -> None:
    person = await house.somebody()
    character = await house.character(person)
    only_chats = RateLimiter(InMemory(), UNLIMITED | {"messages_a_minute": 0, "chats": 1})
    house.reply_writer.limits = only_chats
    exchange = ReplyRequests(house.database, house.bus, house.reply_writer, house.chat)
    outcome, *_ = await asyncio.gather(exchange.ask(person, character.id, "Привет", "1"), return_exceptions=True)
    assert isinstance(outcome, RateLimited)
    assert await house.chat.begin(person, character.id)

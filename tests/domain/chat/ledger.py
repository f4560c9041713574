"""Invariants: what "nothing lost" means, checked in database, model server and this process after any fault."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.retries import RetryPolicy
from domain.llm.client.chat_model import ChatModel
from domain.llm.port import Role
from domain.model.dialog import Message, State
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
from tests.domain.llm.conftest import eventually
from tests.llm_server import Behaviour

KEY, FOLDER = "AQVN-the-key-itself", "b1gfolderoftheowner"


def world_over(
    world: ChatWorld,
    *,
    database: Database | None = None,
    places: int = 1,
    address: str = "",
    longest_pause: float = 1.1,
) -> ChatWorld:
    """The same world with an engine of its own, and one place at the model, so that one not given back is noticed."""
    database, bus = database or world.database, Bus()
    model = ChatModel(base_url=address or world.llm.url, api_key=KEY, folder_id=FOLDER, model="m", max_retries=0)
    model.warm()  # the time that it takes is not the provider's fault
    reply_writer = ReplyWriter(
        database,
        bus,
        model,
        RateLimiter(InMemory(), UNLIMITED),
        places=places,
        patience=RetryPolicy(pause=0.01, longest=longest_pause),
    )
    chat, branches = Chat(database, bus, reply_writer), Branches(database, bus, reply_writer)
    return replace(world, database=database, bus=bus, reply_writer=reply_writer, chat=chat, branches=branches)


async def kept(database: Database, dialog_id: int) -> list[Message]:
    """All messages of the dialog, in the order in which they were made."""
    async with database.read() as db:
        return list(await db.exec(select(Message).where(Message.dialog_id == dialog_id).order_by("id")))


async def check_rows(database: Database, dialog_id: int, *client_ids: str) -> None:
    """N1, N2: each message is there once and in order, each with one reply, which has ended and has no writer."""
    rows = await kept(database, dialog_id)
    questions = [row for row in rows if row.role == Role.USER]
    assert [question.client_id for question in questions] == list(client_ids)
    for question in questions:
        (reply,) = [row for row in rows if row.parent_id == question.id]
        assert reply.role == Role.ASSISTANT
        assert reply.state != State.RUNNING
        assert reply.lease_until is None
    assert len(rows) == 1 + 2 * len(questions), "the greeting, then a message and a reply each time: no orphans"


async def check_nothing_runs(world: ChatWorld) -> None:
    """N9: no task of ours, no connection to the model, no transaction."""
    assert await eventually(lambda: not _tasks_of_replies()), _tasks_of_replies()
    assert await eventually(lambda: world.llm.in_flight == 0), "a connection that nobody reads"
    async with asyncio.timeout(60), world.database.write():
        pass


def _tasks_of_replies() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if "reply" in task.get_name()]


async def check_goes_on(world: ChatWorld, person: Caller, dialog_id: int) -> list[dict[str, str]]:
    """N7: the next message is answered; returns its prompt, in which the roles alternate without gaps."""
    world.llm.default = Behaviour("Слушаю дальше.")
    await world.chat.send(person, dialog_id, "И дальше?", "next")
    reply = await world.ended(person, dialog_id)
    assert (reply.state, reply.text) == (State.DONE, "Слушаю дальше.")
    prompt: list[dict[str, str]] = world.llm.requests[-1].body["messages"]
    roles = [message["role"] for message in prompt]
    assert roles == ["system", *(("user", "assistant") * len(roles))[: len(roles) - 1]]
    assert prompt[-1]["role"] == "user"
    assert prompt[-1]["content"].endswith("И дальше?")
    assert all(message["content"].strip() for message in prompt)
    return prompt

"""Fixtures: the conversation engine over a real database and a real model server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.accounts.sessions import Caller, LoginSession
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.dialogs import Dialogs
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.retries import RetryPolicy
from domain.chat.tree.events import ReplyEnded
from domain.clock import now
from domain.llm.client.chat_model import ChatModel
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.clock import Clock
from tests.conftest import UNLIMITED
from tests.llm_server import LlmServer

PATIENCE = 60  # seconds: far more than anything here takes
GREETING = "Заходи, здесь тепло."
numbers = count(1)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that is bound to happen."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - the row of a database has no event to wait for
            await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def server() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@dataclass
class ChatWorld:
    """The conversation part of the product over a real database and a real model server."""

    database: Database
    bus: Bus
    reply_writer: ReplyWriter
    chat: Chat
    branches: Branches
    dialogs: Dialogs
    llm: LlmServer

    async def somebody(self) -> Caller:
        """A logged-in person."""
        return (await self.people(1))[0]

    async def people(self, how_many: int) -> list[Caller]:
        """Logged-in people."""
        tomorrow = now() + timedelta(days=1)
        async with self.database.write() as db:
            users = [
                User(email=f"{n}@example.test", email_key=f"{n}@example.test", display_name=f"Гость {n}")
                for n in islice(numbers, how_many)
            ]
            db.add_all(users)
            await db.flush()
            sessions = [
                LoginSession(user_id=user.id, token_hash=user.email_key or "", entered_at=now(), expires_at=tomorrow)
                for user in users
            ]
            db.add_all(sessions)
            await db.flush()
            return [Caller(session.id, session.user_id) for session in sessions]

    async def character(self, owner: Caller, *, is_public: bool = True) -> Character:
        async with self.database.write() as db:
            character = Character(
                owner_id=owner.user_id,
                name="Марина",
                gender=Gender.FEMALE,
                bio="Смотрительница маяка.",
                interests=["море"],
                greeting=GREETING,
                context="Ты — Марина.",
                is_public=is_public,
            )
            db.add(character)
            return character

    async def dialog(self, person: Caller) -> int:
        return await self.chat.begin(person, (await self.character(person)).id)

    async def messages(self, person: Caller, dialog_id: int) -> list[Message]:
        return (await self.chat.open(person, dialog_id)).messages

    async def ended(self, person: Caller, dialog_id: int) -> Message:
        """The last message, once it is no longer being written."""
        told = asyncio.Event()
        forget = self.bus.subscribe(ReplyEnded, dialog_id, lambda _fact: told.set())
        async with asyncio.timeout(PATIENCE):
            while (last := (await self.messages(person, dialog_id))[-1]).state == State.RUNNING:
                await told.wait()
                told.clear()
        forget()
        return last

    async def time_passes(self, clock: Clock, by: timedelta) -> None:
        """Let time pass for this process and for the database, by whose own clock leases run out on PostgreSQL."""
        clock.advance(by)
        if self.database.dialect == "postgresql":
            async with self.database.write() as db:
                await db.exec(update(Message).values(lease_until=col(Message.lease_until) - by))
                await db.exec(update(Dialog).values(loading_until=col(Dialog.loading_until) - by))

    def endings(self, dialog_id: int) -> list[ReplyEnded]:
        heard: list[ReplyEnded] = []
        self.bus.subscribe(ReplyEnded, dialog_id, heard.append)
        return heard


@pytest.fixture
async def world(database: Database, server: LlmServer) -> AsyncGenerator[ChatWorld]:
    server.forget()
    bus = Bus()
    model = ChatModel(
        base_url=server.url, api_key="key", folder_id="folder", model="yandexgpt-lite/latest", max_retries=0
    )
    limits = RateLimiter(InMemory(), UNLIMITED)
    reply_writer = ReplyWriter(database, bus, model, limits, places=2, patience=RetryPolicy(pause=0.01, longest=2))
    chat, branches = Chat(database, bus, reply_writer), Branches(database, bus, reply_writer)
    yield ChatWorld(database, bus, reply_writer, chat, branches, Dialogs(database, bus, limits), server)
    await reply_writer.close()

"""Fixtures: conversations, which go with an account, and the model that answers in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator

import pytest
from sqlmodel import SQLModel, col, func, select

from domain.accounts.mailed_links import MailedLinks
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.sessions import Caller
from domain.chat.chat import Chat
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import ReplyEnded
from domain.erasure import AccountErasure
from domain.llm.client.chat_model import ChatModel
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.pictures.photos import Photos
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.conftest import Mailbox, People
from tests.llm_server import LlmServer

PATIENCE = 60  # seconds: far more than anything here takes


@pytest.fixture
async def ira(people: People) -> Caller:
    """Ira, signed up by letter: these tests, like those of accounts, are about how people come and come back."""
    return await people.come("ira")


@pytest.fixture
async def boris(people: People) -> Caller:
    return await people.come("boris")


@pytest.fixture(scope="module")
def server() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
async def reply_writer(database: Database, bus: Bus, server: LlmServer) -> AsyncGenerator[ReplyWriter]:
    server.forget()
    model = ChatModel(base_url=server.url, api_key="key", folder_id="folder", model="yandexgpt-lite", max_retries=0)
    reply_writer = ReplyWriter(database, bus, model, RateLimiter(InMemory(), UNLIMITED), places=2)
    yield reply_writer
    await reply_writer.close()


@pytest.fixture
def chat(database: Database, bus: Bus, reply_writer: ReplyWriter) -> Chat:
    return Chat(database, bus, reply_writer)


@pytest.fixture
def leaving(
    database: Database,
    bus: Bus,
    reply_writer: ReplyWriter,
    photos: Photos,
    links: MailedLinks,
    password_attempts: PasswordAttempts,
    mailbox: Mailbox,
    ban_evasion: BanEvasion,
) -> AccountErasure:
    return AccountErasure(
        database,
        bus,
        reply_writer=reply_writer,
        photos=photos,
        links=links,
        password_attempts=password_attempts,
        outbox=mailbox,
        ban_evasion=ban_evasion,
    )


async def talked(chat: Chat, bus: Bus, person: Caller, character_id: int, words: str) -> int:
    """A dialog in which something was said and answered."""
    dialog_id = await chat.begin(person, character_id)
    over = asyncio.Event()
    bus.subscribe(ReplyEnded, dialog_id, lambda _fact: over.set())
    await chat.send(person, dialog_id, words, "1")
    await asyncio.wait_for(over.wait(), PATIENCE)
    return dialog_id


async def rows_of(database: Database, user_id: int) -> dict[str, int]:
    """Number of rows in each table that refer to the person, whatever tables there are."""
    counts = {}
    async with database.read() as db:
        for table in SQLModel.metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.column.table.name == "user":
                    question = select(func.count()).select_from(table).where(key.parent == user_id)
                    counts[table.name] = (await db.exec(question)).one()
        counts["user"] = (await db.exec(select(func.count()).where(col(User.id) == user_id))).one()
    return {name: count for name, count in counts.items() if count}

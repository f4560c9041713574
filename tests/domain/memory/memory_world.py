"""Test set-up for a dialog's memory: a dialog, and rows of its memory as if the model had made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller
from domain.chat.replies.reply_writer import ReplyWriter
from domain.llm.demo.model import DemoModel
from domain.llm.port import Role
from domain.memory.editing.dialog_memory import DialogMemory
from domain.memory.editing.dialog_overview import MemoryReader
from domain.memory.overview import MemoryOverview
from domain.memory.path_ids import PathIds
from domain.memory.pins import pinned_on
from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact, MemoryPin, MemoryVector
from domain.model.dialog import Dialog, Message
from domain.rate_limits import InMemory, RateLimiter
from domain.services.replies import memory_keeper, memory_reader
from domain.settings.settings import Settings
from domain.usage.budget import TokenBudgets
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_dialogs import said

SETTINGS = Settings(_env_file=None)


@dataclass
class Remembering:
    """A person, their dialog, and its memory."""

    world: ChatWorld
    person: Caller
    dialog_id: int
    memory: DialogMemory

    async def said(self, text: str, *, below: int | None = None) -> int:
        """Add a message of the person; returns its id."""
        return await said(self.world, self.dialog_id, text, below=below)

    async def answered(self, text: str) -> int:
        return await said(self.world, self.dialog_id, text, role=Role.ASSISTANT)

    async def known(self, text: str, message_id: int | None, **fields: Any) -> int:
        """Add a fact that the message taught; returns its id."""
        async with self.world.database.write() as db:
            fact = MemoryFact(dialog_id=self.dialog_id, message_id=message_id, text=text, **fields)
            db.add(fact)
            await db.flush()
            return fact.id

    async def summarised(self, text: str, first_id: int, last_id: int, **fields: Any) -> int:
        """Add a chapter that was made of these messages; returns its id."""
        async with self.world.database.write() as db:
            fields = {"state": ChapterState.DONE} | fields
            chapter = MemoryChapter(dialog_id=self.dialog_id, first_id=first_id, last_id=last_id, text=text, **fields)
            db.add(chapter)
            await db.flush()
            return chapter.id

    async def overview(self) -> MemoryOverview:
        return await self.memory.overview(self.person, self.dialog_id)

    async def pinned(self) -> list[str]:
        """Texts that are pinned in a prompt of the path being read."""
        async with self.world.database.read() as db:
            dialog = await db.get_one(Dialog, self.dialog_id)
            return list(await pinned_on(db, dialog.id, await PathIds().of(db, dialog.leaf_id)))


async def remember_something_of_every_kind(db: AsyncSession, dialog_id: int, message_id: int, text: str) -> None:
    """Add rows to all tables of memory, which refer to one another."""
    chapter = MemoryChapter(
        dialog_id=dialog_id, first_id=message_id, last_id=message_id, text=text, state=ChapterState.DONE
    )
    before = MemoryFact(dialog_id=dialog_id, message_id=message_id, text=text, keys=text, roots=text)
    db.add_all([chapter, before])
    await db.flush()
    now = MemoryFact(dialog_id=dialog_id, text=text, chapter_id=chapter.id, replaces_id=before.id)
    db.add_all([now, MemoryPin(dialog_id=dialog_id, anchor_id=message_id, text=text)])
    db.add(MemoryPin(dialog_id=dialog_id, message_id=message_id))
    await db.flush()
    vector = b"\x00\x3c\\\n\t\xff"
    db.add(MemoryVector(dialog_id=dialog_id, fact_id=now.id, model="m", vector=vector))
    db.add(MemoryVector(dialog_id=dialog_id, chapter_id=chapter.id, model="m", vector=vector))
    (await db.get_one(Message, message_id)).recalled = [message_id]


def memory_of(world: ChatWorld) -> DialogMemory:
    return changing(world, reader_of(world.reply_writer), UNLIMITED)


def changing(world: ChatWorld, reader: MemoryReader, times: dict[str, int]) -> DialogMemory:
    """Dialog memory whose keeper only notes what it is to look at; `times` override those of the rate limits."""
    keeper = memory_keeper(
        SETTINGS,
        world.database,
        world.bus,
        DemoModel(),
        places=world.reply_writer.places,
        prompts=world.reply_writer.prompts,
        budgets=TokenBudgets(),
        meter=None,
    )
    return DialogMemory(world.database, world.bus, RateLimiter(InMemory(), times), reader, keeper)


def reader_of(reply_writer: ReplyWriter, daily_tokens: int = 0) -> MemoryReader:
    return memory_reader(SETTINGS, DemoModel(), prompts=reply_writer.prompts, budgets=TokenBudgets(daily_tokens))


async def facts(talk: Remembering) -> list[str]:
    return [each.text for each in (await talk.overview()).facts]

"""Memory of the demo model: it remembers what it was told long ago, without a key and without one request."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from domain.accounts.sessions import Caller
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.dialogs import Dialogs
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.replies.reply_writer import ReplyWriter
from domain.llm.demo.model import DemoModel
from domain.memory.summaries.keeper import MemoryKeeper
from domain.memory.summaries.summariser import Summariser
from domain.memory.summaries.summary_job import SummaryJobs
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld, until
from tests.llm_server import LlmServer

A_SHORT_PROMPT = 1_500  # tokens
SMALL_TALK = "Погода нынче такая, что и не поймёшь, то ли зима, то ли осень, и туман стоит до самого обеда. " * 4


@dataclass
class Demo:
    """A talk without an API key, with the keeper of memory."""

    world: ChatWorld
    keeper: MemoryKeeper
    person: Caller
    dialog_id: int
    said: int = 0

    async def say(self, text: str) -> str:
        """Say something; returns the reply, once everything that follows it is done as well."""
        self.said += 1
        await self.world.chat.send(self.person, self.dialog_id, text, str(self.said))
        reply = await self.world.ended(self.person, self.dialog_id)

        async def is_idle() -> bool:
            return self.keeper.is_idle

        await until(is_idle)
        return reply.text


@pytest.fixture
async def demo(database: Database, server: LlmServer) -> AsyncGenerator[Demo]:
    bus, limits, model = Bus(), RateLimiter(InMemory(), UNLIMITED), DemoModel(pause=0)
    prompts = PromptReader(model.room, A_SHORT_PROMPT)
    reply_writer = ReplyWriter(database, bus, model, limits, places=2, prompts=prompts)
    chat, branches = Chat(database, bus, reply_writer), Branches(database, bus, reply_writer)
    world = ChatWorld(database, bus, reply_writer, chat, branches, Dialogs(database, bus, limits), server)
    jobs = SummaryJobs(database, Summariser(model), reply_writer.places.load)
    keeper = MemoryKeeper(database, bus, reply_writer.places, jobs, shares_of=prompts.shares)
    await keeper.start()
    person = await world.somebody()
    yield Demo(world, keeper, person, await world.dialog(person))
    await keeper.close()
    await reply_writer.close()


async def test_what_was_said_long_ago_is_told_when_it_is_asked_for(demo: Demo) -> None:
    await demo.say("Меня зовут Илья, я живу в Твери и работаю электриком. У меня есть собака Рекс.")
    for _ in range(12):
        await demo.say(SMALL_TALK)
    assert "Илья" in await demo.say("Помнишь, как меня зовут?")
    assert "Ты живёшь в Твери." in await demo.say("А помнишь, где я живу?")
    assert "Ты работаешь электриком." in await demo.say("Напомни, кем я работаю?")
    assert "собака Рекс" in await demo.say("Что я говорил тебе про собаку?")
    assert "Твер" not in await demo.say("Помнишь, как звали мою бабушку?")


async def test_what_changed_is_told_as_it_is_now_and_on_another_branch_as_it_was(demo: Demo) -> None:
    await demo.say("Я живу в Твери")
    before = (await demo.world.messages(demo.person, demo.dialog_id))[-1].id
    await demo.say("Я переехал в Казань")
    assert "Казани" in await demo.say("Ты помнишь, где я живу?")
    moved = await demo.world.messages(demo.person, demo.dialog_id)
    second = next(each.id for each in moved if each.id > before)
    await demo.world.branches.edit(demo.person, second, "Ты помнишь, где я живу?", "edited")
    assert "Твери" in (await demo.world.ended(demo.person, demo.dialog_id)).text

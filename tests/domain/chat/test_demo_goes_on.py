"""Demo model in the chat: a story that was stopped goes on as it began, and then to its next part."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.dialogs import Dialogs
from domain.chat.replies.reply_writer import ReplyWriter
from domain.llm.demo.model import DemoModel
from domain.llm.demo.repertoire import common
from domain.model.dialog import Message, State
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld, until
from tests.llm_server import LlmServer


@pytest.fixture
async def demo(database: Database, server: LlmServer) -> AsyncGenerator[ChatWorld]:
    """The world without an API key."""
    bus, limits = Bus(), RateLimiter(InMemory(), UNLIMITED)
    reply_writer = ReplyWriter(database, bus, DemoModel(pause=0.005), limits, places=2)
    chat, branches = Chat(database, bus, reply_writer), Branches(database, bus, reply_writer)
    yield ChatWorld(database, bus, reply_writer, chat, branches, Dialogs(database, bus, limits), server)
    await reply_writer.close()


async def test_a_story_that_was_stopped_goes_on_from_the_same_letter(demo: ChatWorld) -> None:
    person = await demo.somebody()
    dialog = await demo.dialog(person)
    await demo.chat.send(person, dialog, "Расскажи сказку", "1")

    async def has_begun() -> bool:
        return len((await demo.messages(person, dialog))[-1].text) > 30

    await until(has_begun)
    await demo.chat.stop(person, dialog)
    stopped = await demo.ended(person, dialog)
    assert stopped.state == State.STOPPED
    await demo.branches.continue_reply(person, stopped.id)
    whole = await demo.ended(person, dialog)
    parts = [story.parts for story in common("ru").repertoire.stories]
    assert whole.text in {each[0] for each in parts}

    async def told(text: str, client_id: str) -> Message:
        await demo.chat.send(person, dialog, text, client_id)
        return await demo.ended(person, dialog)

    told_on = [whole.text, *[(await told("А что было дальше?", str(n))).text for n in range(2, 6)]]
    assert tuple(told_on) in parts


async def test_another_reply_says_something_else_whichever_instance_gives_it(demo: ChatWorld) -> None:
    person = await demo.somebody()
    dialog = await demo.dialog(person)
    await demo.chat.send(person, dialog, "Сегодня снова дождь", "1")
    said = [(reply := await demo.ended(person, dialog)).text]
    for _ in range(3):
        demo.reply_writer._model = DemoModel(pause=0)
        await demo.branches.regenerate(person, reply.id)
        said.append((reply := await demo.ended(person, dialog)).text)
    assert len(set(said)) == len(said)

"""Next memory: it is read for the next prompt as soon as it has changed, so that no reply waits for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import event

from domain.chat.prompts.next_memory import NextMemory
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.events import ReplyEnded
from domain.chat.tree.message_tree import add_below
from domain.llm.port import Role
from domain.memory.events import MemoryChanged
from domain.memory.facts.facts import remember_change
from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog, Message
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.prompts.test_prompt_reader import long_dialog
from tests.domain.memory.meaning.meaning_world import chapter
from tests.remembering.house import until

OF_MEMORY = ("FROM memory_pin", "FROM memory_fact", "FROM memory_chapter")


class Reading:
    """A long talk of which something is remembered, and the queries for that."""

    def __init__(self, world: ChatWorld, dialog: int, ids: list[int]) -> None:
        self.world, self.dialog, self.ids = world, dialog, ids
        self.prompts = PromptReader(lambda _model: 24_000)
        self.asked: list[str] = []
        self.is_over = False
        event.listen(world.database._reader.sync_engine, "after_cursor_execute", self._hear)
        event.listen(world.database._reader.sync_engine, "checkin", self._end)

    def _hear(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.asked += [each for each in OF_MEMORY if each in statement]
        self.is_over = False

    def _end(self, *_: object) -> None:
        """Note that the connection was returned: what was read is cached by now."""
        self.is_over = True

    async def ask(self) -> str:
        """System message of the prompt when something more is said."""
        async with self.world.database.write() as db:
            row = await db.get_one(Dialog, self.dialog)
            said = Message(dialog_id=self.dialog, parent_id=row.leaf_id, role=Role.USER, text="А дальше?")
            reply = Message(dialog_id=self.dialog, role=Role.ASSISTANT, text="Дальше то же самое.")
            await add_below(db, row, said, reply)
        self.asked.clear()
        return (await self.prompts.for_reply(self.world.database, self.dialog, reply.id)).prompt.messages[0].text

    async def learn(self, text: str) -> None:
        async with self.world.database.write() as db:
            db.add(MemoryFact(dialog_id=self.dialog, message_id=self.ids[3], text=text, key_hash=text[:16]))
            await remember_change(db, self.dialog)

    async def has_read_all(self) -> bool:
        return self.is_over and set(self.asked) == set(OF_MEMORY)


@pytest.fixture
async def reading(world: ChatWorld) -> AsyncGenerator[Reading]:
    dialog, ids = await long_dialog(world, await world.somebody(), 60, 900)
    await chapter(world, dialog, ids[0], ids[8], "Говорили о погоде.")
    reading = Reading(world, dialog, ids)
    yield reading
    event.remove(world.database._reader.sync_engine, "after_cursor_execute", reading._hear)
    event.remove(world.database._reader.sync_engine, "checkin", reading._end)


@pytest.mark.parametrize("told", [MemoryChanged, ReplyEnded])
async def test_the_next_reply_finds_what_has_changed_already_read(reading: Reading, told: type) -> None:
    job = NextMemory(reading.world.database, reading.world.bus, reading.prompts)
    await job.start()
    await reading.ask()
    assert await reading.has_read_all(), "the first time somebody has to wait for it"
    await reading.learn("Любит чай с мятой.")
    reading.asked.clear()
    about = (reading.dialog,) if told is MemoryChanged else (reading.dialog, reading.ids[-1])
    reading.world.bus.publish(told(*about))
    await until(reading.has_read_all)
    assert "Любит чай с мятой." in await reading.ask()
    assert reading.asked == [], "nothing is left to be read for the prompt"
    await job.close()


async def test_of_dialogs_that_nobody_talks_in_nothing_is_read(reading: Reading) -> None:
    job = NextMemory(reading.world.database, reading.world.bus, reading.prompts)
    await job.start()
    reading.world.bus.publish(MemoryChanged(reading.dialog))
    assert job._wanted.empty()
    await job.close()
    assert "Говорили о погоде." in await reading.ask()

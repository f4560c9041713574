"""Memory right after an undo or a return to a branch: what was away is remembered at once, though read meanwhile."""

from __future__ import annotations

import pytest

from domain.accounts.sessions import Caller
from domain.chat.prompts.first_verbatim import FirstVerbatim
from domain.chat.prompts.prompt_reader import PromptReader
from domain.llm.port import Role
from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog
from domain.model.user import User
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_dialogs import said
from tests.domain.chat.test_long_dialogs import line, planted


@pytest.fixture
def prompts() -> PromptReader:
    return PromptReader(lambda _model: 24_000)


async def known(world: ChatWorld, prompts: PromptReader, person: Caller, dialog_id: int) -> list[str]:
    """Facts in the next prompt."""
    async with world.database.read() as db:
        user, dialog = await db.get_one(User, person.user_id), await db.get_one(Dialog, dialog_id)
        verbatim = await FirstVerbatim(prompts).of(db, user, dialog)
    assert verbatim.in_prompt
    return [each.text for each in verbatim.in_prompt.remembered.facts]


async def a_fact_near_the_end(world: ChatWorld, person: Caller) -> tuple[int, list[int]]:
    dialog, ids = await planted(world, person, line(201), text="Разговор о погоде за окном и о чае. " * 8)
    async with world.database.write() as db:
        db.add(MemoryFact(dialog_id=dialog, message_id=ids[197], text="Держит пасеку.", key_hash="1"))
        (await db.get_one(Dialog, dialog)).memory_version = 1
    return dialog, ids


async def test_after_undoing_a_deletion(world: ChatWorld, prompts: PromptReader) -> None:
    person = await world.somebody()
    dialog, ids = await a_fact_near_the_end(world, person)
    assert await known(world, prompts, person, dialog) == ["Держит пасеку."]
    await world.branches.delete(person, ids[195])
    assert await known(world, prompts, person, dialog) == []
    await world.branches.restore(person, ids[195])
    assert await known(world, prompts, person, dialog) == ["Держит пасеку."]


async def test_after_going_back_to_another_branch(world: ChatWorld, prompts: PromptReader) -> None:
    person = await world.somebody()
    dialog, ids = await a_fact_near_the_end(world, person)
    other = await said(world, dialog, "А если так?", below=ids[194])
    assert await known(world, prompts, person, dialog) == []
    await said(world, dialog, "Бывает и так.", role=Role.ASSISTANT)
    assert await known(world, prompts, person, dialog) == []
    await world.branches.delete(person, other)
    assert await known(world, prompts, person, dialog) == ["Держит пасеку."]

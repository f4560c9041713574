"""Fixtures: a dialog with a long past."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from domain.accounts.sessions import Caller
from domain.chat.tree.message_tree import add_below
from domain.llm.port import Role
from domain.memory.path_ids import PathIds
from domain.memory.recall.recall import recalled_for
from domain.memory.recall.sought import sought_in
from domain.memory.recall.words import index_some
from domain.memory.remembered import RecalledRound
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from storage.database import Database
from tests.domain.conftest import filled

ROOM = 4_000
NAMES = ("Марина", "Илья")


async def index_dialog(database: Database, dialog_id: int) -> None:
    """Index everything in a dialog that is not indexed yet."""
    behind = [dialog_id]
    while behind:
        behind = await index_some(database, behind)


@dataclass
class Past:
    """A dialog to which rounds are added, and whose rounds are recalled."""

    database: Database
    dialog_id: int

    async def say(self, *rounds: tuple[str, str], below: int | None = None) -> list[Message]:
        """Add rounds at the end of the path, or below a message."""
        async with self.database.write() as db:
            dialog = await db.get_one(Dialog, self.dialog_id)
            messages = [
                Message(dialog_id=dialog.id, role=role, text=text)
                for each in rounds
                for role, text in zip((Role.USER, Role.ASSISTANT), each, strict=True)
                if text
            ]
            messages[0].parent_id = below or dialog.leaf_id
            await add_below(db, dialog, *messages)
            return messages

    async def index(self) -> None:
        await index_dialog(self.database, self.dialog_id)

    async def recalled(
        self, question: str, *, before: int | None = None, led_to: Sequence[int] = ()
    ) -> tuple[RecalledRound, ...]:
        """Rounds recalled for a message at the end of the path; `before` is the first message that is verbatim."""
        sought = await asyncio.to_thread(sought_in, question, "", NAMES)
        async with self.database.read() as db:
            leaf_id = (await db.get_one(Dialog, self.dialog_id)).leaf_id
            path = await PathIds().of(db, leaf_id)
            before = before or (leaf_id or 0) + 1
            return await recalled_for(db, self.dialog_id, path, sought, before=before, room=ROOM, led_to=led_to)


@pytest.fixture
async def past(database: Database, ira: Caller) -> Past:
    return Past(database, await a_dialog(database, ira))


async def a_dialog(database: Database, person: Caller) -> int:
    async with database.write() as db:
        character: Character = filled(owner_id=person.user_id)
        db.add(character)
        await db.flush()
        dialog = Dialog(user_id=person.user_id, character_id=character.id)
        db.add(dialog)
        await db.flush()
        return dialog.id


@pytest.fixture
async def other_past(database: Database, boris: Caller) -> Past:
    return Past(database, await a_dialog(database, boris))

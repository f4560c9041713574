"""Test set-up: a dialog with facts, inserted as the worker would insert them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import update
from sqlmodel import col

from domain.accounts.sessions import Caller
from domain.chat.tree.message_tree import add_below
from domain.clock import now
from domain.llm.port import Role
from domain.memory.facts.fact_words import roots_of_word
from domain.memory.facts.facts import add_facts, all_facts_on, fact_candidates, facts_for, remember_change
from domain.memory.facts.known_facts import Known, NewFact, known_on
from domain.memory.overview import FactEntry
from domain.memory.path_ids import Path, PathIds
from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog, Message
from storage.database import Database
from tests.domain.conftest import filled

PLENTY = 10_000


@dataclass
class Talk:
    """A dialog and the path to its leaf."""

    database: Database
    dialog_id: int

    async def say(self, text: str, *, after: int | None = None, role: Role = Role.USER) -> int:
        """Add a message at the end of the path, or below another message; returns its id."""
        async with self.database.write() as db:
            dialog = await db.get_one(Dialog, self.dialog_id)
            message = Message(dialog_id=dialog.id, parent_id=after or dialog.leaf_id, role=role, text=text)
            await add_below(db, dialog, message)
            return message.id

    async def path(self, leaf_id: int | None = None) -> Path:
        async with self.database.read() as db:
            dialog = await db.get_one(Dialog, self.dialog_id)
            return await PathIds().of(db, leaf_id or dialog.leaf_id)

    async def learn(self, *facts: NewFact, leaf_id: int | None = None) -> list[int]:
        """Judge and add facts as if a model had found them on the path; returns their ids."""
        path = await self.path(leaf_id)
        async with self.database.read() as db:
            known = await known_on(db, self.dialog_id, path)
        judged = [
            replace(each, restates_id=same.id) if (same := known.held(each)) else each
            for each in facts
            if not known.has_taught(each) and not known.is_to_be_forgotten(each)
        ]
        async with self.database.write() as db:
            return await add_facts(db, self.dialog_id, judged, known=known)

    async def known(self, leaf_id: int | None = None, room: int = PLENTY) -> list[str]:
        path = await self.path(leaf_id)
        async with self.database.read() as db:
            return [each.text for each in await facts_for(db, self.dialog_id, path, room=room)]

    async def entries(self, leaf_id: int | None = None) -> list[FactEntry]:
        path = await self.path(leaf_id)
        async with self.database.read() as db:
            return await all_facts_on(db, self.dialog_id, path)

    async def judged_by(self) -> Known:
        path = await self.path()
        async with self.database.read() as db:
            return await known_on(db, self.dialog_id, path)

    async def forget(self, fact_id: int) -> None:
        path = await self.path()
        await self.change(fact_id, forgotten_at=now(), forgotten_upto=path.ids[-1])

    async def change(self, fact_id: int, **values: object) -> None:
        async with self.database.write() as db:
            await db.exec(update(MemoryFact).where(col(MemoryFact.id) == fact_id).values(values))
            await remember_change(db, self.dialog_id)

    async def led_to(self, *words: str) -> list[int]:
        path = await self.path()
        async with self.database.read() as db:
            found = await fact_candidates(db, self.dialog_id, path, [roots_of_word(each) for each in words])
        return [each.message_id for each in found]

    async def best_share(self, *words: str) -> float:
        """Largest share of these words that any one fact has."""
        path = await self.path()
        async with self.database.read() as db:
            found = await fact_candidates(db, self.dialog_id, path, [roots_of_word(each) for each in words])
        return max((each.share for each in found), default=0)


async def new_talk(database: Database, person: Caller) -> Talk:
    """A dialog in which nothing has been said yet."""
    async with database.write() as db:
        character = filled(owner_id=person.user_id)
        db.add(character)
        await db.flush()
        dialog = Dialog(user_id=person.user_id, character_id=character.id)
        db.add(dialog)
        await db.flush()
        return Talk(database, dialog.id)

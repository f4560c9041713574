"""Pattern learning: stores the facts that a person's messages state in so many words, without a model.

The keeper of memory does this after each reply when the demo model speaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from sqlmodel import col, select

from domain.llm.port import Role
from domain.memory.facts.fact_patterns import pattern_facts
from domain.memory.facts.facts import add_facts
from domain.memory.facts.known_facts import known_on
from domain.memory.path_ids import Path
from domain.model.dialog import Dialog, Message
from storage.database import LOCK_FOR_UPDATE, Database


async def learn_from(database: Database, dialog_id: int, path: Path, message_ids: Collection[int]) -> bool:
    """Store what these messages of the path teach; returns whether anything was new. The caller publishes the
    change.
    """
    async with database.read() as db:
        dialog = await db.get(Dialog, dialog_id)
        if dialog is None or dialog.memory_off:
            return False
        said = await db.exec(
            select(Message.id, Message.text)
            .where(col(Message.id).in_([each for each in message_ids if each in path]), Message.role == Role.USER)
            .where(col(Message.is_hidden_from_model).is_(False))
            .order_by(col(Message.id))
        )
        messages = [(each, text) for each, text in said]
        known = await known_on(db, dialog_id, path)
    facts = await asyncio.to_thread(pattern_facts, messages, known)
    if not facts:
        return False
    async with database.write() as db:
        dialog = await db.get(Dialog, dialog_id, with_for_update=LOCK_FOR_UPDATE)
        if dialog is None or dialog.memory_off:
            return False  # all of it was forgotten meanwhile
        return bool(await add_facts(db, dialog_id, facts, known=known))

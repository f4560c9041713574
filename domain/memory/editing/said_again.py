"""Said again: finds every message that says what the person wants forgotten, so that none is quoted or summarised."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.chapter_changes import exclude_messages, readmit_messages
from domain.memory.facts.fact_words import read, tokens
from domain.memory.recall.telling_words import telling_roots
from domain.memory.recall.words import INDEX, REPLIED, SAID, term
from domain.memory.rows import MemoryFact
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from storage.columns import in_ids
from storage.database import Database
from storage.full_text import SearchQuery

A_LONG_ONE = 5
"""One word in this many may be missing from a message, as when facts are believed (fact_belief.py)."""
MOST_HITS = 2_000
"""Maximum messages looked at per word."""
MOST_UNINDEXED = 1_000
"""Maximum messages searched whose words are not indexed yet, the newest ones."""


@dataclass(frozen=True)
class _Sought:
    words: Sequence[frozenset[str]]
    numbers: frozenset[int]

    @property
    def enough(self) -> int:
        return len(self.words) - len(self.words) // A_LONG_ONE

    def is_said_in(self, text: str) -> bool:
        said = read(text)
        return self.numbers <= said.numbers and sum(1 for each in self.words if each & said.roots) >= self.enough


async def messages_saying(database: Database, dialog_id: int, fact_id: int) -> list[int]:
    """The messages of the dialog that say what the fact says, by either speaker and on any branch."""
    about: Any = select(MemoryFact.text, Dialog.words_upto, Character.name, User.display_name)
    about = about.join(Dialog, col(Dialog.id) == MemoryFact.dialog_id).join(User, col(User.id) == Dialog.user_id)
    about = about.join(Character, col(Character.id) == Dialog.character_id)
    async with database.read() as db:
        found = await db.exec(about.where(MemoryFact.id == fact_id, MemoryFact.dialog_id == dialog_id))
        fact = found.first()
    if fact is None:
        return []
    sought = await asyncio.to_thread(_sought, fact.text, (fact.name, fact.display_name))
    if not sought.words and not sought.numbers:
        return []
    async with database.read() as db:
        texts = await _texts_with(db, dialog_id, sought, fact.words_upto)
    return await asyncio.to_thread(lambda: [each for each, text in texts if sought.is_said_in(text)])


async def leave_out(db: AsyncSession, fact: MemoryFact, message_ids: Collection[int]) -> None:
    """Forget these messages, and the one that the fact cites, along with the fact: each gets a row without words."""
    forgotten: dict[str, Any] = {"forgotten_at": fact.forgotten_at, "forgotten_upto": fact.forgotten_upto}
    others = {each for each in message_ids if each <= (fact.forgotten_upto or 0)} - {fact.message_id}
    for each in sorted(others):
        row = MemoryFact(dialog_id=fact.dialog_id, message_id=each, key_hash=fact.key_hash, replaces_id=fact.id)
        db.add(row.sqlmodel_update(forgotten))
    await exclude_messages(db, fact.dialog_id, others | ({fact.message_id} if fact.message_id else set()))


async def take_back(db: AsyncSession, fact: MemoryFact) -> None:
    """Undo `leave_out`."""
    own = (
        *(MemoryFact.replaces_id == fact.id, MemoryFact.key_hash == fact.key_hash, MemoryFact.text == ""),
        col(MemoryFact.forgotten_at).is_not(None),
    )
    others = [each for each in await db.exec(select(MemoryFact.message_id).where(*own)) if each is not None]
    await db.exec(delete(MemoryFact).where(*own))  # type: ignore[arg-type]  # comparisons of columns
    await readmit_messages(db, fact.dialog_id, {*others, *([fact.message_id] if fact.message_id else [])})


def _sought(text: str, names: Collection[str]) -> _Sought:
    """The words to look for. The speakers' names are among them only if there are no others: «Собеседника зовут
    Илья».
    """
    fact = read(text)
    of_speakers = frozenset(chain.from_iterable(telling_roots(word) for name in names for word in tokens(name)))
    words = [each for each in fact.words if not each & of_speakers]
    return _Sought(words or list(fact.words), fact.numbers)


async def _texts_with(db: AsyncSession, dialog_id: int, sought: _Sought, words_upto: int) -> list[tuple[int, str]]:
    """The ids and texts of the messages that may say it."""
    queries = [
        SearchQuery([[[term(dialog_id, root) for root in sorted(word)]]], (SAID, REPLIED)) for word in sought.words
    ]
    hits = Counter(chain.from_iterable(await INDEX.ids(db, queries, MOST_HITS)))
    indexed = [message_id for message_id, count in hits.items() if count >= sought.enough]
    there: Any = select(Message.id, Message.text).where(Message.dialog_id == dialog_id)
    unindexed = there.where(col(Message.id) > words_upto).order_by(col(Message.id).desc()).limit(MOST_UNINDEXED)
    among = there.where(in_ids(col(Message.id), indexed, db.get_bind().dialect.name))
    return [tuple(row) for query in (among, unindexed) for row in await db.exec(query)]

"""Semantic search: finds the messages of a path that mean what is asked for, by the vectors of facts and chapters.

A fact leads to the message it cites. A chapter covers some twenty messages, so it leads to those it says most about;
this finds messages even if the question has none of their words. What is found is quoted like any other message by
domain/memory/recall/recall.py, which checks that it may be.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.embeddings import Embedding, Embeddings
from domain.memory.meaning.vectors import standing_out
from domain.memory.path_ids import Path
from domain.memory.recall.ranks import by_rank
from domain.memory.recall.telling_words import roots_in
from domain.memory.recall.words import NOT_INDEXED
from domain.memory.rows import MemoryChapter, MemoryFact, MemoryVector
from domain.model.dialog import Message
from storage.columns import in_ids
from storage.database import Database

MOST_FACTS, MOST_CHAPTERS = 3, 2
"""Maximum results among those that stand out from the rest: there is always a nearest one, relevant or not."""
OF_A_CHAPTER = 2
"""Maximum messages that one chapter leads to."""


class Meaning:
    """The cost of a question is recorded later (`take_unpaid`), so that no reply waits for that transaction."""

    def __init__(self, database: Database, embeddings: Embeddings) -> None:
        self._database = database
        self._embeddings = embeddings
        self._unpaid: dict[int, list[Embedding]] = {}

    async def near(self, dialog_id: int, path: Path, question: str, *, before: int) -> list[int]:
        """The messages of the path before the message `before` that are near the question in meaning, the nearest
        first; none if the server does not answer at once.
        """
        asked = await self._embeddings.of_question(question)
        if asked is None:
            return []
        self._unpaid.setdefault(dialog_id, []).append(asked)
        if not asked.vector:
            return []
        async with self._database.read() as db:
            facts = await _vectors(db, _of_facts(dialog_id, self._embeddings.name), path, before)
            chapters = await _vectors(db, _of_chapters(dialog_id, self._embeddings.name), path, before)
            near_facts, near_chapters = await asyncio.to_thread(
                lambda: (
                    standing_out(asked.vector, facts, MOST_FACTS),
                    standing_out(asked.vector, chapters, MOST_CHAPTERS),
                )
            )
            chapters_near = await _with_messages(db, dialog_id, path, near_chapters)
        return await asyncio.to_thread(lambda: by_rank(near_facts, *(_closest_to(*each) for each in chapters_near)))

    def take_unpaid(self, dialog_id: int) -> list[Embedding]:
        """The embeddings of the questions asked about this dialog since the last call."""
        return self._unpaid.pop(dialog_id, [])

    @property
    def unpaid_dialogs(self) -> list[int]:
        return list(self._unpaid)


async def _vectors(db: AsyncSession, query: Any, path: Path, before: int) -> list[tuple[int, bytes]]:
    """The vectors about messages of the path before the message `before`."""
    return [(said, vector) for said, vector in await db.exec(query) if said < before and said in path]


def _of_facts(dialog_id: int, model: str) -> Any:
    columns: Any = select(MemoryFact.message_id, MemoryVector.vector)
    return columns.join(MemoryVector, col(MemoryVector.fact_id) == col(MemoryFact.id)).where(
        MemoryVector.dialog_id == dialog_id,
        MemoryVector.model == model,
        col(MemoryFact.forgotten_at).is_(None),
        col(MemoryFact.message_id).is_not(None),
    )


def _of_chapters(dialog_id: int, model: str) -> Any:
    """Chapters identified by their last message, which decides whether a chapter counts on a path. No two chapters of a
    path end at the same message.
    """
    columns: Any = select(MemoryChapter.last_id, MemoryVector.vector)
    return columns.join(MemoryVector, col(MemoryVector.chapter_id) == col(MemoryChapter.id)).where(
        MemoryVector.dialog_id == dialog_id, MemoryVector.model == model, MemoryChapter.level == 0
    )


async def _with_messages(
    db: AsyncSession, dialog_id: int, path: Path, last_ids: Sequence[int]
) -> list[tuple[str, list[tuple[int, str]]]]:
    """The text of each of these chapters, with the ids and texts of the messages it covers."""
    if not last_ids:
        return []
    found = await db.exec(
        select(MemoryChapter).where(
            MemoryChapter.dialog_id == dialog_id,
            MemoryChapter.level == 0,
            col(MemoryChapter.last_id).in_(last_ids),
        )
    )
    chapters = {each.last_id: each for each in found if each.text}
    covering = []
    for chapter in (chapters[each] for each in last_ids if each in chapters):
        ids = path.between(chapter.first_id - 1, chapter.last_id)
        readable = (
            in_ids(col(Message.id), ids, db.get_bind().dialect.name),
            ~col(Message.is_hidden_from_model),
            col(Message.state).not_in(NOT_INDEXED),
        )
        messages = select(Message.id, Message.text).where(*readable).order_by(col(Message.id))
        covering.append((chapter.text, [(each, text) for each, text in await db.exec(messages)]))
    return covering


def _closest_to(text: str, messages: Sequence[tuple[int, str]]) -> list[int]:
    """The messages that the chapter says most about. A word shared with the chapter weighs more the fewer messages have
    it. To be called in a thread.
    """
    in_chapter = set(roots_in(text))
    shared = {message_id: in_chapter.intersection(roots_in(said)) for message_id, said in messages}
    having = Counter(root for roots in shared.values() for root in roots)
    says = {message_id: sum(1 / having[root] for root in roots) for message_id, roots in shared.items() if roots}
    return sorted(says, key=lambda each: (-says[each], each))[:OF_A_CHAPTER]

"""Missing vectors: finds the facts and chapters that have no vector, and stores the vectors once they are made.

Sums of chapters get none, since they say what their chapters say. A new vector is stored only if its text is still the
same. When a text changes or is forgotten, its vector is deleted (domain/memory/chapter_changes.py,
domain/memory/editing/dialog_memory.py); when its row is deleted, the database deletes the vector too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.own_dialog import lock_talk
from domain.llm.embeddings import Embedding
from domain.memory.meaning.vectors import packed
from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact, MemoryVector
from domain.usage.usage import Used, add_memory
from storage.database import Database
from storage.upsert import insert_into

AT_ONCE = 20
"""Number of texts embedded before the database and the budget are checked again."""


@dataclass(frozen=True)
class Unembedded:
    """The text of a fact or chapter that has no vector; the id of the one it belongs to is set."""

    text: str
    fact_id: int | None = None
    chapter_id: int | None = None


async def without_vector(db: AsyncSession, dialog_id: int, model: str, after: Unembedded | None) -> list[Unembedded]:
    """Up to `AT_ONCE` texts after `after` that have no vector by this model, facts first."""
    last_fact, last_chapter = (after.fact_id, after.chapter_id or 0) if after else (0, 0)
    found: list[Unembedded] = []
    if last_fact is not None:
        has_one = _has_one(col(MemoryVector.fact_id) == col(MemoryFact.id), model)
        facts = _facts(dialog_id).where(~has_one, col(MemoryFact.id) > last_fact).order_by(col(MemoryFact.id))
        found += [_of_fact(*row) for row in await db.exec(facts.limit(AT_ONCE))]
    if left := AT_ONCE - len(found):
        has_one = _has_one(col(MemoryVector.chapter_id) == col(MemoryChapter.id), model)
        chapters = _chapters(dialog_id).where(~has_one, col(MemoryChapter.id) > last_chapter)
        chapters = chapters.order_by(col(MemoryChapter.id)).limit(left)
        found += [_of_chapter(*row) for row in await db.exec(chapters)]
    return found


async def keep(
    database: Database, dialog_id: int, model: str, made: Iterable[tuple[Unembedded, Embedding]], used: Sequence[Used]
) -> None:
    """Store the vectors whose texts are still the same and that no other instance has stored; count `used` in any
    case.
    """
    async with database.write() as db:
        talk = await lock_talk(db, dialog_id)
        if talk is None:
            return
        for each in used:
            await add_memory(db, dialog_id, *talk, each)
        vectors = dict(made)
        fact_ids = [each.fact_id for each in vectors if each.fact_id]
        chapter_ids = [each.chapter_id for each in vectors if each.chapter_id]
        facts = await db.exec(_facts(dialog_id).where(col(MemoryFact.id).in_(fact_ids)))
        chapters = await db.exec(_chapters(dialog_id).where(col(MemoryChapter.id).in_(chapter_ids)))
        there = [*(_of_fact(*row) for row in facts), *(_of_chapter(*row) for row in chapters)]
        rows = [
            {"dialog_id": dialog_id, "fact_id": each.fact_id, "chapter_id": each.chapter_id, "model": model}
            | {"vector": packed(vectors[each].vector)}
            for each in there
            if each in vectors
        ]
        if rows:
            await db.exec(insert_into(MemoryVector, database.dialect).values(rows).on_conflict_do_nothing())


def _facts(dialog_id: int) -> Any:
    columns: Any = select(MemoryFact.id, MemoryFact.text, MemoryFact.keys)
    return columns.where(
        MemoryFact.dialog_id == dialog_id, col(MemoryFact.forgotten_at).is_(None), MemoryFact.text != ""
    )


def _chapters(dialog_id: int) -> Any:
    columns: Any = select(MemoryChapter.id, MemoryChapter.text)
    has_text = MemoryChapter.state == ChapterState.DONE, MemoryChapter.text != ""
    return columns.where(MemoryChapter.dialog_id == dialog_id, MemoryChapter.level == 0, *has_text)


def _has_one(of_it: Any, model: str) -> Any:
    return select(MemoryVector.id).where(of_it, MemoryVector.model == model).exists()


def _of_fact(fact_id: int, text: str, keys: str) -> Unembedded:
    return Unembedded(f"{text} {keys}".strip(), fact_id=fact_id)


def _of_chapter(chapter_id: int, text: str) -> Unembedded:
    return Unembedded(text, chapter_id=chapter_id)

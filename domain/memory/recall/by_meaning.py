"""Recall by meaning: vectors of facts, made after these are, and the messages whose facts are nearest a question."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.embeddings import Embeddings
from domain.memory.events import MemoryChanged
from domain.memory.path_ids import Path
from domain.memory.recall.vectors import nearest, packed
from domain.memory.rows import MemoryFact, MemoryVector
from domain.model.dialog import Dialog
from storage.bus import Bus
from storage.database import LOCK_FOR_REFERENCE, Database, DatabaseUnavailable
from storage.upsert import insert_into

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Facts whose vectors are made between two looks at the database."""
MOST_NEAR = 3
"""There is always a nearest one, to the point or not."""


async def near_messages(
    database: Database, embeddings: Embeddings, dialog_id: int, path: Path, question: str
) -> list[int]:
    """The messages of the path whose facts are nearest to the question, the nearest first; none if the server does not
    say at once.
    """
    asked = await embeddings.of_question(question)
    if asked is None:
        return []
    async with database.read() as db:
        kept = [(said, vector) for said, vector in await _vectors(db, dialog_id, embeddings.name) if said in path]
    return list(dict.fromkeys(await asyncio.to_thread(nearest, asked, kept, MOST_NEAR)))


async def _vectors(db: AsyncSession, dialog_id: int, model: str) -> list[tuple[int, bytes]]:
    columns: Any = select(MemoryFact.message_id, MemoryVector.vector)
    of_facts = columns.join(MemoryVector, col(MemoryVector.fact_id) == col(MemoryFact.id)).where(
        MemoryVector.dialog_id == dialog_id,
        MemoryVector.model == model,
        col(MemoryFact.forgotten_at).is_(None),
        col(MemoryFact.message_id).is_not(None),
    )
    return [(said, vector) for said, vector in await db.exec(of_facts)]


async def embed_missing(database: Database, embeddings: Embeddings, dialog_id: int) -> None:
    """Make the vectors of the dialog's facts that have none by this model, as long as the server gives any."""
    while await _embed_some(database, embeddings, dialog_id):
        pass


async def _embed_some(database: Database, embeddings: Embeddings, dialog_id: int) -> bool:
    """Whether there may be more."""
    has_one = select(MemoryVector.id).where(
        col(MemoryVector.fact_id) == col(MemoryFact.id), MemoryVector.model == embeddings.name
    )
    columns: Any = select(MemoryFact.id, MemoryFact.text, MemoryFact.keys)
    missing = columns.where(
        MemoryFact.dialog_id == dialog_id, col(MemoryFact.forgotten_at).is_(None), ~has_one.exists()
    )
    async with database.read() as db:
        facts = list(await db.exec(missing.order_by(col(MemoryFact.id)).limit(AT_ONCE)))
    made: list[dict[str, Any]] = []
    for fact_id, text, keys in facts:
        vector = await embeddings.of_text(f"{text} {keys}".strip())
        if vector is None:
            break
        own = {"dialog_id": dialog_id, "fact_id": fact_id, "model": embeddings.name}
        made.append(own | {"vector": packed(vector)})
    if made:
        await _keep(database, dialog_id, made)
    return len(made) == AT_ONCE


async def _keep(database: Database, dialog_id: int, made: list[dict[str, Any]]) -> None:
    """Of facts that are still there; another instance may have been quicker."""
    ids = [each["fact_id"] for each in made]
    async with database.write() as db:
        if await db.get(Dialog, dialog_id, with_for_update=LOCK_FOR_REFERENCE) is None:
            return
        there = set(await db.exec(select(MemoryFact.id).where(col(MemoryFact.id).in_(ids))))
        rows = [each for each in made if each["fact_id"] in there]
        if rows:
            adding = insert_into(MemoryVector, database.dialect).values(rows)
            await db.exec(adding.on_conflict_do_nothing(index_elements=["fact_id", "model"]))


class MeaningIndex:
    """A background job: makes the vectors of dialogs whose memory this instance has changed, one after the other."""

    def __init__(self, database: Database, bus: Bus, embeddings: Embeddings) -> None:
        self._database = database
        self._bus = bus
        self._embeddings = embeddings
        self._wanted: dict[int, None] = {}
        self._is_wanted = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._bus.subscribe_to_all(MemoryChanged, self._want, own_only=True)
        self._work = asyncio.create_task(self._make_what_is_wanted(), name="vectors of what is remembered")

    async def close(self) -> None:
        if self._work:
            self._work.cancel()
            await asyncio.wait({self._work})

    def _want(self, fact: MemoryChanged) -> None:
        self._wanted[fact.about] = None
        self._is_wanted.set()

    async def _make_what_is_wanted(self) -> None:
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            while self._wanted:
                dialog_id = next(iter(self._wanted))
                del self._wanted[dialog_id]
                try:
                    await embed_missing(self._database, self._embeddings, dialog_id)
                except (DatabaseUnavailable, SQLAlchemyError) as error:
                    log.warning("Vectors of dialog %s could not be kept: %s", dialog_id, error)

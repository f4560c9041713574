"""Stores a summary, or discards it if its material has changed, in one transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.own_dialog import lock_talk
from domain.clock import now
from domain.memory.chapter_changes import drop_vector, edited
from domain.memory.chapter_rows import Job, is_ours
from domain.memory.facts.known_facts import NewFact
from domain.memory.path_ids import Path
from domain.memory.rows import ChapterState, MadeBy, MemoryChapter
from domain.memory.summaries.chapter_facts import KnownBefore, keep_facts
from domain.memory.summaries.material import Material, is_unchanged
from domain.memory.summaries.summariser import Summary
from domain.model.dialog import Dialog
from domain.usage.usage import Used, add_memory
from storage.database import LOCK_FOR_UPDATE, Database

log = logging.getLogger(__name__)


class Written(Enum):
    STORED = auto()
    STALE = auto()  # its material has changed
    NOT_OURS = auto()  # somebody else took it over, the person wrote it meanwhile, or it is gone


@dataclass(frozen=True)
class Made:
    """The result of a job."""

    summary: Summary
    known: KnownBefore
    facts: Sequence[NewFact]


async def write(database: Database, job: Job, path: Path, material: Material, *, made: Made, used: Used) -> Written:
    """Store the summary if the job is still ours and the material is unchanged; count the cost in any case."""
    async with database.write() as db:
        talk = await lock_talk(db, job.dialog_id)
        if talk is None:
            return Written.NOT_OURS  # the account was deleted, and the dialog with it
        if used.tokens_in or used.tokens_out:
            await add_memory(db, job.dialog_id, *talk, used)
        dialog = await db.get_one(Dialog, job.dialog_id)
        row = (await db.exec(select(MemoryChapter).where(is_ours(job)).with_for_update(**LOCK_FOR_UPDATE))).first()
        if row is None:
            return Written.NOT_OURS
        if dialog.memory_off or not await is_unchanged(db, job, path, material):
            await _throw_away(db, row)
            return Written.STALE
        dialog.memory_version += 1
        if _failed_to_retell(row, made.summary):
            _keep(row, made.summary.fault)
            return Written.STORED
        was_retold = row.is_retold
        _fill(row, made.summary, used)
        await db.flush()
        if was_retold:
            await drop_vector(db, row)
            await edited(db, row)
        await keep_facts(db, job, made.facts, made.known)
        return Written.STORED


async def count_usage(database: Database, job: Job, used: Used) -> None:
    """Count the cost of a summary that was broken off or failed."""
    async with database.write() as db:
        if talk := await lock_talk(db, job.dialog_id):
            await add_memory(db, job.dialog_id, *talk, used)


def _failed_to_retell(row: MemoryChapter, summary: Summary) -> bool:
    """Whether only excerpts came of retelling a chapter: they are no better than the text it has."""
    return row.is_retold and bool(row.text) and summary.made_by == MadeBy.EXCERPTS and bool(summary.fault)


def _keep(row: MemoryChapter, fault: str) -> None:
    """Keep the old text, and let the person know that it could not be retold."""
    row.state, row.lease_until, row.try_after, row.is_retold = ChapterState.DONE, None, None, False
    row.fault, row.reference = fault, secrets.token_hex(4)
    words = (row.dialog_id, fault, row.reference)
    log.warning("A chapter of dialog %s stays as it was: %s [%s]", *words, extra={"reference": row.reference})


def _fill(row: MemoryChapter, summary: Summary, used: Used) -> None:
    row.text, row.made_by, row.state = summary.text, summary.made_by, ChapterState.DONE
    row.lease_until, row.try_after, row.fault, row.reference = None, None, summary.fault, ""
    row.is_retold, row.edited_at = False, None
    row.model = used.model if summary.made_by == MadeBy.MODEL else ""
    row.tokens_in, row.tokens_out, row.cost = used.tokens_in, used.tokens_out, used.cost
    row.made_at = now()


async def _throw_away(db: AsyncSession, row: MemoryChapter) -> None:
    """Delete a row that never had a text, so that its part is planned anew; let any other row be made anew."""
    if not row.text and row.edited_at is None:
        await db.exec(delete(MemoryChapter).where(col(MemoryChapter.id) == row.id))
        return
    row.state, row.lease_until, row.try_after = ChapterState.FAILED, None, None


async def drop(database: Database, job: Job) -> None:
    """Delete the row of a job whose messages are on no path any more."""
    async with database.write() as db:
        await db.exec(delete(MemoryChapter).where(is_ours(job)))


def freeing() -> Any:
    """Frees all rows when the only process of a SQLite file starts: nobody works on anything then."""
    running = update(MemoryChapter).where(col(MemoryChapter.state) == ChapterState.RUNNING)
    return running.values(state=ChapterState.FAILED, lease_until=None)

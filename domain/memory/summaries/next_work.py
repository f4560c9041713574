"""What is to be done next for a dialog's memory, looked up in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.path_message import PathMessage
from domain.memory.chapter_plan import (
    BY_ITSELF,
    NEIGHBOURS,
    Sizes,
    Span,
    chain,
    chapters_due,
    next_chapter,
    next_digest,
    next_sum,
)
from domain.memory.chapter_rows import newest_on, nodes_between, unfinished
from domain.memory.forgotten import forgotten_upto
from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST, MemoryChapter
from domain.model.dialog import Dialog, Message

CHUNK = 100
"""Messages looked at per query."""


@dataclass(frozen=True)
class Work:
    """What is to be summarised; `row` is there if somebody has begun it before."""

    span: Span
    row: MemoryChapter | None = None


@dataclass(frozen=True)
class Tail:
    """What no chapter covers: its beginning, as far as it was read, and how many chapters that makes."""

    messages: list[PathMessage]
    due: int

    @property
    def is_backlog(self) -> bool:
        """So much that the person is asked before it is read."""
        return self.due > BY_ITSELF


async def next_work(db: AsyncSession, dialog: Dialog, path: Path, sizes: Sizes, *, sums_too: bool) -> Work | None:
    """What was left half-way first, then sums, chapters, and the digest last: while chapters are due it would soon be
    made anew. `sums_too`: something was finished, so sums and digest may be due as well.
    """
    if left := await unfinished(db, dialog.id):
        row = left[0]
        return Work(Span(row.level, row.first_id, row.last_id, row.covered), row)
    if not len(path):
        return None
    if sums_too and (span := await _due_sum(db, dialog.id, path)):
        return Work(span)
    tail = await tail_of(db, dialog.id, path, sizes)
    is_asked_for = dialog.reads_backlog or not (tail.is_backlog or await _was_forgotten(db, dialog.id, tail))
    if is_asked_for and (span := next_chapter(tail.messages, sizes)):
        return Work(span)
    if sums_too:
        newest_sum = await newest_on(db, dialog.id, path, 1)
        digest = await newest_on(db, dialog.id, path, DIGEST)
        if span := next_digest(newest_sum, digest, path):
            return Work(span)
    return None


async def _was_forgotten(db: AsyncSession, dialog_id: int, tail: Tail) -> bool:
    """Whether it begins before everything was forgotten, which the person is asked about as well."""
    return bool(tail.messages) and tail.messages[0].id <= await forgotten_upto(db, dialog_id)


async def _due_sum(db: AsyncSession, dialog_id: int, path: Path) -> Span | None:
    for level in range(DIGEST - 1):
        above = await newest_on(db, dialog_id, path, level + 1)
        after = above.last_id if above else 0
        found = (await nodes_between(db, dialog_id, after, path.ids[-1], levels=[level])).get(level, [])
        neighbours = chain(found, path, after)
        if span := next_sum(neighbours):
            return span
        if above is None and len(neighbours) < NEIGHBOURS:
            return None
    return None


async def tail_of(db: AsyncSession, dialog_id: int, path: Path, sizes: Sizes) -> Tail:
    """Read as far as it takes to say what is next, and whether it is a backlog."""
    after = await covered_upto(db, dialog_id, path)
    ids = path.between(after, path.ids[-1])
    messages: list[PathMessage] = []
    due = 0
    for start in range(0, len(ids), CHUNK):
        messages += await outline_of(db, list(ids[start : start + CHUNK]))
        due = chapters_due(messages, sizes)
        if due > BY_ITSELF:
            break
    return Tail(messages, due)


async def covered_upto(db: AsyncSession, dialog_id: int, path: Path) -> int:
    """The last message of the path up to which chapters follow one another, made or being made; 0: none do."""
    above = await newest_on(db, dialog_id, path, 1)
    after = above.last_id if above else 0
    found = await nodes_between(db, dialog_id, after, path.ids[-1], levels=[0])
    chapters = chain(found.get(0, []), path, after)
    return chapters[-1].last_id if chapters else after


async def outline_of(db: AsyncSession, ids: list[int]) -> list[PathMessage]:
    """These messages without their texts."""
    columns: tuple[Any, ...] = (
        *(Message.id, Message.role, Message.state, func.length(func.trim(col(Message.text)))),
        *(Message.parent_id, Message.is_hidden_from_model),
    )
    found: Any = await db.exec(select(*columns).where(col(Message.id).in_(ids)).order_by(col(Message.id)))
    return [PathMessage(*row) for row in found]

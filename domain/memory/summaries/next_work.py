"""Next work: looks up in the database what is to be done next for a dialog's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, literal
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Role
from domain.memory.chapter_plan import (
    BY_ITSELF,
    NEIGHBOURS,
    SHORTEST_WEIGHT,
    Node,
    Sizes,
    Span,
    chain,
    chapters_due,
    next_chapter,
    next_digest,
    next_of_a_gap,
    next_sum,
)
from domain.memory.chapter_rows import newest_on, nodes_between, unfinished
from domain.memory.forgotten import forgotten_upto
from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST, MemoryChapter
from domain.model.dialog import Dialog, Message

CHUNK = 100
"""Maximum messages looked at per query."""
SHORT = 400
"""Number of messages from which on a talk is not short. No more lengths than this are added up after each reply."""
_FIRST = select(Message.text).where(Message.dialog_id == bindparam("dialog")).limit(SHORT).subquery()
_LENGTHS = select(func.count(), func.sum(func.length(_FIRST.c.text) + literal(SHORTEST_WEIGHT))).select_from(_FIRST)


@dataclass(frozen=True)
class Work:
    """A span to be summarised; `row` is set if somebody has begun it already."""

    span: Span
    row: MemoryChapter | None = None


@dataclass(frozen=True)
class Backlog:
    """So much that the person is asked before it is read. It ends at `upto`, and what follows may stay verbatim."""

    upto: int


@dataclass(frozen=True)
class Coverage:
    """Extent of the path that chapters cover, including those being made and parts to be left unread: `upto` is the
    last message (0: none). If a chapter follows after a gap, `goes_on_at` is its first message.
    """

    upto: int
    goes_on_at: int | None = None


async def is_short(db: AsyncSession, dialog_id: int, sizes: Sizes) -> bool:
    """Whether all that was said in the dialog, on whatever path, is less than the first chapter needs. Most talks are
    that short for a while, and this takes one statement after a reply instead of the six by which `next_work` would
    tell.
    """
    messages, length = (await db.exec(_LENGTHS, params={"dialog": dialog_id})).one()
    return messages < SHORT and (length or 0) < sizes.verbatim + sizes.chapter


async def next_work(
    db: AsyncSession, dialog: Dialog, path: Path, sizes: Sizes, *, sums_too: bool
) -> Work | Backlog | None:
    """The next work: first what was left unfinished, then sums, then chapters. The digest comes last, since each new
    chapter may soon outdate it. `sums_too`: something was finished, so sums and the digest may be due as well.
    """
    if left := await unfinished(db, dialog.id):
        row = left[0]
        return Work(Span(row.level, row.first_id, row.last_id, row.covered), row)
    if not len(path):
        return None
    if sums_too and (span := await _due_sum(db, dialog.id, path)):
        return Work(span)
    found = await _due_chapter(db, dialog, path, sizes)
    if found:
        return Work(found) if isinstance(found, Span) else found
    if sums_too:
        newest_sum = await newest_on(db, dialog.id, path, 1)
        digest = await newest_on(db, dialog.id, path, DIGEST)
        if span := next_digest(newest_sum, digest, path):
            return Work(span)
    return None


async def _due_sum(db: AsyncSession, dialog_id: int, path: Path) -> Span | None:
    """The next sum, of neighbours without a gap between them."""
    for level in range(DIGEST - 1):
        above = await newest_on(db, dialog_id, path, level + 1)
        after = above.last_id if above else 0
        found = (await nodes_between(db, dialog_id, after, path.ids[-1], levels=[level])).get(level, [])
        neighbours = chain(found, path, after, over_gaps_upto=path.ids[-1])
        for run in _without_gaps(neighbours, path):
            if span := next_sum(run):
                return span
        if above is None and len(neighbours) < NEIGHBOURS:
            return None
    return None


def _without_gaps(nodes: Sequence[Node], path: Path) -> list[list[Node]]:
    runs: list[list[Node]] = []
    end = None
    for each in nodes:
        if end is None or path.number(each.first_id) - 1 != end:
            runs.append([])
        runs[-1].append(each)
        end = path.number(each.last_id)
    return runs


async def _due_chapter(db: AsyncSession, dialog: Dialog, path: Path, sizes: Sizes) -> Span | Backlog | None:
    covered = await coverage_of(db, dialog.id, path, await left_unread_upto(db, dialog))
    ids = path.between(covered.upto, covered.goes_on_at - 1 if covered.goes_on_at else path.ids[-1])
    messages, due = await _read(db, ids, sizes)
    if due > BY_ITSELF and not dialog.reads_backlog:
        if covered.goes_on_at:
            return Backlog(ids[-1])
        upto = await _before_what_stays(db, ids, sizes)
        return Backlog(upto) if upto else None
    if covered.goes_on_at:
        return next_of_a_gap(messages, sizes, is_all=len(messages) == len(ids))
    return next_chapter(messages, sizes)


async def _read(db: AsyncSession, ids: Sequence[int], sizes: Sizes) -> tuple[list[PathMessage], int]:
    """The first of these messages, as many as it takes to decide what is next and whether this is a backlog; and the
    number of chapters they make.
    """
    messages: list[PathMessage] = []
    due = 0
    for start in range(0, len(ids), CHUNK):
        messages += await outline_of(db, list(ids[start : start + CHUNK]))
        due = chapters_due(messages, sizes)
        if due > BY_ITSELF:
            break
    return messages, due


async def _before_what_stays(db: AsyncSession, ids: Sequence[int], sizes: Sizes) -> int:
    """The last reply before the part that may stay verbatim; 0 if there is none."""
    said = 0
    for end in range(len(ids), 0, -CHUNK):
        for each in reversed(await outline_of(db, list(ids[max(0, end - CHUNK) : end]))):
            said += each.length if each.counts else 0
            if said > sizes.verbatim and each.role == Role.ASSISTANT and each.counts:
                return each.id
    return 0


async def left_unread_upto(db: AsyncSession, dialog: Dialog) -> int:
    """The last message that is left unread: of a long old talk, or of what was said before everything was forgotten."""
    return max(dialog.unread_upto, await forgotten_upto(db, dialog.id))


async def coverage_of(db: AsyncSession, dialog_id: int, path: Path, unread_upto: int) -> Coverage:
    """Extent of the path that chapters cover. Parts up to `unread_upto` count as covered."""
    above = await newest_on(db, dialog_id, path, 1)
    after = above.last_id if above else 0
    found = (await nodes_between(db, dialog_id, after, path.ids[-1], levels=[0])).get(0, [])
    chapters = chain(found, path, after, over_gaps_upto=unread_upto)
    upto = max(chapters[-1].last_id if chapters else after, unread_upto)
    behind = [each.first_id for each in found if each.first_id > upto and each.last_id in path]
    return Coverage(upto, min(behind, default=None))


async def gaps_of(db: AsyncSession, dialog_id: int, path: Path, unread_upto: int) -> list[tuple[int, int]]:
    """The parts of the path that are left unread, as (message before the part, last message)."""
    if not unread_upto:
        return []
    found = (await nodes_between(db, dialog_id, 0, path.ids[-1], levels=[0])).get(0, [])
    gaps: list[tuple[int, int]] = []
    after = 0
    for each in chain(found, path, over_gaps_upto=unread_upto):
        if path.number(each.first_id) - 1 > path.number(after):
            gaps.append((after, each.first_id - 1))
        after = each.last_id
    if path.number(after) < path.number(unread_upto):
        gaps.append((after, unread_upto))
    return gaps


async def outline_of(db: AsyncSession, ids: list[int]) -> list[PathMessage]:
    """These messages without their texts."""
    columns: tuple[Any, ...] = (
        *(Message.id, Message.role, Message.state, func.length(func.trim(col(Message.text)))),
        *(Message.parent_id, Message.is_hidden_from_model),
    )
    found: Any = await db.exec(select(*columns).where(col(Message.id).in_(ids)).order_by(col(Message.id)))
    return [PathMessage(*row) for row in found]

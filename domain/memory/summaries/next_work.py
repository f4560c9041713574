"""What is to be done next for a dialog's memory, looked up in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Role
from domain.memory.chapter_plan import (
    BY_ITSELF,
    NEIGHBOURS,
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
"""Messages looked at per query."""


@dataclass(frozen=True)
class Work:
    """What is to be summarised; `row` is there if somebody has begun it before."""

    span: Span
    row: MemoryChapter | None = None


@dataclass(frozen=True)
class Backlog:
    """So much that the person is asked before it is read. `upto` leaves of the talk what may stay verbatim."""

    upto: int


@dataclass(frozen=True)
class Told:
    """Up to which message of the path chapters follow one another, made or being made, but for what nobody wants read
    (0: none do); and the message with which one behind a gap begins, if there is any.
    """

    upto: int
    goes_on_at: int | None = None


async def next_work(
    db: AsyncSession, dialog: Dialog, path: Path, sizes: Sizes, *, sums_too: bool
) -> Work | Backlog | None:
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
    """Of neighbours that no gap parts."""
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
    told = await told_upto(db, dialog.id, path, await left_unread_upto(db, dialog))
    ids = path.between(told.upto, told.goes_on_at - 1 if told.goes_on_at else path.ids[-1])
    messages, due = await _read(db, ids, sizes)
    if due > BY_ITSELF and not dialog.reads_backlog:
        if told.goes_on_at:
            return Backlog(ids[-1])
        upto = await _before_what_stays(db, ids, sizes)
        return Backlog(upto) if upto else None
    if told.goes_on_at:
        return next_of_a_gap(messages, sizes, is_all=len(messages) == len(ids))
    return next_chapter(messages, sizes)


async def _read(db: AsyncSession, ids: Sequence[int], sizes: Sizes) -> tuple[list[PathMessage], int]:
    """The first of these messages, as far as it takes to say what is next and whether it is a backlog, and how many
    chapters they make.
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
    """The last reply before the end of these messages that may stay verbatim."""
    said = 0
    for end in range(len(ids), 0, -CHUNK):
        for each in reversed(await outline_of(db, list(ids[max(0, end - CHUNK) : end]))):
            said += each.length if each.counts else 0
            if said > sizes.verbatim and each.role == Role.ASSISTANT and each.counts:
                return each.id
    return 0


async def left_unread_upto(db: AsyncSession, dialog: Dialog) -> int:
    """The last message of what nobody wants read: a long old talk, or what was there when everything was forgotten."""
    return max(dialog.unread_upto, await forgotten_upto(db, dialog.id))


async def told_upto(db: AsyncSession, dialog_id: int, path: Path, unread_upto: int) -> Told:
    """Chapters that stand between parts that nobody wants read count as well."""
    above = await newest_on(db, dialog_id, path, 1)
    after = above.last_id if above else 0
    found = (await nodes_between(db, dialog_id, after, path.ids[-1], levels=[0])).get(0, [])
    chapters = chain(found, path, after, over_gaps_upto=unread_upto)
    upto = max(chapters[-1].last_id if chapters else after, unread_upto)
    behind = [each.first_id for each in found if each.first_id > upto and each.last_id in path]
    return Told(upto, min(behind, default=None))


async def gaps_of(db: AsyncSession, dialog_id: int, path: Path, unread_upto: int) -> list[tuple[int, int]]:
    """What of the path nobody wants read: after which messages, and up to which."""
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

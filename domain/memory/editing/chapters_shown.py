"""Chapters as a person sees them: the digest, and for each part of the path the coarsest text that covers it.

A long talk has a thousand chapters, most of them covered by sums. So they are first read without their texts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.instances.leases import leases_now
from domain.memory.overview import ChapterEntry
from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST, ChapterState, MadeBy, MemoryChapter
from domain.model.dialog import Message


@dataclass(frozen=True)
class Outline:
    """A chapter without its text."""

    id: int
    level: int
    first_id: int
    last_id: int
    made_by: MadeBy
    fault: str
    has_text: bool
    """Whether it has a text, even an outdated one."""
    is_running: bool
    """Whether it is being made, or waits to be made anew."""
    is_waiting: bool = False
    """Whether it could not be made, so that another attempt follows."""


async def chapters_on(db: AsyncSession, dialog_id: int, path: Path) -> list[Outline]:
    """All chapters, sums and digests of the path, ordered by their last message."""
    found = await db.exec(_outlines().where(MemoryChapter.dialog_id == dialog_id))
    return [outline for row in found if (outline := Outline(*row)).last_id in path]


def shown_of(chapters: Sequence[Outline]) -> list[Outline]:
    """The chapters, sums and digest to be shown, the digest last."""
    sums = sorted((each for each in chapters if each.has_text and 0 < each.level < DIGEST), key=_beginning)
    above = [_Reach([each for each in sums if each.level > level]) for level in range(DIGEST)]
    shown = [each for each in chapters if each.level != DIGEST and not above[each.level].covers(each)]
    digests = [each for each in chapters if each.level == DIGEST and each.has_text]
    return [each for each in shown if each.has_text or each.is_running or each.fault] + digests[-1:]


def summed_up_of(chapters: Sequence[Outline]) -> list[Outline]:
    """The chapters that are not shown because a sum of them is."""
    shown = {each.id for each in shown_of(chapters)}
    return [each for each in chapters if each.level == 0 and each.has_text and each.id not in shown]


def _beginning(chapter: Outline) -> int:
    return chapter.first_id


class _Reach:
    """Index of how far sums reach, by where they begin. It is built from sums in the order of their beginnings."""

    def __init__(self, sums: Sequence[Outline]) -> None:
        self._beginnings = [each.first_id for each in sums]
        self._ends = list(accumulate((each.last_id for each in sums), max))

    def covers(self, chapter: Outline) -> bool:
        begun = bisect_right(self._beginnings, chapter.first_id)
        return begun > 0 and self._ends[begun - 1] >= chapter.last_id


async def entries_of(db: AsyncSession, chapters: Sequence[Outline], path: Path) -> list[ChapterEntry]:
    """The chapters with their texts, in reverse: the digest first, then the newest."""
    found = await db.exec(_TEXTS.where(col(MemoryChapter.id).in_([each.id for each in chapters])))
    texts = {chapter_id: more for chapter_id, *more in found}
    return [_entry(each, path, texts[each.id]) for each in reversed(chapters) if each.id in texts]


def _entry(chapter: Outline, path: Path, more: Sequence[Any]) -> ChapterEntry:
    text, reference, began_at, ended_at = more
    return ChapterEntry(
        id=chapter.id,
        level=chapter.level,
        first_id=chapter.first_id,
        last_id=chapter.last_id,
        first_number=path.number(chapter.first_id),
        last_number=path.number(chapter.last_id),
        began_at=began_at,
        ended_at=ended_at,
        text=text,
        made_by=chapter.made_by,
        is_running=chapter.is_running,
        is_waiting=chapter.is_waiting,
        reference=reference,
    )


def _outlines() -> Any:
    state, fault = col(MemoryChapter.state), col(MemoryChapter.fault)
    is_being_made = and_(state == ChapterState.RUNNING, col(MemoryChapter.lease_until) > leases_now())
    is_running = or_(is_being_made, and_(state == ChapterState.FAILED, fault == ""))
    is_waiting = and_(state == ChapterState.FAILED, fault != "")
    place: tuple[Any, ...] = (MemoryChapter.id, MemoryChapter.level, MemoryChapter.first_id, MemoryChapter.last_id)
    made: tuple[Any, ...] = (
        MemoryChapter.made_by,
        MemoryChapter.fault,
        MemoryChapter.text != "",
        is_running,
        is_waiting,
    )
    columns = (*place, *made)
    return select(*columns).order_by(col(MemoryChapter.last_id), col(MemoryChapter.level), col(MemoryChapter.id))


def _texts() -> Any:
    first, last = aliased(Message), aliased(Message)
    text: tuple[Any, ...] = (MemoryChapter.id, MemoryChapter.text, MemoryChapter.reference)
    columns = (*text, first.created_at, last.created_at)
    return (
        select(*columns)
        .join(first, col(first.id) == col(MemoryChapter.first_id))
        .join(last, col(last.id) == col(MemoryChapter.last_id))
    )


_TEXTS = _texts()

"""Facts that come with a chapter: what the model is told as known, and what of its lines is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.chapter_rows import Job
from domain.memory.path_ids import Path
from domain.memory.summaries.material import Material


@dataclass(frozen=True)
class FactsOfChapter:
    """What was known before a chapter was asked for, and what its lines taught."""

    offered: Sequence[str] = ()
    found: Sequence[object] = field(default=())


async def known_before(_db: AsyncSession, _job: Job, _path: Path, _material: Material) -> FactsOfChapter:
    """What holds on the path to the chapter's end and may be about what is said in it."""
    return FactsOfChapter()


async def believed(facts: FactsOfChapter, _lines: Sequence[str], _material: Material) -> FactsOfChapter:
    """With what of a model's lines its messages bear out."""
    return facts


async def keep_facts(_db: AsyncSession, _job: Job, _path: Path, _facts: FactsOfChapter) -> None:
    """Add them within the transaction that stores the chapter."""

"""How long the untold part of a talk is, is added up once and then only for what has been said since."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from domain.memory.chapter_plan import NEWEST
from domain.memory.path_ids import Path, PathIds
from domain.memory.summaries.backlog import UntoldLengths
from tests.domain.memory.summaries.keeper_world import SUBJECTS, Keeping

pytestmark = pytest.mark.any_database


async def length(keeping: Keeping, lengths: UntoldLengths, path: Path, after: int = 0) -> tuple[int, int]:
    """In characters, and of how many messages the database was asked."""
    asked: list[int] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "sum(length" in statement:
            asked.append(len(parameters))  # type: ignore[arg-type]  # a sequence or a mapping

    engine = keeping.world.database._reader.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    async with keeping.world.database.read() as db:
        found = await lengths.after(db, keeping.dialog_id, path, after)
    event.remove(engine, "before_cursor_execute", hear)
    return found, sum(each - 1 for each in asked)  # one stands for "nothing"


def said(turns: int) -> int:
    return sum(len(text) for n in range(turns) for text in SUBJECTS[n % len(SUBJECTS)])


async def test_only_what_was_said_since_is_added_up(keeping: Keeping) -> None:
    lengths = UntoldLengths()
    begun = len((await keeping.path()).ids)
    first = await keeping.talk(40)
    path = await keeping.path()
    opening, _asked = await length(keeping, UntoldLengths(), Path(path.ids[:begun]))
    assert await length(keeping, lengths, path) == (opening + said(40), begun + 80)
    assert await length(keeping, lengths, path) == (opening + said(40), NEWEST)
    await keeping.talk(1)
    longer = await keeping.path()
    assert await length(keeping, lengths, longer) == (opening + said(40) + said(1), NEWEST + 2)
    assert (await length(keeping, lengths, longer, after=first[1]))[0] == said(40), "the first turn is told"
    async with keeping.world.database.read() as db:
        branch = await PathIds().of(db, (await keeping.talk(1, below=first[3]))[-1])
    assert (await length(keeping, lengths, branch))[0] == opening + said(2) + said(1)

"""Leases of chapters: each chapter is made once, whoever dies over it and however many instances there are."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from domain.clock import now
from domain.memory.rows import ChapterState, MemoryChapter
from tests.domain.chat.conftest import PATIENCE, until
from tests.domain.memory.summaries.keeper_world import TURNS, Keeping, another_keeper
from tests.llm_server import Behaviour, Request
from tests.summariser_scripts import read


async def asked(keeping: Keeping) -> int:
    return sum(read(each) is not None for each in keeping.world.llm.asked)


async def left_by_a_dead_instance(keeping: Keeping, *, lease: timedelta) -> None:
    """Add a chapter that is being made, as an instance that was killed leaves it."""
    ids = (await keeping.path()).ids
    async with keeping.world.database.write() as db:
        row = MemoryChapter(dialog_id=keeping.dialog_id, first_id=ids[0], last_id=ids[10], covered=11, attempts=1)
        row.lease_until = now() + lease
        db.add(row)


async def test_what_a_dead_instance_was_making_is_made_by_another_when_its_lease_has_ended(keeping: Keeping) -> None:
    await keeping.talk(TURNS)
    await left_by_a_dead_instance(keeping, lease=timedelta(seconds=-1))
    (row,) = await keeping.made(1)
    assert (row.covered, row.attempts) == (11, 2)
    assert await asked(keeping) == 1


async def test_what_another_instance_is_making_is_left_to_it(keeping: Keeping) -> None:
    await keeping.talk(TURNS)
    await left_by_a_dead_instance(keeping, lease=timedelta(hours=1))
    await keeping.a_reply_ended()
    await keeping.idle()
    (row,) = await keeping.rows()
    assert (row.state, row.attempts) == (ChapterState.RUNNING, 1)
    assert await asked(keeping) == 0


async def test_two_keepers_make_each_chapter_once(keeping: Keeping) -> None:
    await keeping.talk(40)
    async with another_keeper(keeping) as other:
        for _ in range(3):
            keeping.keeper.look_at(keeping.dialog_id, sums_too=True)
            other.look_at(keeping.dialog_id, sums_too=True)
            await asyncio.sleep(0.02)

        async def are_done() -> bool:
            if not (keeping.keeper.is_idle and other.is_idle):
                return False
            rows = await keeping.rows()
            return bool(rows) and all(row.state == ChapterState.DONE for row in rows)

        await until(are_done)
    rows = await keeping.rows()
    spans = {(row.level, row.first_id, row.last_id) for row in rows}
    assert len(spans) == len(rows)
    chapters = await keeping.rows(0)
    starts = [each.first_id for each in chapters]
    assert len(starts) == len(set(starts)), "no two chapters begin with the same message"
    assert (await keeping.dialog()).memory_tokens == sum(row.tokens_in + row.tokens_out for row in rows)


async def test_a_summary_whose_row_was_taken_over_is_thrown_away(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("domain.memory.summaries.summary_job.RENEWED_EVERY", 0.01)
    keeping.world.llm.refuses = lambda request: Behaviour(fault="hang") if read(request) else None
    await keeping.talk(TURNS)
    await keeping.a_reply_ended()

    async def is_asked() -> bool:
        return await asked(keeping) == 1

    await until(is_asked)
    taken_over = {"attempts": 7, "lease_until": now() + timedelta(hours=1)}
    async with keeping.world.database.write() as db:
        await db.exec(update(MemoryChapter).values(taken_over))

    async def is_closed() -> bool:
        return keeping.world.llm.disconnects == 1

    await until(is_closed)
    await keeping.idle()
    assert "was taken over" in caplog.text, "it did not wait for the answer"
    (row,) = await keeping.rows()
    assert (row.state, row.attempts, row.text) == (ChapterState.RUNNING, 7, "")


async def test_a_server_that_stops_leaves_what_it_was_making_to_the_next(keeping: Keeping) -> None:
    def hang(request: Request) -> Behaviour | None:
        return Behaviour(fault="hang") if read(request) else None

    keeping.world.llm.refuses = hang
    await keeping.talk(TURNS)
    await keeping.a_reply_ended()

    async def is_asked() -> bool:
        return await asked(keeping) == 1

    await until(is_asked)
    async with asyncio.timeout(PATIENCE):
        await keeping.keeper.close()
    (row,) = await keeping.rows()
    assert (row.state, row.attempts, row.lease_until) == (ChapterState.FAILED, 0, None)
    keeping.world.llm.refuses = keeping.script
    async with another_keeper(keeping):
        (row,) = await keeping.made(1)
    assert row.attempts == 1

"""Claims of periodic tasks: each task runs once for all instances, whichever of them comes first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import update

from domain.instances.claims import Claim, ClaimedTask
from domain.instances.leases import lease_for
from storage.database import Database

on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"])
HOUR = 3600


@on_postgresql
async def test_of_several_instances_that_try_at_once_one_runs_it(database: Database) -> None:
    instances = [Claim(database, "sums", HOUR) for _ in range(5)]
    assert sorted(await asyncio.gather(*(claim() for claim in instances))) == [False] * 4 + [True]
    assert not any([await claim() for claim in instances])
    assert await Claim(database, "something else", HOUR)()


@on_postgresql
async def test_when_it_is_due_again_one_of_them_runs_it_whoever_did_before(database: Database) -> None:
    dies, lives = Claim(database, "sums", HOUR), Claim(database, "sums", HOUR)
    assert await dies()
    assert not await lives()
    async with database.write() as db:
        await db.exec(update(ClaimedTask).values(next_at=lease_for(timedelta(seconds=-1))))
    assert await lives()
    assert not await dies()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_on_sqlite_the_only_process_runs_it_each_time(database: Database) -> None:
    claim = Claim(database, "sums", HOUR)
    assert await claim()
    assert await claim()

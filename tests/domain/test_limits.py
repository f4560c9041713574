from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.clock import now
from domain.errors import TooOften
from domain.limits import ALL, InDatabase, InMemory, Limit, LimitCount, Limits, Store
from storage.database import Database

THREE_A_MINUTE = Limit("three a minute", 3, timedelta(minutes=1))
SOON_OVER = Limit("soon over", 1, timedelta(seconds=1))


@pytest.fixture(params=["memory", "database"])
def store(request: pytest.FixtureRequest, database: Database) -> Store:
    return InMemory() if request.param == "memory" else InDatabase(database)


async def test_so_many_times_are_free_and_the_next_hears_when(store: Store) -> None:
    limits = Limits(store)
    for _ in range(3):
        await limits.take(THREE_A_MINUTE, "anna")
    with pytest.raises(TooOften) as refusal:
        await limits.take(THREE_A_MINUTE, "anna")
    assert timedelta(seconds=50) < refusal.value.until - now() <= timedelta(minutes=1)
    await limits.take(THREE_A_MINUTE, "boris")


async def test_when_the_time_is_over_it_is_free_again(store: Store) -> None:
    limits = Limits(store)
    await limits.take(SOON_OVER, "anna")
    with pytest.raises(TooOften) as refusal:
        await limits.take(SOON_OVER, "anna")
    await asyncio.sleep((refusal.value.until - now()).total_seconds())
    await limits.take(SOON_OVER, "anna")


async def test_what_is_given_back_is_free_again(store: Store) -> None:
    limits = Limits(store)
    for _ in range(10):
        await limits.take(THREE_A_MINUTE, "anna")
        await limits.give_back(THREE_A_MINUTE, "anna")
    for _ in range(3):
        await limits.take(THREE_A_MINUTE, "anna")
    with pytest.raises(TooOften):
        await limits.take(THREE_A_MINUTE, "anna")


async def test_many_at_once_do_not_slip_through(store: Store) -> None:
    limits = Limits(store)
    answers = await asyncio.gather(*(limits.take(THREE_A_MINUTE, "anna") for _ in range(20)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 3


async def test_the_owner_of_the_server_may_change_a_number() -> None:
    limits = Limits(InMemory(), {THREE_A_MINUTE.name: 1})
    await limits.take(THREE_A_MINUTE, "anna")
    with pytest.raises(TooOften):
        await limits.take(THREE_A_MINUTE, "anna")


async def test_the_counts_do_not_know_whom_they_count(database: Database) -> None:
    await Limits(InDatabase(database)).take(THREE_A_MINUTE, "anna@example.test")
    async with database.read() as db:
        (kept,) = (await db.exec(select(LimitCount))).all()
    assert "anna" not in kept.key


@pytest.mark.parametrize("limit", ALL, ids=lambda limit: limit.name)
async def test_with_the_database_down_each_limit_does_what_its_table_says(limit: Limit) -> None:
    nobody = Database("postgresql://beseda@127.0.0.1:1/beseda")
    limits = Limits(InDatabase(nobody))
    if limit.refuses_blindly:
        with pytest.raises(TooOften):
            await limits.take(limit, "anna")
    else:
        await limits.take(limit, "anna")

"""Rate limits (fixed window): so many times in a window, alike in the database and in memory."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.errors import RateLimited
from domain.limit_counts import InDatabase, LimitCount
from domain.rate_limits import ALL, MESSAGES_A_DAY, InMemory, RateLimit, RateLimiter, Store
from storage.database import Database
from tests.clock import Clock

THREE_A_MINUTE = RateLimit("three a minute", 3, timedelta(minutes=1))
ONE_A_DAY = RateLimit("one a day", 1, timedelta(days=1))


@pytest.fixture(params=["memory", "database"])
def store(request: pytest.FixtureRequest, database: Database) -> Store:
    return InMemory() if request.param == "memory" else InDatabase(database)


async def test_so_many_times_are_free_and_the_next_hears_when(store: Store, clock: Clock) -> None:
    limits = RateLimiter(store)
    for _ in range(3):
        await limits.take(THREE_A_MINUTE, "anna")
    with pytest.raises(RateLimited) as refusal:
        await limits.take(THREE_A_MINUTE, "anna")
    assert refusal.value.until == clock.time + timedelta(minutes=1)
    await limits.take(THREE_A_MINUTE, "boris")


async def test_each_window_allows_as_much_as_the_first_and_no_more(store: Store, clock: Clock) -> None:
    limits = RateLimiter(store)
    for _window in range(3):
        for _ in range(3):
            await limits.take(THREE_A_MINUTE, "anna")
            clock.advance(timedelta(seconds=10))
        with pytest.raises(RateLimited) as refusal:
            await limits.take(THREE_A_MINUTE, "anna")
        assert refusal.value.until == clock.time + timedelta(seconds=30), "counted from the first of the window"
        clock.set(refusal.value.until - timedelta(microseconds=1))
        with pytest.raises(RateLimited):
            await limits.take(THREE_A_MINUTE, "anna")
        clock.set(refusal.value.until)


async def test_several_are_counted_at_once_and_what_is_refused_costs_the_later_ones_nothing(
    store: Store, clock: Clock
) -> None:
    limits, both = RateLimiter(store, {ONE_A_DAY.name: 4}), (THREE_A_MINUTE, ONE_A_DAY)
    for _ in range(3):
        await limits.take_each(both, "anna")
    for _ in range(5):
        with pytest.raises(RateLimited) as refusal:
            await limits.take_each(both, "anna")
        assert refusal.value.until == clock.time + timedelta(minutes=1)
    clock.advance(timedelta(minutes=1))
    await limits.take_each(both, "anna")
    with pytest.raises(RateLimited) as refusal:
        await limits.take_each(both, "anna")
    assert refusal.value.until == clock.time + timedelta(days=1) - timedelta(minutes=1)


@pytest.fixture
def swept_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.rate_limits.SWEPT_EVERY", 1)
    monkeypatch.setattr("domain.limit_counts.SWEPT_EVERY", 1)


@pytest.mark.usefixtures("swept_each_time")
async def test_sweeping_old_counts_away_forgets_none_that_still_holds(store: Store, clock: Clock) -> None:
    limits = RateLimiter(store)
    await limits.take(ONE_A_DAY, "anna")
    for _ in range(3):
        clock.advance(timedelta(hours=7))
        await limits.take(THREE_A_MINUTE, "boris")
    with pytest.raises(RateLimited):
        await limits.take(ONE_A_DAY, "anna")


async def test_what_is_given_back_is_free_again(store: Store) -> None:
    limits = RateLimiter(store)
    for _ in range(10):
        await limits.take(THREE_A_MINUTE, "anna")
        await limits.refund(THREE_A_MINUTE, "anna")
    for _ in range(3):
        await limits.take(THREE_A_MINUTE, "anna")
    with pytest.raises(RateLimited):
        await limits.take(THREE_A_MINUTE, "anna")


async def test_many_at_once_do_not_slip_through(store: Store) -> None:
    limits = RateLimiter(store)
    answers = await asyncio.gather(*(limits.take(THREE_A_MINUTE, "anna") for _ in range(20)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 3


async def test_the_owner_of_the_server_may_change_a_number() -> None:
    limits = RateLimiter(InMemory(), {THREE_A_MINUTE.name: 1})
    await limits.take(THREE_A_MINUTE, "anna")
    with pytest.raises(RateLimited):
        await limits.take(THREE_A_MINUTE, "anna")


async def test_the_counts_do_not_know_whom_they_count(database: Database) -> None:
    await RateLimiter(InDatabase(database)).take(THREE_A_MINUTE, "anna@example.test")
    async with database.read() as db:
        (kept,) = (await db.exec(select(LimitCount))).all()
    assert "anna" not in kept.key


@pytest.mark.parametrize("limit", ALL, ids=lambda limit: limit.name)
async def test_with_the_database_down_each_limit_does_what_its_table_says(limit: RateLimit) -> None:
    nobody = Database("postgresql://beseda@127.0.0.1:1/beseda")
    limits = RateLimiter(InDatabase(nobody))
    if limit.refuses_blindly:
        with pytest.raises(RateLimited):
            await limits.take(limit, "anna")
    else:
        await limits.take(limit, "anna")


async def test_of_two_counts_that_become_one_the_larger_goes_on(store: Store) -> None:
    limits = RateLimiter(store, {MESSAGES_A_DAY.name: 3})
    for before, so_many, after, as_many in (("anna", 3, "boris", 1), ("vera", 1, "gleb", 3)):
        for who, times in ((before, so_many), (after, as_many)):
            for _ in range(times):
                await limits.take(MESSAGES_A_DAY, who)
        await limits.transfer(before, after)
        with pytest.raises(RateLimited):
            await limits.take(MESSAGES_A_DAY, after)

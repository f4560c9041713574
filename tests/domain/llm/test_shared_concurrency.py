"""Concurrency limit at the model for several instances: each is a `SharedModelConcurrency` over one database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, update
from sqlmodel import col, delete, select

from domain.llm import shared_concurrency
from domain.llm.concurrency import ModelConcurrency, ModelPlaces, ModelQueueFull, PlaceNeeded
from domain.llm.faults import PlaceLost
from domain.llm.place_rows import ModelPlace
from domain.llm.shared_concurrency import LEASE, SharedModelConcurrency
from storage.bus import Bus
from storage.database import Database, DatabaseUnavailable

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"])
PATIENCE = 60  # seconds: far more than anything here takes


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_concurrency, "LOOKS_EVERY", 0.01)
    monkeypatch.setattr(shared_concurrency, "RENEWED_EVERY", 0.01)
    monkeypatch.setattr(shared_concurrency, "SPARE_LOOKS_EVERY", 0.01)
    monkeypatch.setattr(shared_concurrency, "IDLE", 0.05)


@asynccontextmanager
async def instances(
    database: Database, number: int, *, places: int, each: int | None = None, buses: list[Bus] | None = None
) -> AsyncGenerator[list[SharedModelConcurrency]]:
    """So many instances; events reach all of them, unless each has a bus of its own."""
    bus = Bus()
    async with AsyncExitStack() as running:
        all_of_them = [
            SharedModelConcurrency(database, buses[n] if buses else bus, places, each) for n in range(number)
        ]
        for instance in all_of_them:
            await instance.start()
            running.push_async_callback(instance.close)
        yield all_of_them


class Visit:
    """A request that lasts until it is told to leave."""

    def __init__(self, places: ModelPlaces, person_id: int, served: Callable[[Visit], None] = lambda _: None) -> None:
        self.person_id = person_id
        self.ahead = 0
        self.has_come = asyncio.Event()
        self.is_served = asyncio.Event()
        self._may_go = asyncio.Event()
        self._served = served
        self.task = asyncio.create_task(self._last(places))

    async def _last(self, places: ModelPlaces) -> None:
        async with places.acquire(self.person_id, self._queued):
            self._served(self)
            self.has_come.set()
            self.is_served.set()
            await self._may_go.wait()

    def _queued(self, ahead: int) -> None:
        self.ahead = ahead
        self.has_come.set()

    async def leave(self) -> None:
        self._may_go.set()
        await self.task


async def come(places: ModelPlaces, person_id: int, served: Callable[[Visit], None] = lambda _: None) -> Visit:
    visit = Visit(places, person_id, served)
    async with asyncio.timeout(PATIENCE):
        await visit.has_come.wait()
    return visit


async def served(*visits: Visit) -> None:
    async with asyncio.timeout(PATIENCE):
        for visit in visits:
            await visit.is_served.wait()


async def rows(database: Database) -> int:
    async with database.read() as db:
        return (await db.exec(select(func.count()).select_from(ModelPlace))).one()


async def order_of(all_places: list[ModelPlaces], seed: int) -> list[tuple[int, int]]:
    """Order of service in a random coming and going: the person, and how many they were told are ahead of them."""
    chance, order, inside = random.Random(seed), list[Visit](), list[Visit]()

    def is_served(visit: Visit) -> None:
        order.append(visit)
        inside.append(visit)

    for _ in range(60):
        if inside and chance.random() < 0.45:
            await inside.pop(chance.randrange(len(inside))).leave()
        else:
            await come(chance.choice(all_places), chance.choice((1, 1, 1, 2, 3, 4, 5)), is_served)
        for _ in range(9):
            await asyncio.sleep(0)  # granted places are taken
    while inside:
        await inside.pop(0).leave()
        for _ in range(9):
            await asyncio.sleep(0)
    return [(visit.person_id, visit.ahead) for visit in order]


@pytest.mark.parametrize("seed", range(4))
async def test_two_instances_serve_in_the_order_of_one_process(database: Database, seed: int) -> None:
    alone = ModelConcurrency(4, each=3)
    as_one = await order_of([alone, alone], seed)
    async with instances(database, 2, places=4, each=3) as both:
        assert await order_of([*both], seed) == as_one
    assert await rows(database) == 0


async def test_three_instances_never_ask_for_more_than_one_would(database: Database) -> None:
    inside = most = total = 0

    async def visit(places: ModelPlaces, person_id: int) -> None:
        nonlocal inside, most, total
        async with places.acquire(person_id):
            inside += 1
            total += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    async with instances(database, 3, places=5) as three, asyncio.timeout(PATIENCE):
        await asyncio.gather(*(visit(three[n % 3], n % 7) for n in range(60)))
    assert most <= 5
    assert total == 60
    assert await rows(database) == 0


async def test_whoever_waits_is_served_though_no_news_comes_through(database: Database) -> None:
    async with instances(database, 2, places=1, buses=[Bus(), Bus()]) as (here, there):
        first, second = await come(here, 1), await come(there, 2)
        assert second.ahead == 1
        await first.leave()
        await served(second)
        await second.leave()


async def test_the_places_of_an_instance_that_died_are_given_to_others(database: Database) -> None:
    async with instances(database, 2, places=2) as (dies, lives):
        dead = [await come(dies, 1), await come(dies, 2), await come(dies, 3)]
        await dies.close()  # it renews nothing any more
        waiting = [await come(lives, 4), await come(lives, 5)]
        async with database.write() as db:
            of_the_dead = col(ModelPlace.person_id).in_([1, 2, 3])
            await db.exec(update(ModelPlace).where(of_the_dead).values(lease_until=ModelPlace.lease_until - LEASE))
        await served(*waiting)
        await asyncio.gather(*(visit.leave() for visit in waiting))
        for visit in dead:
            visit.task.cancel()
        await asyncio.gather(*(visit.task for visit in dead), return_exceptions=True)
    assert await rows(database) == 0


async def test_whoever_finds_its_row_gone_breaks_off(database: Database) -> None:
    async with instances(database, 1, places=1) as (only,):
        visit = await come(only, 1)
        async with database.write() as db:
            await db.exec(delete(ModelPlace))
        with pytest.raises(PlaceLost):
            await visit.task
        await (await come(only, 1)).leave()


async def test_whoever_cannot_renew_goes_on_until_the_lease_would_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_concurrency, "LEASE", timedelta(seconds=4))
    tried = 0

    async def away(_places: SharedModelConcurrency) -> None:
        nonlocal tried
        tried += 1
        raise DatabaseUnavailable("restarting")

    monkeypatch.setattr(SharedModelConcurrency, "_renew", away)
    async with instances(database, 1, places=1) as (only,):
        begun = asyncio.get_running_loop().time()
        visit = await come(only, 1)
        with pytest.raises(PlaceLost):
            await visit.task
        assert asyncio.get_running_loop().time() >= begun + 4
        assert tried > 1


async def test_a_refusal_by_the_provider_slows_down_every_instance(database: Database) -> None:
    async with instances(database, 2, places=2) as (here, there):
        began = asyncio.get_running_loop().time()
        here.back_off(0.1)
        visits = [Visit(here, 1), Visit(there, 2)]
        await served(*visits)
        assert asyncio.get_running_loop().time() >= began + 0.1
        await asyncio.gather(*(visit.leave() for visit in visits))


async def test_the_queue_of_all_instances_has_one_length(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_concurrency, "LONGEST_QUEUE", 3)
    monkeypatch.setattr(shared_concurrency, "LONGEST_OF_ONE", 2)
    async with instances(database, 2, places=1) as (here, there):
        first = await come(here, 1)
        waiting = [await come(here, 1), await come(there, 1), await come(there, 2)]
        assert [visit.ahead for visit in waiting] == [1, 2, 2]
        for places, person_id in ((here, 1), (there, 3)):
            with pytest.raises(ModelQueueFull):
                await Visit(places, person_id).task
        async with database.read() as db:
            in_use = await here.in_use(db)
        assert (in_use.taken, in_use.waiting) == (1, 3)
        for visit in (first, waiting[0], waiting[2], waiting[1]):  # others come before somebody's second
            await served(visit)
            await visit.leave()


async def test_those_who_leave_the_queue_take_no_place_with_them(database: Database) -> None:
    async with instances(database, 2, places=1) as (here, there), asyncio.timeout(PATIENCE):
        first, waiting = await come(here, 1), [await come(there, person_id) for person_id in (2, 3, 4)]
        for visit in waiting[:2]:
            visit.task.cancel()
        await asyncio.gather(*(visit.task for visit in waiting[:2]), return_exceptions=True)
        first.task.cancel()
        await served(waiting[2])
        waiting[2].task.cancel()
        await asyncio.gather(first.task, waiting[2].task, return_exceptions=True)
        assert await rows(database) == 0


async def test_a_place_is_lent_while_another_stays_free_and_called_back_by_whatever_instance(
    database: Database,
) -> None:
    async with instances(database, 2, places=2) as (one, other):
        lent = asyncio.Event()

        async def borrow() -> None:
            async with one.spare():
                lent.set()
                await asyncio.Event().wait()

        borrower = asyncio.create_task(borrow())
        await lent.wait()
        first = await come(other, 1)
        assert not borrower.done(), "there was another place"
        second = await come(other, 2)
        assert second.ahead == 1
        with pytest.raises(PlaceNeeded):
            async with asyncio.timeout(PATIENCE):
                await borrower
        await served(first, second)
        await first.leave()
        await second.leave()


async def test_a_loan_ends_though_the_news_that_somebody_waits_is_lost(database: Database) -> None:
    async with instances(database, 2, places=2, buses=[Bus(), Bus()]) as (one, other):
        lent = asyncio.Event()

        async def borrow() -> None:
            async with one.spare():
                lent.set()
                await asyncio.Event().wait()

        borrower = asyncio.create_task(borrow())
        await lent.wait()
        visits = [await come(other, 1), await come(other, 2)]
        with pytest.raises(PlaceNeeded):
            async with asyncio.timeout(PATIENCE):
                await borrower
        await served(*visits)
        for visit in visits:
            await visit.leave()


@pytest.mark.parametrize("places", [1, 2])
async def test_nothing_is_lent_while_it_would_take_the_last_place(database: Database, places: int) -> None:
    async with instances(database, 2, places=places) as (one, other):
        visit = await come(other, 1)

        async def borrow() -> None:
            async with one.spare():
                pass

        borrower = asyncio.create_task(borrow())
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not borrower.done()
        await visit.leave()
        async with asyncio.timeout(PATIENCE):
            await borrower
        assert await rows(database) == 0

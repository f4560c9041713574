"""The model's places, shared by all instances over one PostgreSQL: as many requests, and in the same order, as one
process would have.

Each request has a row with a lease (place_rows.py). An instance renews all of its rows in one statement; one that is
killed or frozen stops doing so, and its places are given to others. One that cannot renew goes on until its lease would
have ended by its own monotonic clock, then breaks off its streams. So there are never more requests than places for
longer than it takes to break off an answer.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.background.attempt import attempt
from domain.llm.concurrency import (
    IDLE,
    LONGEST_OF_ONE,
    LONGEST_QUEUE,
    SPARE_LOOKS_EVERY,
    Backoff,
    Loan,
    ModelQueueFull,
    PlacesInUse,
    nobody_cares,
)
from domain.llm.faults import PlaceLost
from domain.llm.place_rows import DEAL, IN_USE, JOIN, LEAVE, LEND, LOCK, RENEW, SWEEP
from domain.llm.server_load import ServerLoad
from storage.bus import Bus
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
RENEWED_EVERY = 3  # seconds
LOOKS_EVERY = 1
"""Polling interval, in seconds, of requests that wait for a place: the event that grants one may be lost."""
PATIENCE = 30
"""Seconds for which a request without a row waits for a database that does not answer."""


@dataclass(frozen=True)
class PlaceGranted:
    """A request that waited, on any instance, has a place; `about` is its row."""

    about: int


@dataclass(frozen=True)
class SparePlaceNeeded:
    """A request waits while places are lent to work that nobody waits for. There is one model, so `about` is 0."""

    about: int = 0


@dataclass(frozen=True)
class ModelOverloaded:
    """The provider is overloaded: nobody asks it for `seconds`. There is one model, so `about` is 0."""

    seconds: float
    about: int = 0


@dataclass(eq=False)
class _Place:
    """A row of this instance. `lease` ends no later than the row's, and breaks off what is done meanwhile."""

    id: int
    lease: asyncio.Timeout
    is_taken: asyncio.Event = field(default_factory=asyncio.Event)
    loan: Loan | None = None
    """Set if the place was lent."""


class SharedModelConcurrency:
    """`number` requests at once over all instances, at most `each` of them for one user. A background job: while it
    runs, leases are renewed.
    """

    def __init__(self, database: Database, bus: Bus, number: int, each: int | None = None) -> None:
        self.number = number
        self.load = ServerLoad()
        self._database = database
        self._bus = bus
        self._shares = {"places": number, "each": min(each or number, number)}
        self._instance = secrets.token_hex(8)  # random, since rows of the previous process are not ours
        self._places: dict[int, _Place] = {}
        self._is_needed = asyncio.Event()
        self._backoff = Backoff()
        self._keeping: asyncio.Task[None] | None = None
        bus.subscribe_to_all(PlaceGranted, lambda event: self._take(event.about))
        bus.subscribe_to_all(SparePlaceNeeded, lambda _event: self._recall_loans())
        bus.subscribe_to_all(ModelOverloaded, lambda event: self._backoff.extend(event.seconds))

    async def start(self) -> None:
        self._keeping = asyncio.create_task(self._keep(), name="places at the model")

    async def close(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping

    async def in_use(self, db: AsyncSession) -> PlacesInUse:
        taken, waiting = (await (await db.connection()).execute(IN_USE)).one()
        return PlacesInUse(taken, waiting)

    def back_off(self, seconds: float) -> None:
        self._bus.publish(ModelOverloaded(seconds))

    @asynccontextmanager
    async def acquire(self, person_id: int, queued: Callable[[int], None] = nobody_cares) -> AsyncGenerator[None]:
        place, ahead = await self._join(person_id)
        try:
            async with place.lease:
                if not place.is_taken.is_set():
                    queued(ahead)
                    await place.is_taken.wait()
                await self._backoff.over()
                yield
        except TimeoutError as error:
            if place.lease.expired():
                raise PlaceLost from error
            raise
        finally:
            await self._leave(place)

    @asynccontextmanager
    async def spare(self) -> AsyncGenerator[None]:
        place = await self._borrow()
        loan = place.loan = Loan()
        try:
            async with place.lease, loan.open():
                yield
        except TimeoutError as error:
            if place.lease.expired():
                raise PlaceLost from error
            raise
        finally:
            await self._leave(place)

    async def _borrow(self) -> _Place:
        """Wait until a place can be spared, and take it. If there is only one, it must have been idle for a while."""
        loop = asyncio.get_running_loop()
        idle_since: float | None = None
        while True:
            taken = await self._lend(is_idle=idle_since is not None and loop.time() >= idle_since + IDLE)
            if isinstance(taken, _Place):
                return taken
            idle_since = None if taken else idle_since or loop.time()
            await asyncio.sleep(SPARE_LOOKS_EVERY)

    async def _lend(self, *, is_idle: bool) -> _Place | int:
        """The place, or the number of places taken if none can be spared."""
        if self._backoff.is_on or any(place.loan for place in self._places.values()):
            return self.number
        if self.number == 1 and not is_idle:
            async with self._database.read() as db:
                return (await self.in_use(db)).taken
        lease = asyncio.timeout_at(_end_of_lease())
        async with self._database.write() as db:
            connection = await db.connection()
            await connection.execute(LOCK)
            borrower = {"instance": self._instance, "lease": LEASE, "most": max(self.number - 2, 0)}
            row_id = (await connection.execute(LEND, borrower)).scalar()
        if row_id is None:
            return self.number
        place = self._places[row_id] = _Place(row_id, lease)
        place.is_taken.set()
        self._is_needed.set()
        return place

    def _recall_loans(self) -> None:
        for place in self._places.values():
            if place.loan:
                place.loan.recall()

    async def _join(self, person_id: int) -> tuple[_Place, int]:
        """Add a row for a request; returns it, and the number of replies ahead of it if it waits."""
        give_up = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                return await self._try_to_join(person_id)
            except DatabaseUnavailable as error:
                if asyncio.get_running_loop().time() > give_up:
                    raise
                log.warning("A reply waits for the database, to have a place at the model: %s", error)
            await asyncio.sleep(LOOKS_EVERY)

    async def _try_to_join(self, person_id: int) -> tuple[_Place, int]:
        longest = {"longest": LONGEST_QUEUE, "longest_of_one": LONGEST_OF_ONE}
        newcomer = {"instance": self._instance, "person": person_id, "lease": LEASE} | self._shares | longest
        lease = asyncio.timeout_at(_end_of_lease())
        async with self._database.write() as db:
            connection = await db.connection()
            await connection.execute(LOCK)
            row = (await connection.execute(JOIN, newcomer)).one_or_none()
            if row is None:
                raise ModelQueueFull
            dealt = await self._deal(db) if row.is_to_be_dealt else ()
        place = self._places[row.id] = _Place(row.id, lease)
        self._is_needed.set()
        if row.is_taken:
            place.is_taken.set()
        elif row.is_one_lent:
            self._bus.publish(SparePlaceNeeded())
        self._tell(dealt)
        return place, int(row.ahead)

    async def _leave(self, place: _Place) -> None:
        del self._places[place.id]
        if not self._places:
            self._is_needed.clear()
        if place.lease.expired():
            return  # the row has expired and is no longer ours
        try:
            async with self._database.write() as db:
                is_to_be_dealt = (await (await db.connection()).execute(LEAVE, {"id": place.id})).scalar()
            if is_to_be_dealt:
                async with self._database.write() as db:  # a second transaction, since others may wait for the row
                    await (await db.connection()).execute(LOCK)
                    dealt = await self._deal(db)
                self._tell(dealt)
        except DatabaseUnavailable as error:
            log.warning("A place at the model is free only when its lease has ended: %s", error)

    async def _keep(self) -> None:
        """Renew the leases; while a request of this instance waits, look for free places."""
        loop = asyncio.get_running_loop()
        renewed_at = loop.time()
        while True:
            await self._is_needed.wait()
            await asyncio.sleep(LOOKS_EVERY)
            waiting = any(not place.is_taken.is_set() for place in self._places.values())
            if not waiting and loop.time() < renewed_at + RENEWED_EVERY:
                continue
            renewed_at = loop.time()
            await attempt(self._renew(), "The places at the model could not be renewed")

    async def _renew(self) -> None:
        places = dict(self._places)
        if not places:
            return
        end = _end_of_lease()
        async with self._database.write() as db:
            connection = await db.connection()
            await connection.execute(LOCK)
            renewed = await connection.execute(RENEW, {"ids": list(places), "lease": LEASE})
            ours = {row.id: row.is_taken for row in renewed}
            await connection.execute(SWEEP)
            dealt = await self._deal(db)
            in_use = await self.in_use(db)
        if in_use.waiting and in_use.taken >= self.number:
            self._recall_loans()  # the event may have been lost
        for place in places.values():
            if self._places.get(place.id) is not place or place.lease.expired():
                continue  # it has left meanwhile
            place.lease.reschedule(end if place.id in ours else 0)
            if ours.get(place.id):
                place.is_taken.set()
        self._tell(dealt)

    async def _deal(self, db: AsyncSession) -> Sequence[Row[Any]]:
        return (await (await db.connection()).execute(DEAL, self._shares)).all()

    def _tell(self, dealt: Sequence[Row[Any]]) -> None:
        for row in dealt:
            if row.is_taken and row.instance == self._instance:
                self._take(row.id)
            elif row.is_taken:
                self._bus.publish(PlaceGranted(row.id))

    def _take(self, row_id: int) -> None:
        if place := self._places.get(row_id):
            place.is_taken.set()


def _end_of_lease() -> float:
    """By the loop's clock, counted from before the database is asked: ours ends before the row's."""
    return asyncio.get_running_loop().time() + LEASE.total_seconds()

"""Work queue and worker: each item is done once, whatever happens to the others, until the queue is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from domain.background.work_queue import Worker, WorkQueue
from storage.database import DatabaseUnavailable


class Kitchen:
    """A cook who is told what to cook; what is on the stove waits for `ready`."""

    def __init__(self) -> None:
        self.orders = WorkQueue[str]()
        self.cook = Worker(self.orders.get, self._cook, fault="A dish was spoilt")
        self.on_the_stove: asyncio.Queue[str] = asyncio.Queue()
        self.ready = asyncio.Semaphore(0)
        self.spoilt_by: dict[str, Exception] = {}
        self.is_clean = True

    async def _cook(self, dish: str) -> None:
        self.is_clean = False
        self.on_the_stove.put_nowait(dish)
        try:
            await self.ready.acquire()
            if fault := self.spoilt_by.get(dish):
                raise fault
        finally:
            await asyncio.sleep(0)
            self.is_clean = True

    async def next_dish(self) -> str:
        return await asyncio.wait_for(self.on_the_stove.get(), timeout=5)


@pytest.fixture
async def kitchen() -> AsyncGenerator[Kitchen]:
    kitchen = Kitchen()
    kitchen.cook.start()
    yield kitchen
    await kitchen.cook.close()


async def test_what_is_wanted_twice_before_its_turn_is_done_once_and_keeps_its_place(kitchen: Kitchen) -> None:
    for dish in ("soup", "fish", "cake", "fish", "tea"):
        kitchen.orders.put_nowait(dish)
        kitchen.ready.release()
    assert [await kitchen.next_dish() for _ in range(4)] == ["soup", "fish", "cake", "tea"]


async def test_what_is_wanted_again_while_it_is_done_is_done_again(kitchen: Kitchen) -> None:
    """It may be about something that the work under way did not see."""
    kitchen.orders.put_nowait("soup")
    assert await kitchen.next_dish() == "soup"
    kitchen.orders.put_nowait("soup")
    kitchen.ready.release()
    assert await kitchen.next_dish() == "soup"


@pytest.mark.parametrize(
    ("fault", "level", "shows_where"),
    [(DatabaseUnavailable(), "WARNING", False), (OSError("disk full"), "WARNING", False), (KeyError(), "ERROR", True)],
)
async def test_what_fails_is_logged_and_does_not_hold_up_the_others(
    kitchen: Kitchen, caplog: pytest.LogCaptureFixture, fault: Exception, level: str, *, shows_where: bool
) -> None:
    kitchen.spoilt_by["soup"] = fault
    kitchen.orders.put_nowait("soup")
    kitchen.orders.put_nowait("fish")
    kitchen.ready.release()
    assert [await kitchen.next_dish() for _ in range(2)] == ["soup", "fish"]
    [record] = caplog.records
    assert record.message.startswith("A dish was spoilt (soup)")
    assert (record.levelname, record.exc_info is not None) == (level, shows_where)


async def test_closing_breaks_off_what_is_done_and_waits_until_that_has_cleaned_up(kitchen: Kitchen) -> None:
    kitchen.orders.put_nowait("soup")
    await kitchen.next_dish()
    kitchen.orders.put_nowait("fish")
    await kitchen.cook.close()
    assert kitchen.is_clean
    assert kitchen.orders.qsize() == 1, "what waits is left undone"


async def test_what_was_never_started_can_be_closed() -> None:
    await Kitchen().cook.close()


async def test_all_that_waits_can_be_taken_together() -> None:
    orders = WorkQueue[str]()
    taking = asyncio.create_task(orders.get_all())
    for dish in ("soup", "fish", "soup"):
        orders.put_nowait(dish)
    assert await taking == ["soup", "fish"]
    assert orders.empty()

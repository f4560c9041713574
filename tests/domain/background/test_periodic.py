"""Periodic tasks: they go on whatever happens in a run, and end when they are closed."""

from __future__ import annotations

import asyncio

import pytest

from domain.background.periodic import PeriodicTask
from storage.database import DatabaseUnavailable


@pytest.mark.parametrize(
    ("fault", "level", "shows_where"),
    [(DatabaseUnavailable(), "WARNING", False), (OSError("disk full"), "WARNING", False), (KeyError(), "ERROR", True)],
)
async def test_a_run_that_fails_is_logged_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture, fault: Exception, level: str, *, shows_where: bool
) -> None:
    runs, came_again = list[int](), asyncio.Event()

    async def sweep() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            raise fault
        came_again.set()

    sweeper = PeriodicTask(sweep, every=0.001, fault="The floor was not swept")
    sweeper.start()
    await asyncio.wait_for(came_again.wait(), timeout=5)
    await sweeper.close()
    [record] = caplog.records
    assert record.message.startswith("The floor was not swept: ")
    assert (record.levelname, record.exc_info is not None) == (level, shows_where)


@pytest.mark.parametrize("fails", [False, True])
async def test_after_a_run_that_failed_it_rests_and_only_then(*, fails: bool) -> None:
    runs = list[int]()

    async def sweep() -> None:
        runs.append(len(runs))
        if fails:
            raise DatabaseUnavailable

    sweeper = PeriodicTask(sweep, every=0, fault="The floor was not swept", rest=3600)
    sweeper.start()
    for _turn in range(100):  # of the event loop: enough for a second run, if there is to be one
        await asyncio.sleep(0)
    await sweeper.close()
    assert (len(runs) == 1) is fails


async def test_closing_breaks_off_a_run_and_waits_until_it_has_cleaned_up() -> None:
    begun, is_clean = asyncio.Event(), False

    async def sweep() -> None:
        nonlocal is_clean
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            is_clean = True

    sweeper = PeriodicTask(sweep, every=1, fault="The floor was not swept")
    sweeper.start()
    await begun.wait()
    await sweeper.close()
    assert is_clean

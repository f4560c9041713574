"""Turns of the keeper: which model it asks, which dialog comes next, and what interrupts the work under way."""

from __future__ import annotations

import logging

import pytest

from domain.memory.chapter_changes import forget_everything
from domain.memory.events import MemoryChanged
from domain.memory.rows import ChapterState
from domain.memory.summaries import keeper as keeper_module
from domain.memory.summaries.summary_job import SummaryJobs
from domain.model.dialog import Dialog
from tests.domain.chat.conftest import until
from tests.domain.memory.summaries.keeper_world import TURNS, Keeping, another_keeper
from tests.llm_server import Behaviour
from tests.summariser_scripts import read


async def test_the_model_named_for_memory_is_asked_and_stands_in_the_row(keeping: Keeping) -> None:
    await keeping.keeper.close()
    await keeping.talk(TURNS)
    async with another_keeper(keeping, name="aliceai-llm-flash") as keeper:
        keeper.look_at(keeping.dialog_id)
        await keeping.idle(keeper)
    (row,) = await keeping.rows()
    assert row.model == "aliceai-llm-flash"
    assert [each.body["model"] for each in keeping.world.llm.asked] == ["gpt://folder/aliceai-llm-flash"]


async def test_a_long_talk_does_not_keep_others_from_being_remembered(keeping: Keeping) -> None:
    first = keeping.dialog_id
    await keeping.talk(60)
    await keeping.change(reads_backlog=True)
    second = keeping.dialog_id = await keeping.world.dialog(keeping.person)
    await keeping.talk(TURNS)
    keeping.keeper.look_at(first)
    keeping.keeper.look_at(second)
    (short,) = await keeping.made(1)
    keeping.dialog_id = first
    await keeping.idle()
    assert len(await keeping.rows(0)) > 3
    assert sum(row.id < short.id for row in await keeping.rows()) <= 2, "so many were begun before"


async def test_a_long_talk_that_may_not_be_read_now_keeps_no_other_waiting(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "MOST_FOUND", 1)
    await keeping.talk(TURNS)
    await keeping.change(reads_backlog=True, memory_off=True)
    keeping.dialog_id = await keeping.world.dialog(keeping.person)
    await keeping.talk(TURNS)
    await keeping.change(reads_backlog=True)
    assert await keeping.made(1)


async def test_what_is_being_made_is_broken_off_when_everything_is_to_be_forgotten(keeping: Keeping) -> None:
    keeping.world.llm.refuses = lambda request: Behaviour(fault="hang") if read(request) else None
    await keeping.talk(TURNS)
    await keeping.a_reply_ended()

    async def is_asked() -> bool:
        return keeping.world.llm.in_flight == 1

    async def has_hung_up() -> bool:  # the model's server, in a thread of its own, notices it a moment later
        return keeping.world.llm.in_flight == 0

    await until(is_asked)
    async with keeping.world.database.write() as db:
        dialog = await db.get(Dialog, keeping.dialog_id)
        assert dialog
        dialog.memory_off = True
        await forget_everything(db, dialog)
    keeping.keeper.break_off(keeping.dialog_id)
    await keeping.idle()
    assert await keeping.rows() == []
    await until(has_hung_up)


async def test_open_pages_hear_that_something_is_being_remembered_and_that_it_is(keeping: Keeping) -> None:
    heard: list[MemoryChanged] = []
    keeping.world.bus.subscribe(MemoryChanged, keeping.dialog_id, heard.append)

    async def look() -> None:
        (row,) = await keeping.rows()
        assert row.state == ChapterState.RUNNING
        assert len(heard) == 1

    await keeping.while_asked(look)
    (row,) = await keeping.rows()
    assert row.state == ChapterState.DONE
    assert len(heard) == 2


async def test_a_dialog_that_cannot_be_worked_on_does_not_end_the_memory_of_the_others(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, broken = SummaryJobs.prepare, keeping.dialog_id

    async def breaks(jobs: SummaryJobs, job: object, *others: object) -> object:
        if job.dialog_id == broken:  # type: ignore[attr-defined]  # a job
            raise ZeroDivisionError
        return await good(jobs, job, *others)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(SummaryJobs, "prepare", breaks)
    await keeping.talk(TURNS)
    await keeping.a_reply_ended()
    await keeping.idle()
    (row,) = await keeping.rows()
    assert (row.state, row.fault) == (ChapterState.FAILED, "unexpected")
    assert row.reference in caplog.text
    assert [each.levelno for each in caplog.records if "broke" in each.message] == [logging.ERROR]
    keeping.dialog_id = await keeping.world.dialog(keeping.person)
    assert await keeping.chapters(TURNS)

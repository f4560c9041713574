"""Faults of the provider, of the server or of the person's budget: memory waits, and tries again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from domain.clock import now
from domain.memory.rows import ChapterState, MadeBy
from domain.model.character import Character
from domain.usage.usage import Usage
from tests.clock import Clock
from tests.domain.chat.conftest import until
from tests.domain.memory.summaries.keeper_world import TURNS, Keeping
from tests.llm_server import Behaviour


@pytest.mark.parametrize("fault", ["429", "503", "reset", "drop"])
async def test_a_fault_of_the_provider_is_waited_out_for_a_minute_five_and_half_an_hour(
    keeping: Keeping, clock: Clock, fault: str
) -> None:
    keeping.world.llm.refuses = lambda _request: Behaviour(fault=fault)
    (row,) = await keeping.chapters(TURNS)
    waits = []
    for attempts in (1, 2, 3, 4):

        async def has_failed(attempts: int = attempts) -> bool:
            (row,) = await keeping.rows()
            return row.attempts == attempts and row.state == ChapterState.FAILED

        await until(has_failed)
        (row,) = await keeping.rows()
        assert row.try_after
        assert row.fault
        assert row.reference
        waits.append(round((row.try_after - now()).total_seconds() / 60))
        clock.advance(row.try_after - now() + timedelta(seconds=1))
    assert waits == [1, 5, 30, 30]
    keeping.world.llm.refuses = keeping.script
    clock.advance(timedelta(hours=1))
    (row,) = await keeping.made(1)
    assert row.made_by == MadeBy.MODEL


async def test_replies_are_not_slowed_by_what_memory_was_refused(keeping: Keeping) -> None:
    keeping.world.llm.refuses = lambda _request: Behaviour(fault="429", retry_after="30")
    await keeping.chapters(TURNS)
    keeping.world.llm.refuses = keeping.script
    await keeping.world.chat.send(keeping.person, keeping.dialog_id, "Ты здесь?", "1")
    reply = await keeping.world.ended(keeping.person, keeping.dialog_id)
    assert reply.state == "done"


async def test_a_model_that_is_wrongly_set_is_not_hoped_for_for_ever(keeping: Keeping, clock: Clock) -> None:
    keeping.world.llm.refuses = lambda _request: Behaviour(fault="404")
    await keeping.chapters(TURNS)

    async def is_quoted() -> bool:
        clock.advance(timedelta(minutes=31))
        return (await keeping.rows())[0].state == ChapterState.DONE

    await until(is_quoted)
    assert (await keeping.rows())[0].made_by == MadeBy.EXCERPTS


async def test_what_it_cost_is_paid_by_the_owner_and_told_apart(keeping: Keeping) -> None:
    keeping.script.manner = "english"  # asked twice, and not kept
    (row,) = await keeping.chapters(TURNS)
    dialog = await keeping.dialog()
    async with keeping.world.database.read() as db:
        (usage,) = (await db.exec(select(Usage).where(Usage.user_id == keeping.person.user_id))).all()
    assert dialog.memory_tokens == dialog.tokens == usage.memory_tokens == usage.tokens_in + usage.tokens_out > 0
    assert dialog.memory_cost == dialog.cost == usage.memory_cost == usage.cost > 0
    assert (usage.replies, usage.failed, usage.filtered) == (0, 0, 0)
    assert row.cost == usage.cost


async def test_memory_waits_while_the_budget_is_spent(keeping: Keeping) -> None:
    await keeping.chapters(TURNS)
    await keeping.change_person(daily_tokens=1)
    asked = len(keeping.script.asked)
    await keeping.talk(12)
    await keeping.a_reply_ended()
    await keeping.idle()
    assert len(keeping.script.asked) == asked
    await keeping.change_person(daily_tokens=None)
    await keeping.a_reply_ended()
    await keeping.idle()
    assert len(keeping.script.asked) > asked


SILENCED: dict[str, dict[str, Any]] = {
    "memory is off": {"dialog": {"memory_off": True}},
    "in the bin": {"dialog": {"deleted_at": now()}},
    "a trial": {"person": {"is_trial": True}},
    "blocked": {"person": {"is_blocked": True}},
    "read only": {"person": {"is_read_only": True}},
    "character blocked": {"character": {"is_blocked": True}},
}


@pytest.mark.parametrize("why", SILENCED)
async def test_nothing_is_summed_up_where_it_may_not_be(keeping: Keeping, why: str) -> None:
    changes = SILENCED[why]
    await keeping.change(**changes.get("dialog", {"title": ""}))
    await keeping.change_person(**changes.get("person", {"about": ""}))
    if values := changes.get("character"):
        async with keeping.world.database.write() as db:
            await db.exec(update(Character).values(**values))
    assert await keeping.chapters(TURNS) == []
    assert keeping.script.asked == []

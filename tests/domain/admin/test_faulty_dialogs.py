"""Dialogs in which something went wrong: errors and refusals are two lists."""

from __future__ import annotations

from datetime import timedelta

from domain.admin.dialogs import AdminDialogs, DialogFilter, Faults
from domain.clock import now
from tests.domain.admin.crowd import an_admin
from tests.domain.chat.conftest import ChatWorld


async def test_errors_of_the_model_and_refusals_of_its_filter_are_listed_apart(world: ChatWorld) -> None:
    admin, ira = await an_admin(world.database), await world.somebody()
    dialogs = AdminDialogs(world.database)
    talked = {}
    for fault in ("403", "filter", ""):
        talked[fault] = await world.dialog(ira)
        world.llm.answer(fault=fault)
        await world.chat.send(ira, talked[fault], "Привет!", "1")
        await world.ended(ira, talked[fault])

    async def found(faults: Faults | None, since: timedelta = timedelta(hours=1)) -> set[int]:
        page = await dialogs.page(admin, DialogFilter(faults=faults, since=now() - since))
        return {each.id for each in page.rows}

    assert await found(Faults.FAILED) == {talked["403"]}
    assert await found(Faults.REFUSED) == {talked["filter"]}
    assert await found(Faults.ANY) == {talked["403"], talked["filter"]}
    assert await found(None) == set(talked.values())
    assert await found(Faults.FAILED, since=timedelta(hours=-1)) == set()

"""First admin: the link in the server's log makes one person an admin, once, and only while there is none."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from domain.accounts.accounts import Accounts
from domain.accounts.first_admin import GOOD_FOR, FirstAdmin
from domain.accounts.sessions import Caller
from domain.errors import NotFound
from domain.model.user import User
from storage.database import Database
from tests.clock import Clock


async def admins(database: Database) -> list[int]:
    async with database.read() as db:
        return list(await db.exec(select(User.id).where(col(User.is_admin))))


async def test_the_link_makes_one_person_an_admin_and_is_used_up(
    database: Database, ira: Caller, boris: Caller
) -> None:
    first_admin = FirstAdmin(database)
    token = await first_admin.new_token("one")
    await first_admin.check(token)
    assert await admins(database) == [], "opening it makes nobody an admin, and neither does coming first"

    await first_admin.claim(ira, token)
    assert await admins(database) == [ira.user_id]
    with pytest.raises(NotFound):
        await first_admin.claim(boris, token)
    with pytest.raises(NotFound):
        await first_admin.check(token)
    assert await first_admin.new_token("one") == "", "there is an admin now"


async def test_of_two_who_use_links_at_once_one_becomes_an_admin(
    database: Database, ira: Caller, boris: Caller
) -> None:
    first_admin = FirstAdmin(database)
    here, there = await first_admin.new_token("one"), await first_admin.new_token("two")
    ends = await asyncio.gather(first_admin.claim(ira, here), first_admin.claim(boris, there), return_exceptions=True)
    assert [type(end) for end in ends if end] == [NotFound]
    assert len(await admins(database)) == 1


async def test_each_instance_has_one_good_link_its_last(database: Database, clock: Clock) -> None:
    first_admin = FirstAdmin(database)
    old = await first_admin.new_token("one")
    new, other = await first_admin.new_token("one"), await first_admin.new_token("two")
    for dead in (old, "made up", "x" * 10_000, ""):
        with pytest.raises(NotFound):
            await first_admin.check(dead)
    await first_admin.check(new)
    await first_admin.check(other)
    clock.set(clock.time + GOOD_FOR + timedelta(seconds=1))
    with pytest.raises(NotFound):
        await first_admin.check(new)


async def test_a_link_is_dead_as_soon_as_somebody_is_an_admin_by_another_way(
    database: Database, accounts: Accounts, ira: Caller, boris: Caller
) -> None:
    first_admin = FirstAdmin(database)
    token = await first_admin.new_token("one")
    await accounts.set_admin("boris@example.org", is_admin=True)
    with pytest.raises(NotFound):
        await first_admin.claim(ira, token)
    assert await admins(database) == [boris.user_id]

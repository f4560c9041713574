"""State of a person in the admins' list: the gravest measure in force."""

from __future__ import annotations

from datetime import timedelta

from domain.admin.people import AdminUsers, UserFilter, UserState, state_of
from domain.model.user import User
from domain.statistics.roll_up import RollUp
from domain.usage.budget import TokenBudgets
from storage.database import Database
from tests.clock import Clock
from tests.domain.admin.crowd import an_admin, gather


async def test_a_term_that_has_run_out_is_no_state_of_anybody(clock: Clock) -> None:
    person = User(display_name="Ира", is_read_only=True, read_only_until=clock.time + timedelta(hours=1))
    assert state_of(person) == UserState.READ_ONLY
    clock.advance(timedelta(hours=1))
    assert state_of(person) == UserState.FREE
    person.is_hidden = True
    assert state_of(person) == UserState.HIDDEN


async def test_whoever_is_under_several_measures_is_found_by_the_gravest(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 3, people=8, said=0)
    async with database.write() as db:
        for number, each in enumerate(crowd.people):
            person = await db.get_one(User, each.id)
            person.is_blocked, person.is_read_only, person.is_hidden = (bool(number & bit) for bit in (4, 2, 1))
    await RollUp(database).people()
    people = AdminUsers(database, TokenBudgets())
    for state, of_those in {
        UserState.FREE: {crowd.people[0].id, admin.user_id},
        UserState.HIDDEN: {crowd.people[1].id},
        UserState.READ_ONLY: {each.id for each in crowd.people[2:4]},
        UserState.BLOCKED: {each.id for each in crowd.people[4:]},
    }.items():
        found = await people.page(admin, UserFilter(state=state))
        assert {row.id for row in found.rows} == of_those
        assert {row.state for row in found.rows} == {state}

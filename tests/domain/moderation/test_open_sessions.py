"""Open pages whose session ended, or whose person was blocked, while other instances could not be heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import col, delete, update

from domain.accounts.sessions import Caller, LoginMethod, LoginSession
from domain.accounts.sessions_list import SessionEnded
from domain.model.user import User
from domain.moderation.measure import MeasureImposed
from domain.moderation.open_sessions import OpenSessions
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import logged_in

Told = list[SessionEnded | MeasureImposed]


@pytest.fixture
def page(bus: Bus) -> Callable[[Caller], Told]:
    """Open a page of a person; returns the events that it receives."""

    def opened(caller: Caller) -> Told:
        told: Told = []
        bus.subscribe(SessionEnded, caller.session_id, told.append)
        bus.subscribe(MeasureImposed, caller.user_id, told.append)
        return told

    return opened


@pytest.fixture
def asked() -> Generator[list[str]]:
    """SQL statements that are executed."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


async def change(database: Database, statement: Any) -> None:
    """Change the database as another instance does while this one hears nothing."""
    async with database.write() as db:
        await db.exec(statement)


async def look(sessions: OpenSessions) -> None:
    await sessions.look()
    await asyncio.sleep(0)  # subscribers are called by the event loop


async def test_pages_of_ended_sessions_leave_and_those_of_blocked_people_look_why(
    database: Database, bus: Bus, page: Callable[[Caller], Told], asked: list[str]
) -> None:
    stays, leaves, blocked = [await logged_in(database, name) for name in ("vera", "ira", "boris")]
    told = {caller: page(caller) for caller in (stays, leaves, blocked)}
    await change(database, delete(LoginSession).where(col(LoginSession.id) == leaves.session_id))
    await change(database, update(User).where(col(User.id) == blocked.user_id).values(is_blocked=True))
    asked.clear()
    sessions = OpenSessions(database, bus)
    await look(sessions)
    assert told == {
        stays: [],
        leaves: [SessionEnded(leaves.session_id)],
        blocked: [MeasureImposed(blocked.user_id, None)],
    }
    assert len([each for each in asked if each.startswith("SELECT")]) == 1, "however many pages are open"
    await look(sessions)
    assert len(told[blocked]) == 1, "once is enough: the page that says why is theirs, too"


async def test_a_program_whose_person_is_blocked_is_let_go(
    database: Database, bus: Bus, page: Callable[[Caller], Told]
) -> None:
    program = await logged_in(database, "program")
    told = page(program)
    await change(database, update(LoginSession).values(method=LoginMethod.PROGRAM))
    await change(database, update(User).values(is_blocked=True))
    await look(OpenSessions(database, bus))
    assert told == [SessionEnded(program.session_id)]


async def test_without_open_pages_nothing_is_asked(database: Database, bus: Bus, asked: list[str]) -> None:
    await look(OpenSessions(database, bus))
    assert not asked


async def test_it_looks_by_itself_for_as_long_as_the_server_runs(
    database: Database, bus: Bus, page: Callable[[Caller], Told]
) -> None:
    ira = await logged_in(database, "ira")
    told = page(ira)
    has_ended = asyncio.Event()
    bus.subscribe(SessionEnded, ira.session_id, lambda _fact: has_ended.set())
    sessions = OpenSessions(database, bus, every=0.01)
    await sessions.start()
    await change(database, delete(LoginSession))
    async with asyncio.timeout(60):
        await has_ended.wait()
    await sessions.close()
    assert told[0] == SessionEnded(ira.session_id)

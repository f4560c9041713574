"""Readiness: what a proxy is told of an instance, even while its dependencies hang."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import text

from domain.checks.readiness import Readiness
from domain.instances.clock_skew import ClockSkew
from storage.database import Database
from storage.postgres import CONNECT_WITHIN
from storage.wire.wire import NoWire
from tests.clock import Clock

SOON = 0.3  # seconds


class Cuttable(NoWire):
    """Connection to the other instances, which a test can cut."""

    reaches_others = True


@pytest.fixture
async def silent() -> AsyncGenerator[Database]:
    """A PostgreSQL that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        database = Database(f"postgresql://somebody:secret@127.0.0.1:{server.getsockname()[1]}/x")
        yield database
        await database.close()


async def words(readiness: Readiness) -> dict[str, str]:
    return asdict(await readiness.report())


async def change(database: Database, statement: str) -> None:
    async with database.write() as db:
        await (await db.connection()).execute(text(statement))


async def test_an_instance_with_a_database_of_its_version_is_ready(database: Database) -> None:
    clock = "none" if database.dialect == "sqlite" else "ok"
    found = await words(Readiness(database, NoWire(), ClockSkew(database)))
    assert found == {"ready": "yes", "database": "ok", "schema": "ok", "bus": "none", "clock": clock}


async def test_a_database_that_hangs_is_told_of_in_time_and_keeps_nobody_from_leaving(silent: Database) -> None:
    readiness = Readiness(silent, NoWire(), ClockSkew(silent), within=SOON)
    begun = time.monotonic()
    first = await words(readiness)
    assert first == {"ready": "no", "database": "down", "schema": "unknown", "bus": "none", "clock": "ok"}
    assert await asyncio.gather(*(words(readiness) for _time in range(20))) == [first] * 20
    await readiness.close()
    assert time.monotonic() - begun < CONNECT_WITHIN - 1, "nobody has waited for it to answer"


async def test_a_hundred_who_ask_at_once_cost_one_look(database: Database) -> None:
    asked: list[str] = []
    event.listen(Engine, "before_cursor_execute", note := lambda *given: asked.append(given[2]))
    try:
        readiness = Readiness(database, NoWire(), ClockSkew(database))
        await asyncio.gather(*(readiness.report() for _time in range(100)))
        await readiness.report()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([statement for statement in asked if "alembic_version" in statement]) == 1


@pytest.mark.own_database
@pytest.mark.parametrize(
    ("statement", "ready", "schema"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "no", "older"),
        ("UPDATE alembic_version SET version_num = 'of next year'", "yes", "newer"),
        ("DELETE FROM alembic_version", "no", "none"),
        ("DROP TABLE alembic_version", "no", "none"),
    ],
)
async def test_tables_must_be_of_this_version_or_of_the_next(
    database: Database, statement: str, ready: str, schema: str
) -> None:
    """An upgrade of several instances migrates the database before the last of the old ones is replaced."""
    await change(database, statement)
    found = await words(Readiness(database, NoWire(), ClockSkew(database)))
    assert (found["ready"], found["database"], found["schema"]) == (ready, "ok", schema)


async def test_without_the_bus_people_are_served_and_it_is_said(database: Database) -> None:
    wire = Cuttable()
    readiness = Readiness(database, wire, ClockSkew(database))
    found = [await words(readiness)]
    wire.is_up = False
    found.append(await words(readiness))
    assert [(each["ready"], each["bus"]) for each in found] == [("yes", "ok"), ("yes", "down")]


@pytest.mark.parametrize("dialect", ["postgresql"])
@pytest.mark.parametrize("seconds", [-60, 60])
async def test_with_a_clock_that_is_off_people_are_served_and_it_is_said(
    database: Database, clock: Clock, seconds: int
) -> None:
    clock.advance(timedelta(seconds=seconds))
    skew = ClockSkew(database)
    await skew.look()
    found = await words(Readiness(database, NoWire(), skew))
    assert (found["ready"], found["clock"]) == ("yes", "off")


async def test_an_instance_that_drains_says_so_at_once(database: Database) -> None:
    readiness = Readiness(database, NoWire(), ClockSkew(database))
    assert (await readiness.report()).is_ready
    readiness.is_draining = True
    assert not (await readiness.report()).is_ready
    assert (await words(readiness))["ready"] == "draining"

"""PostgreSQL's connections: how long a statement, a pause and the start may take, and how many there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text

from storage import postgres
from storage.database import Database, DatabaseUnavailable
from storage.postgres import wait_for_answer

on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"])


@pytest.fixture
async def hasty(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Database]:
    """A database whose limit of this name is a second."""
    monkeypatch.setattr(postgres, request.param, 1)
    database = Database(database_url)
    yield database
    await database.close()


@on_postgresql
@pytest.mark.parametrize("hasty", ["LONGEST_STATEMENT"], indirect=True)
async def test_a_statement_that_takes_too_long_is_given_up_unless_it_may_take_long(hasty: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match="timeout"):
        async with hasty.read() as db:
            await db.scalar(text("SELECT pg_sleep(60)"))
    for patiently in (hasty.read(patient=True), hasty.write(patient=True)):
        async with patiently as db:
            await db.scalar(text("SELECT pg_sleep(1.5)"))
    with pytest.raises(DatabaseUnavailable):  # the connection is as it was
        async with hasty.read() as db:
            await db.scalar(text("SELECT pg_sleep(60)"))


@on_postgresql
@pytest.mark.parametrize("hasty", ["LONGEST_PAUSE"], indirect=True)
async def test_what_a_frozen_instance_has_locked_is_soon_free(hasty: Database, database: Database) -> None:
    async with database.write() as db:
        await db.scalar(text("INSERT INTO claimed_task (name, next_at) VALUES ('x', now()) RETURNING 1"))
    lock = text("SELECT 1 FROM claimed_task FOR UPDATE")
    with pytest.raises(DatabaseUnavailable):  # noqa: PT012 - it goes on within the transaction
        async with hasty.write() as frozen:
            await frozen.scalar(lock)
            async with asyncio.timeout(60):
                await asyncio.create_task(locked(database))
            await frozen.scalar(text("SELECT 1"))
    await locked(hasty)


async def locked(database: Database) -> None:
    async with database.write() as db:
        await db.scalar(text("SELECT 1 FROM claimed_task FOR UPDATE"))


@on_postgresql
async def test_an_instance_takes_no_more_connections_than_it_is_told(database_url: str) -> None:
    mark = "&" if "?" in database_url else "?"  # others of this process may not be quite closed yet
    database = Database(f"{database_url}{mark}application_name=counted", connections=4)
    together = asyncio.Barrier(2)

    async def stay() -> int:
        async with database.read() as db:
            await together.wait()
            ours = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'")
            return int(await db.scalar(ours))

    counts = await asyncio.gather(*(stay() for _ in range(8)))
    await database.close()
    assert 2 <= max(counts) <= 4


@on_postgresql
async def test_what_only_reads_sees_one_snapshot_and_may_change_nothing(database: Database) -> None:
    async with database.read() as db:
        mode = [await db.scalar(text(f"SHOW transaction_{each}")) for each in ("isolation", "read_only")]
        assert mode == ["repeatable read", "on"]
    async with database.write() as db:
        mode = [await db.scalar(text(f"SHOW transaction_{each}")) for each in ("isolation", "read_only")]
        assert mode == ["read committed", "off"]


@on_postgresql
async def test_what_is_asked_again_and_again_is_planned_once(database_url: str) -> None:
    database = Database(database_url, connections=2)
    asked, prepared = (
        text("SELECT 1 AS again"),
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%again'",
    )
    for _ in range(10):
        async with database.read() as db:
            await db.scalar(asked)
    async with database.read() as db:
        assert await db.scalar(text(prepared)) == 1
    await database.close()


@on_postgresql
@pytest.mark.own_database
async def test_a_statement_prepared_before_a_release_changed_its_table_is_soon_good_again(
    database_url: str, database: Database
) -> None:
    older = Database(database_url, connections=2)
    asked = text("SELECT name FROM claimed_task")

    async def ask() -> None:
        async with older.read() as db:
            await db.scalar(asked)

    for _ in range(10):
        await ask()
    async with database.write() as db:
        await (await db.connection()).execute(text("ALTER TABLE claimed_task ALTER COLUMN name TYPE text"))
    with pytest.raises(DatabaseUnavailable, match="tables"):
        await ask()
    await ask()
    await older.close()


@on_postgresql
async def test_nobody_meets_a_connection_that_the_server_has_closed(database_url: str) -> None:
    database, others = Database(database_url), Database(database_url)
    together = asyncio.Barrier(3)

    async def stay() -> int:
        async with database.read() as db:
            await together.wait()
            return int(await db.scalar(text("SELECT pg_backend_pid()")))

    closed = await asyncio.gather(*(stay() for _ in range(3)))
    async with others.write() as db:
        for each in closed:
            await db.scalar(text("SELECT pg_terminate_backend(:pid, 10000)").bindparams(pid=each))
    assert not set(closed) & set(await asyncio.gather(*(stay() for _ in range(3))))
    await database.close()
    await others.close()


@on_postgresql
async def test_what_the_address_says_counts_more(database_url: str) -> None:
    mark = "&" if "?" in database_url else "?"
    database = Database(f"{database_url}{mark}options=-c%20statement_timeout%3D7s")
    async with database.read() as db:
        assert await db.scalar(text("SHOW statement_timeout")) == "7s"
        assert await db.scalar(text("SHOW idle_in_transaction_session_timeout")) == "5s"
    await database.close()


def test_a_start_waits_for_a_database_that_does_not_answer_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postgres, "ASKED_EVERY", 0.05)
    monkeypatch.setattr(postgres, "START_WITHIN", 0.5)
    wait_for_answer("postgresql://somebody@127.0.0.1:9/nowhere")
    assert caplog.messages == ["The database does not answer yet: waiting for it, up to 0.5 seconds"]


@on_postgresql
def test_a_start_waits_for_nothing_where_waiting_cannot_help(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    wait_for_answer(database_url)
    wait_for_answer(database_url.replace("/shared", "/nowhere"))
    assert caplog.messages == []

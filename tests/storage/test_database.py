"""Transactions: concurrency, rollback and cancellation."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, UTCDateTime

from storage.database import CONNECTIONS, MOST_OF_ONE_WAITING, Database, DatabaseUnavailable, violates
from storage.fair_queue import acting_for

pytestmark = pytest.mark.own_database
metadata = MetaData(naming_convention=SQLModel.metadata.naming_convention)
account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False),
    Column("balance", Integer, nullable=False, default=0),
    Column("mail", String(40)),
    Column("opened_at", UTCDateTime()),
    UniqueConstraint("name"),
    CheckConstraint("balance < 1000", name="balance_is_modest"),
    Index("uq_account_lower_mail", func.lower(text("mail")), unique=True),
)
payment = Table(
    "payment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("state", String(10), nullable=False, default="done"),
    Index(
        "one_running_payment",
        "account_id",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)


@pytest.fixture
async def bank(database: Database) -> Database:
    """A database with the tables above and one account: Anna's, number 1, empty."""
    async with database.write() as db:
        await (await db.connection()).run_sync(metadata.create_all)
        await db.exec(insert(account).values(name="Anna", mail="anna@example.org"))
    return database


async def balance(database: Database) -> int | None:
    async with database.read() as db:
        return await db.scalar(select(account.c.balance).where(account.c.id == 1))


async def add(database: Database, amount: int) -> None:
    async with database.write() as db:
        before = await db.scalar(select(account.c.balance).where(account.c.id == 1).with_for_update())
        await asyncio.sleep(0.002)
        await db.exec(update(account).values(balance=(before or 0) + amount))


async def bank_is_emptied(database: Database) -> None:
    async with database.write() as db:
        await db.exec(delete(account))


async def test_twenty_payments_at_once_are_all_counted(bank: Database) -> None:
    await asyncio.gather(*(add(bank, 1) for _ in range(20)))
    assert await balance(bank) == 20


async def test_two_servers_on_one_database_lose_nothing(bank: Database, database_url: str) -> None:
    other = Database(database_url)
    await asyncio.gather(*(add(each, 1) for _ in range(10) for each in (bank, other)))
    await other.close()
    assert await balance(bank) == 20


async def test_a_flood_of_one_persons_writes_does_not_hold_up_anothers(bank: Database) -> None:
    turns: list[str] = []

    async def write_for(who: str) -> None:
        acting_for.set(who)
        async with bank.write() as db:
            turns.append(who)
            await db.exec(update(account).values(balance=account.c.balance + 1).where(account.c.name == "Boris"))

    # 4,000 clicks leave a socket in a tenth of a second: those beyond the longest queue are refused at once.
    flood = [asyncio.create_task(write_for("flooder")) for _ in range(4_000)]
    await asyncio.sleep(0)
    await write_for("anna")
    at_once = 1 if bank.dialect == "sqlite" else CONNECTIONS // 2
    # On PostgreSQL some of them are done before her connection stands; in one queue all of them would be before her.
    assert turns.index("anna") < MOST_OF_ONE_WAITING / 2
    refused = [each for each in flood if each.done() and isinstance(each.exception(), DatabaseUnavailable)]
    assert len(refused) == 4_000 - MOST_OF_ONE_WAITING - at_once
    for each in flood:
        each.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    await add(bank, 1)


async def test_one_persons_long_questions_leave_connections_to_others(bank: Database) -> None:
    over, all_in = asyncio.Event(), asyncio.Event()
    inside: list[int] = []

    async def look_for_long(number: int) -> None:
        acting_for.set("curious")
        async with bank.read():
            inside.append(number)
            if len(inside) == CONNECTIONS // 2:
                all_in.set()
            await over.wait()

    curious = [asyncio.create_task(look_for_long(number)) for number in range(30)]
    async with asyncio.timeout(60):
        await all_in.wait()
        assert await balance(bank) == 0, "somebody else is answered meanwhile"
    assert inside == list(range(CONNECTIONS // 2))
    over.set()
    await asyncio.gather(*curious)


async def test_a_block_that_fails_changes_nothing(bank: Database) -> None:
    async def fails() -> None:
        async with bank.write() as db:
            await db.exec(update(account).values(balance=500))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await balance(bank) == 0
    await add(bank, 1)
    assert await balance(bank) == 1


async def test_a_block_that_is_cancelled_changes_nothing_and_holds_up_nobody(bank: Database) -> None:
    changed = asyncio.Event()

    async def never_ends() -> None:
        async with bank.write() as db:
            await db.exec(update(account).values(balance=500))
            changed.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(never_ends())
    await changed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(60):
        await add(bank, 1)
    assert await balance(bank) == 1


async def test_cancelled_at_any_moment_a_block_leaves_no_transaction_open(bank: Database) -> None:
    """Not even when its first statement, with which the transaction begins, is under way."""

    async def reads() -> None:
        async with bank.read() as db:
            await db.scalar(select(account.c.balance))

    async def changes() -> None:
        async with bank.write() as db:
            await db.exec(update(account).values(balance=500))
            await asyncio.sleep(60)

    for moment in range(40):
        for block in (reads, changes):
            task = asyncio.create_task(block())
            for _ in range(moment):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await add(bank, 1)
        assert await balance(bank) == moment + 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_commit_that_fails_changes_nothing_and_holds_up_nobody(bank: Database) -> None:
    """As on a full disk: what SQLite refuses at the very end has to be rolled back before the next one begins."""

    async def pays_nobody() -> None:
        async with bank.write() as db:
            await (await db.connection()).execute(text("PRAGMA defer_foreign_keys = ON"))
            await db.exec(insert(payment).values(account_id=7))

    with pytest.raises(IntegrityError):
        await pays_nobody()
    await add(bank, 1)
    assert await balance(bank) == 1


async def test_readers_see_the_last_commit_while_somebody_writes(bank: Database) -> None:
    async with bank.write() as db:
        await db.exec(update(account).values(balance=500))
        assert await balance(bank) == 0
    assert await balance(bank) == 500


async def test_what_a_reader_sees_does_not_change_under_it(bank: Database) -> None:
    async with bank.read() as db:
        assert await db.scalar(select(account.c.balance)) == 0
        await add(bank, 5)
        await bank_is_emptied(bank)
        assert await db.scalar(select(account.c.balance)) == 0
    assert await balance(bank) is None


async def test_whoever_reads_next_sees_what_was_committed_since(bank: Database, database_url: str) -> None:
    """Nobody waits for the end of what only read; what comes next on its connection must not be part of it."""
    single = Database(database_url, connections=2)  # one of which reads at a time
    try:
        for paid in range(1, 30):
            await add(bank, 1)
            assert await balance(single) == paid
    finally:
        await single.close()


async def test_a_reader_cannot_change_anything(bank: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        async with bank.read() as db:
            await db.exec(update(account).values(balance=500))
    assert await balance(bank) == 0


async def test_writing_inside_writing_is_refused_at_once(bank: Database) -> None:
    async def writes_twice() -> None:
        async with bank.write() as db:
            await db.exec(update(account).values(balance=500))
            await add(bank, 1)

    async with asyncio.timeout(60):
        with pytest.raises(RuntimeError, match=r"write\(\) inside write\(\)"):
            await writes_twice()
        await add(bank, 1)
    assert await balance(bank) == 1


async def test_a_task_started_while_writing_may_write_later(bank: Database) -> None:
    async with bank.write() as db:
        await db.exec(update(account).values(balance=1))
        task = asyncio.create_task(add(bank, 1))
        await asyncio.sleep(0.01)
    await task
    assert await balance(bank) == 2


async def test_what_was_committed_is_there_when_opened_again(bank: Database, database_url: str) -> None:
    await add(bank, 7)
    await bank.close()
    again = Database(database_url)
    assert await balance(again) == 7
    await again.close()


async def test_moments_come_back_aware_and_in_utc(bank: Database) -> None:
    vladivostok = timezone(timedelta(hours=10))
    async with bank.write() as db:
        await db.exec(update(account).values(opened_at=datetime(2026, 5, 1, 3, 30, tzinfo=vladivostok)))
    async with bank.read() as db:
        opened_at = await db.scalar(select(account.c.opened_at))
    assert opened_at == datetime(2026, 4, 30, 17, 30, tzinfo=UTC)
    assert opened_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_every_sqlite_connection_keeps_the_promises(database: Database) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    for session in (database.read, database.write, database.read):
        async with session() as db:
            assert {name: await db.scalar(text(f"PRAGMA {name}")) for name in expected} == expected


async def test_the_violated_constraint_is_recognised_by_its_name(bank: Database) -> None:
    refused = {
        "uq_account_name": insert(account).values(name="Anna"),
        "pk_account": insert(account).values(id=1, name="Boris"),
        "ck_account_balance_is_modest": insert(account).values(name="Boris", balance=1000),
        "uq_account_lower_mail": insert(account).values(name="Boris", mail="ANNA@example.org"),
        "one_running_payment": insert(payment).values(account_id=1, state="running"),
        "fk_payment_account_id_account": insert(payment).values(account_id=99),
    }
    async with bank.write() as db:
        await db.exec(insert(payment).values(account_id=1, state="running"))
        await db.exec(insert(payment).values(account_id=1))
        await db.exec(insert(payment).values(account_id=1))
    for name, statement in refused.items():
        with pytest.raises(IntegrityError) as refusal:
            async with bank.write() as db:
                await db.exec(statement)
        assert [each for each in refused if violates(refusal.value, each, metadata)] == [name]


async def test_asking_for_a_constraint_that_nobody_declared_is_a_mistake(bank: Database) -> None:
    with pytest.raises(IntegrityError) as refusal:
        async with bank.write() as db:
            await db.exec(insert(account).values(name="Anna"))
    with pytest.raises(LookupError, match="uq_account_nmae"):
        violates(refusal.value, "uq_account_nmae", metadata)


async def test_an_error_does_not_repeat_what_people_wrote(bank: Database) -> None:
    with pytest.raises(IntegrityError) as refusal:
        async with bank.write() as db:
            await db.exec(insert(account).values(name="Anna", mail="my secret"))
    assert "my secret" not in str(refusal.value)


async def test_health_tells_a_living_database_from_a_dead_one(database: Database, tmp_path: Path) -> None:
    assert await database.is_alive()
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    gone = f"sqlite:///{tmp_path}/broken.db" if database.dialect == "sqlite" else "postgresql://localhost:1/nowhere"
    dead = Database(gone)
    assert not await dead.is_alive()
    await dead.close()


async def test_statements_are_logged_once_each_and_without_their_values(
    database_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("WARNING", "sqlalchemy.engine")  # so that it is set back after the test
    caplog.handler.setLevel("INFO")
    database = Database(database_url, echo=True)
    async with database.read() as db:
        await db.scalar(select(text("'once'"), text(":word")).params(word="secret"))
    await database.close()
    assert len([each for each in caplog.messages if "'once'" in each]) == 1
    assert "secret" not in caplog.text
    assert "'once'" not in "".join(capfd.readouterr()), "SQLAlchemy prints it beside our log"


class Figures:
    def __init__(self) -> None:
        self.waits: list[float] = []
        self.without_answer = 0

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def did_not_answer(self) -> None:
        self.without_answer += 1


async def test_an_observer_is_told_of_each_wait_and_of_a_database_that_is_away(database_url: str) -> None:
    figures = Figures()
    database = Database(database_url, observer=figures)
    async with database.read() as db:
        await db.scalar(text("SELECT 1"))
    assert len(figures.waits) == 1
    assert figures.without_answer == 0
    await database.close()
    away = Database("postgresql://nobody@127.0.0.1:9/nowhere", observer=figures)
    with pytest.raises(DatabaseUnavailable):
        async with away.read() as db:
            await db.scalar(text("SELECT 1"))
    assert figures.without_answer == 1
    await away.close()

"""Database access (unit of work): transactions on a SQLite file or PostgreSQL, chosen by the URL.

`read()` and `write()` are the only ways in. Each gives a session in one transaction, short by agreement: nothing slow
is awaited inside. Loaded objects stay readable afterwards. If the database is locked by others, full or unreachable,
both raise `DatabaseUnavailable`, whatever its driver calls that.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal, Protocol, TypeAlias

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import (
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.sql import text
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import postgres, sqlite
from storage.fair_queue import FairQueue, QueueFull, acting_for
from storage.sqlite_driver import Driver
from storage.url import POSTGRESQL, SQLITE, file_of, read_url

WAIT = 10  # seconds
LONGEST_QUEUE = 60
"""Seconds that a transaction may wait in the queue: unlike a silent database, a queue is no fault."""
MOST_WAITING, MOST_OF_ONE_WAITING = 10_000, 1_000
"""Maximum length of the queue of transactions, in all and per user or IP address; one more is refused at once."""
HEALTH_WAIT = 3
"""Seconds after which a database that does not answer counts as down."""
CONNECTIONS = 20
"""Database connections of this instance. One user or IP address gets at most half of them, so that others always find
one that is soon free.
"""
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # a commit survives a power cut
    "foreign_keys": "ON",
}
RowLock: TypeAlias = dict[str, Any]
LOCK_FOR_UPDATE: RowLock = {"key_share": True}
"""Row lock for an update (FOR NO KEY UPDATE): `with_for_update=LOCK_FOR_UPDATE` in `get()` and `refresh()`. A plain FOR
UPDATE, meant for rows that may be deleted, would also block inserts of rows that refer to it.
"""
LOCK_FOR_REFERENCE: RowLock = {"key_share": True, "read": True}
"""Row lock against deletion (FOR KEY SHARE), for a row that something is going to refer to. Many may hold it at once.
"""
_WRITES = "writes"
PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""Prefixes of SQLite's error names for transient faults: the statement is sound, only the moment is wrong."""


class DatabaseUnavailable(Exception):
    """A transient database failure: locked, full, restarting or unreachable. A retry may succeed a moment later."""


class Observer(Protocol):
    """Receives what metrics count; its methods are fast and do not raise."""

    def waited(self, seconds: float) -> None:
        """A transaction got its turn after so many seconds in the queue."""

    def did_not_answer(self) -> None: ...


class Database:
    """Sessions over one database.

    `url` is `sqlite:///…` or `postgresql://…` (storage/url.py); `echo` logs every statement, never its values; `wait`
    is how many seconds to wait for a free connection or for SQLite's lock before it is an error; `connections` is how
    many of PostgreSQL's this instance takes.
    """

    def __init__(
        self,
        url: str,
        *,
        echo: bool = False,
        wait: float = WAIT,
        connections: int = CONNECTIONS,
        observer: Observer | None = None,
    ) -> None:
        address = read_url(url)
        self._observer = observer
        self._writing: set[asyncio.Task[Any] | None] = set()
        # A connection pool serves whoever asks at the right moment, and may send the first in line to the end; these
        # queues go round robin by user. SQLite allows only one writer at a time.
        self._turns_to_read = _queue(connections, each=connections // 2)
        self._turns_to_write = _queue(1) if file_of(address) else self._turns_to_read
        # Errors and logs omit bound values: passwords, e-mails and conversations are among them.
        options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": wait}
        if echo:  # SQLAlchemy's own `echo` adds a handler of its own beside ours
            logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
        if file_of(address):
            self.dialect: Literal["sqlite", "postgresql"] = "sqlite"
            options["module"] = Driver()
            self._writer = create_async_engine(address, **options, pool_size=1, max_overflow=0)
            # The timeout comes first: the following statements may already have to wait.
            pragmas: dict[str, str | int] = {"busy_timeout": int(wait * 1000), **PRAGMAS}
            sqlite.set_up(self._writer.sync_engine, begin="BEGIN IMMEDIATE", **pragmas)
            pool = {"pool_size": connections // 2, "max_overflow": connections - connections // 2}
            self._reader = create_async_engine(address, **options, **pool)
            sqlite.set_up(self._reader.sync_engine, begin="BEGIN", **pragmas, query_only="ON")
        else:
            from storage import postgres_driver  # imports psycopg, which a server on SQLite does not load

            self.dialect = "postgresql"
            self._writer = create_async_engine(
                address,
                **options,
                pool_size=connections,  # all stay open: opening one takes longer than most transactions
                max_overflow=0,
                pool_use_lifo=True,  # the fewer connections are used, the more statements each has prepared
                connect_args=postgres.connect_args(address) | postgres_driver.CLASSES,
            )
            postgres_driver.set_up(self._writer.sync_engine)
            self._reader = self._writer.execution_options(**postgres_driver.ONLY_READS)

    @asynccontextmanager
    async def read(self, *, patient: bool = False) -> AsyncGenerator[AsyncSession]:
        """A read-only session: all its queries see one snapshot. `patient` lifts the statement timeout, for work that
        nobody waits for or that is of use only when complete.
        """
        with self._refusals_named():
            async with self._turn(self._turns_to_read), AsyncSession(self._reader, expire_on_commit=False) as db:
                await self._give_time(db, patient=patient)
                yield db

    @asynccontextmanager
    async def write(self, *, patient: bool = False) -> AsyncGenerator[AsyncSession]:
        """A session in one transaction: committed at the end of the block, rolled back if it raises. `patient`: as in
        `read`.

        On SQLite the first statement waits for the write lock, so what is read here stays true until the end; on
        PostgreSQL a row whose change depends on its values must be read with the row lock `LOCK_FOR_UPDATE`, which
        SQLite ignores.

        A nested `write()` by the same task is refused at once with `RuntimeError`: on SQLite it would deadlock with
        itself, on PostgreSQL it would commit even if the outer one is rolled back.
        """
        task = asyncio.current_task()
        if task in self._writing:
            raise RuntimeError("write() inside write(): pass the session on, one use case is one transaction")
        self._writing.add(task)
        try:
            with self._refusals_named():
                async with (
                    self._turn(self._turns_to_write),
                    AsyncSession(self._writer, expire_on_commit=False, info={_WRITES: True}) as db,
                    db.begin(),
                ):
                    await self._give_time(db, patient=patient)
                    yield db
        finally:
            self._writing.remove(task)

    async def _give_time(self, db: AsyncSession, *, patient: bool) -> None:
        if patient and self.dialect == POSTGRESQL:
            await (await db.connection()).execute(postgres.NO_TIME_LIMIT)

    async def is_alive(self) -> bool:
        """Health check: whether the database answers a query within a few seconds."""
        # SQLite needs a query that it cannot answer without reading the file.
        question = "SELECT count(*) FROM sqlite_schema" if self.dialect == SQLITE else "SELECT 1"
        try:
            async with asyncio.timeout(HEALTH_WAIT), self.read() as db:
                await db.scalar(text(question))
        except (DatabaseUnavailable, SQLAlchemyError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close every connection. A session still open runs to its end."""
        await self._writer.dispose()
        await self._reader.dispose()

    @asynccontextmanager
    async def _turn(self, queue: FairQueue) -> AsyncGenerator[None]:
        """A turn in the queue for whoever this code works for (`acting_for`)."""
        key = acting_for.get()
        queued_at = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST_QUEUE):
                await queue.acquire(key)
        except (TimeoutError, QueueFull) as error:
            raise DatabaseUnavailable("too many are waiting") from error
        try:
            if self._observer:
                self._observer.waited(time.monotonic() - queued_at)
            yield
        finally:
            queue.release(key)

    @contextmanager
    def _refusals_named(self) -> Iterator[None]:
        try:
            yield
        except InternalError as error:
            if getattr(error.orig, "sqlstate", "") != postgres.PAUSED_TOO_LONG:
                raise
            raise DatabaseUnavailable("this instance stood still within a transaction") from error
        except NotSupportedError as error:
            if postgres.REPLAN not in str(error.orig):
                raise
            raise DatabaseUnavailable("its tables have just been changed") from error
        except (OperationalError, InterfaceError, NoFreeConnection) as error:
            # SQLite raises OperationalError for a missing table too, and that is not transient.
            complaint = getattr(error, "orig", None) or error
            name = getattr(complaint, "sqlite_errorname", "")
            if name and not name.startswith(PASSING):
                raise
            if self._observer:
                self._observer.did_not_answer()
            raise DatabaseUnavailable(str(complaint).partition("\n")[0]) from error


def is_writable(db: AsyncSession) -> bool:
    """Whether the session is one of `write()`. Only there does PostgreSQL allow row locks."""
    return _WRITES in db.info


def _queue(places: int, each: int | None = None) -> FairQueue:
    return FairQueue(places, each=each, longest=MOST_WAITING, longest_of_one=MOST_OF_ONE_WAITING)


def violates(error: IntegrityError, name: str, metadata: MetaData = SQLModel.metadata) -> bool:
    """Whether the constraint or unique index called `name` refused the row.

    `metadata` is where that name is declared; `LookupError` if it is not. SQLite reports less than PostgreSQL: never
    which foreign key it was (any matches here), and for a unique index over plain columns only those columns, so two
    partial ones over the same columns look alike.
    """
    rule = _rule_called(name, metadata)
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == name)
    complaint = str(error.orig)
    if isinstance(rule, ForeignKeyConstraint):
        return complaint == "FOREIGN KEY constraint failed"
    if isinstance(rule, CheckConstraint):
        return complaint == f"CHECK constraint failed: {name}"
    columns = ", ".join(f"{column.table.name}.{column.name}" for column in rule.columns)
    return complaint in (f"UNIQUE constraint failed: {columns}", f"UNIQUE constraint failed: index '{name}'")


_Rule = CheckConstraint | ForeignKeyConstraint | PrimaryKeyConstraint | UniqueConstraint | Index


def _rule_called(name: str, metadata: MetaData) -> _Rule:
    for table in metadata.tables.values():
        for rule in (*table.constraints, *table.indexes):
            if isinstance(rule, _Rule) and rule.name == name:
                return rule
    raise LookupError(f"no table declares a constraint or index called {name}")

"""PostgreSQL driver: psycopg below SQLAlchemy, without the round trips and the planning that gain nothing.

A reply takes a dozen transactions. SQLAlchemy asks before each whether its connection is still alive, and psycopg
forgets all prepared statements with a rollback, by which SQLAlchemy ends read-only transactions: so each statement was
planned anew.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

from psycopg import AsyncConnection, AsyncCursor, Column
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from sqlalchemy import Connection as EngineConnection
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
ONLY_READS = {"only_reads": True}
"""Execution option of an engine whose transactions read one snapshot and change nothing."""


class Cursor(AsyncCursor[TupleRow]):
    @property
    def description(self) -> list[Column] | None:
        """Built lazily. SQLAlchemy asks for it after each statement, only to see whether there are rows, since it has
        cached the columns: a dialog with all that belongs to it has a hundred and fifty.
        """
        result = self.pgresult
        if result is None or not result.nfields:
            return super().description
        return _Columns(self)  # type: ignore[return-value]  # as good as a list for whoever reads it

    @property
    def described(self) -> Sequence[Column]:
        return super().description or ()


class _Columns(Sequence[Column]):
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    @cached_property
    def _columns(self) -> Sequence[Column]:
        return self._cursor.described

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, place: int) -> Column: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Column]: ...

    def __getitem__(self, place: int | slice) -> Column | Sequence[Column]:
        return self._columns[place]


class Connection(AsyncConnection[TupleRow]):
    only_reads = False
    """True if the current transaction, or the one about to begin, only reads."""

    def _get_tx_start_command(self) -> bytes:
        return READ if self.only_reads else WRITE

    async def rollback(self) -> None:
        """Commit a read-only transaction instead: it has nothing to undo, and so the prepared statements survive."""
        if self.only_reads and self.info.transaction_status == TransactionStatus.INTRANS:
            await self.commit()
        else:
            await super().rollback()


CLASSES = {"async_creator_fn": Connection.connect, "cursor_factory": Cursor}
"""Connect arguments that make SQLAlchemy use these classes."""


def set_up(engine: Engine) -> None:
    """Check each connection when it is taken from the pool, and tell it whether its transaction only reads.

    The kernel knows without a round trip whether the server has hung up, as it does when it stops: there is something
    to read although nothing was asked. SQLAlchemy's own way to set a transaction's mode awaits psycopg, which may let
    other tasks run: one that is cancelled there loses the connection.
    """

    def taken(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _taken: PoolProxiedConnection) -> None:
        if _has_hung_up(connection.driver_connection):
            raise InvalidatePoolError

    def begun(connection: EngineConnection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.only_reads = ONLY_READS.items() <= connection.get_execution_options().items()

    event.listen(engine, "checkout", taken)
    event.listen(engine, "begin", begun)


def _has_hung_up(connection: Connection) -> bool:
    if connection.closed:
        return True
    looking = select.poll()  # select() takes no descriptor above 1,023, and every open page has one
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))

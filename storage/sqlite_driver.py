"""SQLite driver: aiosqlite below SQLAlchemy, with one trip to the connection's thread for each statement.

SQLAlchemy's own cursor makes four: to open, to execute, to fetch and to close. On a message's way to the model the
trips take longer than SQLite does. So a transaction also begins on the trip of its first statement, only one that has
begun is ended, and nobody waits for the end of one that only read.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds all rows that a statement returned; nothing of it stays open in SQLite."""

    __slots__ = ("_description", "_lastrowid", "_rowcount")

    def __init__(self, connection: AsyncAdapt_aiosqlite_connection) -> None:  # without the base's, which opens a cursor
        self._adapt_connection = connection
        self._connection = connection._connection  # noqa: SLF001 - as the base does
        self._rows = deque()
        self._description: Any = None
        self._lastrowid: Any = None
        self._rowcount = -1

    @property
    def description(self) -> Any:
        return self._description

    @property
    def lastrowid(self) -> Any:
        return self._lastrowid

    @property
    def rowcount(self) -> int:
        return self._rowcount

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._in_thread("execute", operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._in_thread("executemany", operation, seq_of_parameters)

    async def _in_thread(self, method: str, operation: Any, parameters: Any) -> None:
        driver: Any = self._connection
        ours: Any = self._adapt_connection
        async with ours._execute_mutex:  # noqa: SLF001 - as the base does
            begin = ours.take_begin()
            await driver._execute(self._run, driver._conn, begin, method, operation, parameters)  # noqa: SLF001 - its queue

    def _run(self, connection: sqlite3.Connection, begin: str, method: str, operation: Any, parameters: Any) -> None:
        cursor = connection.cursor()
        try:
            if begin:
                cursor.execute(begin)
            getattr(cursor, method)(operation, parameters)
            self._description = cursor.description
            if cursor.description:
                self._rows = deque(cursor.fetchall())
            self._lastrowid, self._rowcount = cursor.lastrowid, cursor.rowcount
        finally:
            cursor.close()

    async def _async_soft_close(self) -> None:
        """Its rows may still be read."""

    def close(self) -> None:
        self._rows.clear()


class Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("_begin", "_has_begun", "_only_reads")

    _cursor_cls = Cursor  # type: ignore[assignment]  # the base's own is read as an alias of a type

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._begin = ""
        self._has_begun = self._only_reads = False

    def begin_with_next(self, statement: str, *, only_reads: bool) -> None:
        """Begin a transaction by this statement, right before the next one."""
        self._begin, self._only_reads = statement, only_reads

    def take_begin(self) -> str:
        """The statement to begin with, or "". From here on there is something to end, even if nobody waits for it."""
        begin, self._begin = self._begin, ""
        self._has_begun = self._has_begun or bool(begin)
        return begin

    def commit(self) -> None:
        if self._has_begun:
            super().commit()
        self._is_over()

    def rollback(self) -> None:
        driver: Any = self._connection
        if self._has_begun and self._only_reads and driver._connection:  # noqa: SLF001 - as the base does: open still
            # There is nothing to lose, and the connection's next statement queues behind it.
            driver._tx.put_nowait((None, driver._conn.rollback))  # noqa: SLF001 - its queue, where None is nobody waiting
        elif self._has_begun:
            super().rollback()
        self._is_over()

    def _is_over(self) -> None:
        """Not called after a commit that failed or was cancelled: that may have left the transaction open."""
        self._begin, self._has_begun = "", False


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """The DBAPI module, for the `module` argument of `create_async_engine`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *args: Any, **options: Any) -> Connection:
        adapted = super().connect(*args, **options)
        return Connection(self, adapted._connection)  # noqa: SLF001 - the base has no other way to give its own class

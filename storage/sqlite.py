"""SQLite connection setup: real transactions, and pragmas that hold for every connection."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from storage import sqlite_driver
from storage.text_search import SQLITE_FUNCTIONS


def set_up(engine: Engine, *, begin: str, **pragmas: str | int) -> None:
    """Make every transaction of `engine` start with the statement `begin`, and every connection with `pragmas`.

    Python's driver would begin a transaction only at the first change, after the reads it depends on; so its own
    handling is disabled (`isolation_level = None`) and SQLAlchemy tells ours when to begin.
    """

    def connected(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for name, function in SQLITE_FUNCTIONS.items():
            connection.create_function(name, function.__code__.co_argcount, function, deterministic=True)
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    def begun(connection: Connection) -> None:
        driver = connection.connection.dbapi_connection
        if isinstance(driver, sqlite_driver.Connection):
            driver.begin_with_next(begin, only_reads="query_only" in pragmas)
        else:
            connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)

"""SQLite made to keep its promises: real transactions, and settings that hold for every connection."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from storage.text_search import SQLITE_FUNCTIONS


def set_up(engine: Engine, *, begin: str, **pragmas: str | int) -> None:
    """Let every transaction of `engine` start with the statement `begin`, every connection with `pragmas`.

    Python's driver would begin a transaction only at the first change, after what was read for it; so its own handling
    is switched off (`isolation_level = None`) and SQLAlchemy says when one begins.
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
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)

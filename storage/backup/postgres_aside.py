"""Replacing the tables of a PostgreSQL database: the old ones are put aside and come back if anything fails.

They wait in a schema of their own. pg_restore works through a connection of its own, so one transaction cannot span it
and what follows; a restore that was killed is undone by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from storage.backup.postgres_tools import connect, major_of, run_tool, tool
from storage.backup.restore_under_way import ASIDE, IS_BROKEN_OFF, broken_off

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s)"
FUNCTIONS = """
    SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace(%s)
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
"""Query for our functions. They are trigger functions, which have no arguments, so the name identifies them; functions
of extensions are left out.
"""


def are_tables_there(url: str) -> bool:
    with connect(url) as connection:
        return bool(_names(connection, TABLES, _schema(connection)))


def was_killed(url: str) -> bool:
    """Whether a restore was killed before its end."""
    with connect(url) as connection:
        return _is_aside_there(connection)


def refuse_killed(url: str) -> None:
    if was_killed(url):
        raise broken_off()


def take_back_killed(url: str) -> bool:
    """Put back the tables from before a restore that was killed; returns whether there was one."""
    with connect(url) as connection:
        if not _is_aside_there(connection):
            return False
        _put_back(connection)
        return True


@contextmanager
def replaced(url: str) -> Iterator[None]:
    """Put the tables aside within the block; at its end they are dropped, after an exception they are put back."""
    with connect(url) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(ASIDE)))
        _move(connection, _schema(connection), ASIDE)
    try:
        yield
    except BaseException:
        with connect(url) as connection:
            _put_back(connection)
        raise
    with connect(url) as connection:
        _drop(connection, ASIDE)
        connection.execute(SQL("DROP SCHEMA {}").format(Identifier(ASIDE)))


def load_dump(url: str, dump: Path) -> None:
    """Load the dump in one transaction, into a database without tables."""
    with connect(url) as connection:
        program, schema = tool("pg_restore", major_of(connection)), _schema(connection)
    how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={schema}"]
    run_tool([program, *how, dump], url)


def _put_back(connection: psycopg.Connection) -> None:
    schema = _schema(connection)
    _drop(connection, schema)
    _move(connection, ASIDE, schema)
    connection.execute(SQL("DROP SCHEMA {}").format(Identifier(ASIDE)))


def _move(connection: psycopg.Connection, schema: str, to: str) -> None:
    for name in _names(connection, TABLES, schema):
        connection.execute(SQL("ALTER TABLE {} SET SCHEMA {}").format(Identifier(schema, name), Identifier(to)))
    for name in _names(connection, FUNCTIONS, schema):
        connection.execute(SQL("ALTER FUNCTION {}() SET SCHEMA {}").format(Identifier(schema, name), Identifier(to)))


def _drop(connection: psycopg.Connection, schema: str) -> None:
    for name in _names(connection, TABLES, schema):
        connection.execute(SQL("DROP TABLE {} CASCADE").format(Identifier(schema, name)))
    for name in _names(connection, FUNCTIONS, schema):
        connection.execute(SQL("DROP FUNCTION {}()").format(Identifier(schema, name)))


def _schema(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT current_schema()").fetchone()
    return str(row[0]) if row else "public"


def _is_aside_there(connection: psycopg.Connection) -> bool:
    row = connection.execute(IS_BROKEN_OFF).fetchone()
    return bool(row and row[0])


def _names(connection: psycopg.Connection, question: str, schema: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(question, [schema])]

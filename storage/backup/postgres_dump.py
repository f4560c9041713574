"""Dump of a PostgreSQL database by pg_dump, and reading one without a server."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import psycopg
from psycopg.sql import SQL, Identifier

from storage.backup.manifest import DatabaseFacts
from storage.backup.postgres_tools import connect, major_of, run_tool, tool
from storage.backup.refused import DamagedArchive
from storage.backup.restore_under_way import IS_BROKEN_OFF, TRY_TO_SHARE, broken_off, under_way
from storage.files import TOKEN
from storage.url import POSTGRESQL

TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""
COPY = re.compile(r'COPY (?:[\w"]+\.)?"?(\w+)"? \((.*)\) FROM stdin;\n')
END = b"\\.\n"


def dump_postgres(url: str, to: Path) -> DatabaseFacts:
    """Dump uncompressed, so that whatever encrypts, compresses or deduplicates the archive does so for all of it."""
    with connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if _row(connection, IS_BROKEN_OFF)[0]:
            raise broken_off() if _row(connection, TRY_TO_SHARE)[0] else under_way()
        dump = tool("pg_dump", major_of(connection))
        schema, snapshot = _row(connection, "SELECT current_schema(), pg_export_snapshot()")
        facts = facts_of_postgres(connection)
        how = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges"]
        run_tool([dump, *how, f"--schema={schema}", f"--snapshot={snapshot}", "--file", to], url)
    return facts


def facts_of_postgres(connection: psycopg.Connection) -> DatabaseFacts:
    """Current facts of the database; called in a read-only transaction with one snapshot."""
    names = [str(name) for (name,) in connection.execute(TABLES)]
    counted = {
        name: int(connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(name))).fetchone()[0])  # type: ignore[index]  # count() always answers
        for name in names
    }
    revision = str(_row(connection, "SELECT version_num FROM alembic_version")[0]) if "alembic_version" in names else ""
    tokens = connection.execute("SELECT token FROM picture").fetchall() if "picture" in names else []
    pictures = frozenset(str(token) for (token,) in tokens if TOKEN.fullmatch(str(token)))
    return DatabaseFacts(POSTGRESQL, major_of(connection), revision, counted, pictures)


def facts_of_dump(file: Path, major: int) -> DatabaseFacts:
    """Facts read from the dump alone, every byte of it, as pg_restore would load it into a database.

    Raises `DamagedArchive` if it cannot be read, `Refused` if there is no program to read it.
    """
    command = [tool("pg_restore", major), "--data-only", "--file=-", str(file)]
    rows: dict[str, int] = {}
    tokens: set[str] = set()
    revision = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:  # noqa: S603 - found by name
        lines = cast("Iterator[bytes]", reading.stdout)
        for line in lines:
            begun = COPY.fullmatch(line.decode("utf-8", "replace"))
            if begun is None:
                continue
            name, columns = begun[1], begun[2].split(", ")
            rows[name] = 0
            for row in lines:
                if row == END:
                    break
                rows[name] += 1
                if name == "picture":
                    tokens.add(row.decode().rstrip("\n").split("\t")[columns.index("token")])
                elif name == "alembic_version":
                    revision = row.decode().strip()
        told = cast("Iterator[bytes]", reading.stderr)
        why = b"".join(told).decode("utf-8", "replace").strip()
    if reading.returncode:
        raise DamagedArchive(
            f"The dump of the database cannot be read: {why.splitlines()[0] if why else 'no word why'}."
        )
    return DatabaseFacts(POSTGRESQL, major, revision, rows, frozenset(filter(TOKEN.fullmatch, tokens)))


def _row(connection: psycopg.Connection, question: str) -> tuple[object, ...]:
    row = connection.execute(question).fetchone()
    return row or ("",)

"""Dump of a SQLite database: a copy of the file by SQLite's own backup API, while others may be writing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from storage.backup.manifest import DatabaseFacts
from storage.backup.refused import DamagedArchive
from storage.files import TOKEN
from storage.text_search import SQLITE_FUNCTIONS
from storage.url import SQLITE

WAIT = 60  # seconds to wait for a lock, which only a migration holds for long
TABLES = """
    SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite_%' ORDER BY name
"""
FAULTS_SHOWN = 5


def dump_sqlite(file: Path, to: Path) -> None:
    """Copy the database in one step: with several, each write by somebody else would restart the copy."""
    descriptor = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    with closing(_open(file, "rw")) as source, closing(_open(to, "rw")) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # a caller that keeps the copy syncs it
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # a single file, without a log beside it


def facts_of_sqlite(file: Path) -> DatabaseFacts:
    """Raises `DamagedArchive` for a file that is no database of ours."""
    with _read(file) as db:
        names = [name for (name,) in db.execute(TABLES)]
        if "alembic_version" not in names:
            raise DamagedArchive("The database has no tables of Beseda.")
        [revision] = [str(each) for (each,) in db.execute("SELECT version_num FROM alembic_version")] or [""]
        rows = {name: int(db.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]) for name in names}  # noqa: S608 - quoted
        tokens = db.execute("SELECT token FROM picture") if "picture" in names else []
        pictures = frozenset(str(token) for (token,) in tokens if TOKEN.fullmatch(str(token)))
    return DatabaseFacts(SQLITE, 0, revision, rows, pictures)


def faults_of_sqlite(file: Path) -> list[str]:
    """Faults that SQLite itself finds, one sentence each: damaged pages, rows without the rows they refer to."""
    with _read(file) as db:
        found = [str(line) for (line,) in db.execute(f"PRAGMA integrity_check({FAULTS_SHOWN})") if line != "ok"]
        orphans = [(table, parent) for table, _row, parent, _key in db.execute("PRAGMA foreign_key_check")]
    faults = [f"The database is damaged: {' '.join(line.split())}." for line in found]
    for table, parent in sorted(set(orphans)):
        faults.append(f"The database has rows in {table} without the rows of {parent} they refer to.")
    return faults


@contextmanager
def _read(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that may come from anywhere: nothing in it is executed, and errors become `DamagedArchive`."""
    try:
        with closing(_open(file, "ro")) as db:
            for name, function in SQLITE_FUNCTIONS.items():
                db.create_function(name, function.__code__.co_argcount, function, deterministic=True)
            db.execute("PRAGMA trusted_schema=OFF")
            db.execute("PRAGMA cell_size_check=ON")
            yield db
    except (sqlite3.Error, ValueError, UnicodeDecodeError) as error:
        raise DamagedArchive(f"The database cannot be read: {error}.") from error


def _open(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?mode={mode}", uri=True, timeout=WAIT)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

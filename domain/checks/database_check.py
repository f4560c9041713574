"""Database check: does it answer, is it of this version, and does it take a write?"""

from __future__ import annotations

import time

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import text

from domain.checks.finding import Finding, Subject, Verdict
from domain.language import N_
from storage.backup.restore_under_way import IS_BROKEN_OFF
from storage.database import Database, DatabaseUnavailable
from storage.migrate import newest_revisions
from storage.url import SQLITE

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


async def check_database(database: Database) -> Finding:
    kind = KINDS[database.dialect]
    begun = time.perf_counter()
    try:
        if not await database.is_alive():
            return _wrong(
                N_("{kind} does not answer."),
                N_("Check DATABASE_URL, and whether the database server is running and lets this machine in."),
                kind,
            )
        if database.dialect != SQLITE and await _is_restore_broken_off(database):
            return _wrong(
                N_("A restore was interrupted or is still running: the previous tables have been set aside."),
                N_("Run main.py restore FILE again: it puts them back first."),
                kind,
            )
        revision = await _revision(database)
        if revision is None:
            return _wrong(N_("There are no tables yet."), N_("Start the server once, or run: main.py migrate"), kind)
        if revision not in newest_revisions():
            return _wrong(
                N_("The tables are not of this version of Beseda."),
                N_("Stop the server and run: main.py migrate. If it refuses, the database is of a newer version."),
                kind,
            )
        async with database.write() as db:
            await (await db.connection()).execute(text("UPDATE alembic_version SET version_num = version_num"))
            await db.rollback()
    except (DatabaseUnavailable, SQLAlchemyError):
        return _wrong(
            N_("{kind} answers but does not accept writes."),
            N_("Is the disk full, the file read-only, or the database held by another program?"),
            kind,
        )
    milliseconds = (time.perf_counter() - begun) * 1000
    values: dict[str, str | float] = {"kind": kind, "revision": revision, "ms": milliseconds}
    text_ = N_("{kind}, revision {revision}; a write took {ms} ms.")
    return Finding(Subject.DATABASE, Verdict.OK, text_, values=values)


async def _revision(database: Database) -> str | None:
    try:
        async with database.read() as db:
            return str(await db.scalar(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:  # no such table
        return None


async def _is_restore_broken_off(database: Database) -> bool:
    async with database.read() as db:
        return bool(await db.scalar(text(IS_BROKEN_OFF)))


def _wrong(what: str, advice: str, kind: str) -> Finding:
    return Finding(Subject.DATABASE, Verdict.WRONG, what, advice, {"kind": kind})

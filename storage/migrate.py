"""Schema migrations: bring a database to this version's tables before anything else opens it.

A whole upgrade is one transaction: killed in the middle, it has not happened. Instances that start together take turns.
Alembic is loaded only if there is something to upgrade, which is rare at a start.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlmodel import SQLModel

from storage import sqlite
from storage.backup.restore_under_way import IS_BROKEN_OFF, TRY_TO_SHARE, broken_off, under_way
from storage.sqlite_file import refuse_beside_server, taking_turns
from storage.url import SQLITE, file_of, read_url

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

FULL_TEXT = ("character_words", "message_words")
MIGRATIONS = Path(__file__).parent / "migrations"
TURN = 0x_BE5E_DA
"""Key of the PostgreSQL advisory lock at which upgrading instances take turns."""
REVISION = re.compile(r'^(revision|down_revision)\b[^=\n]*= "(\w+)"', re.MULTILINE)
PATIENCE = 600_000
"""Milliseconds that an upgrade waits for another writer of the SQLite file (`busy_timeout`)."""


class SchemaTooNew(RuntimeError):
    """A newer version has upgraded this database; running this one could damage what it does not understand."""


class UpgradeFailed(RuntimeError):
    """A revision could not be applied. The transaction is rolled back, so the database is as it was before."""


def upgrade(url: str, *, by_server: bool = False, alone: bool = False, keeps_copy: bool = True) -> None:
    """Apply every revision that the database at `url` lacks; makes a SQLite file, and its folder, if there is none.

    A SQLite file that has tables already is copied first, as a way back (storage/backup/copy_before_upgrade.py).
    Raises `SchemaTooNew`, `UpgradeFailed`, and whatever the driver raises when there is no database to talk to;
    `FileInUse` if there is something to apply to a SQLite file that a server uses, unless the caller is that server;
    `Refused` during a restore into PostgreSQL and after one that was broken off. `alone`: this is part of a restore.
    """
    file = file_of(read_url(url))
    with _transaction(url) as connection:
        if not file and not alone:
            _refuse_beside_restore(connection)
        before = _revisions(connection)
        if before == newest_revisions():
            return
        if file and not by_server:
            refuse_beside_server(file)
        _apply(connection, before, file if keeps_copy and before else None)
        after = _revisions(connection)
    if before != after:
        log.info("database upgraded from %s to %s", ", ".join(before) or "nothing", ", ".join(after))


def _refuse_beside_restore(connection: Connection) -> None:
    if not connection.scalar(text(TRY_TO_SHARE)):
        raise under_way()
    if connection.scalar(text(IS_BROKEN_OFF)):
        raise broken_off()


def _apply(connection: Connection, before: set[str], file_to_copy: Path | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    from storage.backup.copy_before_upgrade import NoRoom, copy_before_upgrade

    config = _config(connection)
    steps = {
        script.revision: script.doc for script in ScriptDirectory.from_config(config).walk_revisions("base", "heads")
    }
    if strange := before - steps.keys():
        raise _too_new(strange)
    try:
        if file_to_copy:
            copy_before_upgrade(file_to_copy, "-".join(sorted(before)))
    except NoRoom as error:
        raise UpgradeFailed(str(error)) from None  # its text names the cause
    applied = set(before)
    config.attributes["on_version_apply"] = lambda *, step, **_: applied.update(step.up_revision_ids)
    try:
        command.upgrade(config, "heads")
    except (SQLAlchemyError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise UpgradeFailed(_told(_next_after(applied, steps))) from error
    if connection.dialect.name == SQLITE and (orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise UpgradeFailed(_told(f"its end: {len(orphans)} rows would be without the rows they refer to"))


def _too_new(strange: set[str]) -> SchemaTooNew:
    return SchemaTooNew(
        f"The database is of a newer version (revision {', '.join(sorted(strange))} is not known here): "
        "start that version, or restore a backup made before it."
    )


def _next_after(applied: set[str], steps: Mapping[str, str]) -> str:
    """The step that follows those already applied; `steps` begin with the newest."""
    waiting = list(takewhile(lambda revision: revision not in applied, steps))
    return f"revision {waiting[-1]} ({steps[waiting[-1]]})" if waiting else "its end"


def _told(step: str) -> str:
    return f"The upgrade of the database failed at {step}. Nothing was changed: the version before still runs on it."


def differences(url: str) -> list[Any]:
    """Differences between the declared tables and those at `url`, in Alembic's form; empty if they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with _transaction(url) as connection, warnings.catch_warnings():
        # Alembic skips indexes over expressions on SQLite, and warns about each.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection", SAWarning)
        opts = {"compare_type": True, "include_name": _is_declared}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, SQLModel.metadata))


def _is_declared(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether autogenerate compares it. Full-text tables differ between the databases, so only their migration knows
    them.
    """
    return kind != "table" or not (name or "").startswith(FULL_TEXT)


def draft(title: str) -> None:
    """Write the next revision from the difference between the declared tables and those of all revisions so far.

    For developers, after a change of the tables; review the file before committing it.
    """
    from alembic import command

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.db"
        upgrade(url)
        with _transaction(url) as connection:
            number = int(max(known_revisions())) + 1
            command.revision(_config(connection), title, autogenerate=True, rev_id=f"{number:04}")


@contextmanager
def _transaction(url: str) -> Generator[Connection]:
    """A connection with one transaction, exclusive among upgrades."""
    address = read_url(url, blocking=True)
    engine = create_engine(address, poolclass=NullPool, hide_parameters=True)
    file = file_of(address)
    try:
        if file:
            with taking_turns(file):
                yield from _sqlite_transaction(engine)
        else:
            with engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
                yield connection
    finally:
        engine.dispose()


def _sqlite_transaction(engine: Engine) -> Generator[Connection]:
    """Foreign keys are off: Alembic alters a table by recreating it, and dropping the old one would cascade.

    The file is turned to WAL here and stays so, since SQLite does not wait when two want to do that together.
    """
    sqlite.set_up(
        engine,
        begin="BEGIN IMMEDIATE",
        busy_timeout=PATIENCE,
        journal_mode="WAL",
        synchronous="FULL",
        foreign_keys="OFF",
    )
    with engine.begin() as connection:
        yield connection


def _config(connection: Connection) -> Config:
    """Alembic without its ini file: it works on `connection`, and logs only problems."""
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config(attributes={"connection": connection, "include_name": _is_declared})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revisions(connection: Connection) -> set[str]:
    """Current revisions of the database, as Alembic records them in it; empty if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def newest_revisions() -> set[str]:
    """The revision that no other builds upon, read from the revisions' files."""
    steps = _revision_files()
    return steps.keys() - set(steps.values())


def known_revisions() -> set[str]:
    """Every revision of this version of the code."""
    return set(_revision_files())


def check_is_known(revision: str) -> None:
    """Raises `SchemaTooNew` for a revision that a newer version has made."""
    if revision not in _revision_files():
        raise _too_new({revision})


@cache
def _revision_files() -> dict[str, str | None]:
    """Each revision with the one it builds upon."""
    heads = (dict(REVISION.findall(file.read_text("utf-8"))) for file in (MIGRATIONS / "versions").glob("*.py"))
    return {head["revision"]: head.get("down_revision") for head in heads}

"""`main.py backup`, `verify`, `restore` and `move` on the command line."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from domain.log_format import escaped
from domain.settings.settings import Settings

log = logging.getLogger(__name__)

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no other name
FAILED = 2
GIVES_WAY = 10
"""Niceness of a backup, since people who talk come first."""


def add_backup_commands(commands: Commands) -> None:
    """Add the subcommands. Their dependencies are imported only when one of them runs."""
    backing_up = commands.add_parser("backup", help="write everything into one file, while the server runs")
    backing_up.add_argument("file", nargs="?", type=_file, metavar="FILE", help="default: DATA_DIR/backups; -: a pipe")
    backing_up.add_argument("--keep", type=_count, metavar="N", help="keep the newest N in DATA_DIR/backups")
    backing_up.set_defaults(run=_back_up)
    verifying = commands.add_parser("verify", help="read a backup and say what in it is damaged or missing")
    verifying.add_argument("file", type=_file, metavar="FILE")
    verifying.set_defaults(run=_verify)
    restoring = commands.add_parser("restore", help="put a backup into an empty place")
    restoring.add_argument("file", type=_file, metavar="FILE")
    restoring.add_argument("--replace", action="store_true", help="instead of what is there, which is backed up before")
    restoring.set_defaults(run=_restore)
    moving = commands.add_parser("move", help="copy everything from SQLite into an empty PostgreSQL database")
    moving.add_argument("--to", required=True, metavar="URL", help="postgresql://user:password@host/database")
    moving.set_defaults(run=_move)


def _back_up(settings: Settings, command: argparse.Namespace) -> int:
    from domain.backup.console import back_up

    os.nice(GIVES_WAY)
    return _in_one_line(lambda: back_up(settings, command.file, command.keep))


def _verify(settings: Settings, command: argparse.Namespace) -> int:
    from domain.backup.console import verify

    return _in_one_line(lambda: verify(settings, command.file))


def _restore(settings: Settings, command: argparse.Namespace) -> int:
    from domain.backup.console import restore

    return _in_one_line(lambda: restore(settings, command.file, replace=command.replace))


def _move(settings: Settings, command: argparse.Namespace) -> int:
    import domain.tables  # noqa: F401 - all that is to be moved
    from domain.backup.moving import move

    return _in_one_line(lambda: move(settings, command.to))


def _in_one_line(work: Callable[[], int]) -> int:
    """Run a command, and report whatever stops it in one sentence; returns the exit code."""
    import sqlite3

    import psycopg
    from sqlalchemy.exc import DBAPIError

    from storage.backup.refused import Refused
    from storage.database import DatabaseUnavailable
    from storage.files import DiskFull, FilesUnavailable, is_disk_full
    from storage.migrate import SchemaTooNew, UpgradeFailed

    try:
        return work()
    except (Refused, SchemaTooNew, UpgradeFailed) as error:
        why = str(error)
        if error.__cause__:
            log.debug("The cause of what follows", exc_info=error.__cause__)
    except (sqlite3.Error, psycopg.Error, DBAPIError, DatabaseUnavailable) as error:
        log.debug("The database's own words", exc_info=error)
        at_disk = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR"))
        why = (
            "The disk is full, or cannot be written to."
            if at_disk
            else "DATABASE_URL: this database does not answer or refuses us."
        )
    except FilesUnavailable as error:
        why = f"The photos cannot be reached where PICTURES_URL says: {error}."
    except (OSError, DiskFull) as error:
        why = "The disk is full." if isinstance(error, DiskFull) or is_disk_full(error) else _words(error)
    except KeyboardInterrupt:
        why = "Stopped."
    print(escaped(why), file=sys.stderr)  # it may quote somebody's archive
    return FAILED


def _words(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror or error}."


def _file(typed: str) -> Path:
    """An empty name is refused: it usually comes from an unset variable, and would mean the current directory."""
    if not typed:
        raise argparse.ArgumentTypeError("the name is empty")
    return Path(typed)


def _count(typed: str) -> int:
    if not typed.isdecimal() or int(typed) < 1:
        raise argparse.ArgumentTypeError(f"{typed!r} is not a number from 1 up")
    return int(typed)

"""A copy of a SQLite file before each upgrade, in `backups` beside it: the way back to the version before."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from storage.backup.sqlite_dump import dump_sqlite
from storage.files import is_disk_full

log = logging.getLogger(__name__)

FOLDER = "backups"
KEPT = 3
TIMES = 2
"""Free disk space required, in sizes of the file: for the copy, and for the tables that the upgrade recreates."""


class NoRoom(Exception):
    """The copy cannot be made; the text is one sentence."""


def copy_before_upgrade(file: Path, revision: str) -> None:
    """Copy the file, while the caller keeps all writers away. Only the newest copies are kept."""
    folder = file.parent / FOLDER
    stem = f"{file.stem}-before-upgrade"
    copy = folder / f"{stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-from-{revision}.db"
    aside = copy.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _check_room(file, folder)
        dump_sqlite(file, aside)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.rename(copy)
    except (OSError, sqlite3.Error) as error:
        aside.unlink(missing_ok=True)
        full = is_disk_full(error) or getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
        raise NoRoom(_told("the disk is full" if full else str(error))) from error
    log.info("The database was copied to %s before it is upgraded", copy)
    for old in sorted(folder.glob(f"{stem}-*.db"))[:-KEPT]:
        old.unlink(missing_ok=True)


def _check_room(file: Path, folder: Path) -> None:
    needed, free = TIMES * file.stat().st_size, shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(_told(f"it needs {needed >> 20} MB on the disk and {free >> 20} MB are free"))


def _told(why: str) -> str:
    return (
        f"The database has to be upgraded and cannot be copied before: {why}. Nothing was changed: the version before "
        "still runs on it."
    )

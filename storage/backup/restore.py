"""Restore: an archive replaces the database, the photos and the secret of an installation that is empty or backed up.

All of it is unpacked, checked and migrated beside the target first. The database comes last but for the secret, so that
any failure before it leaves the one that was there.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from storage.backup.archive import SECRET
from storage.backup.backup import Place, sync_folder
from storage.backup.pictures import put_pictures
from storage.backup.postgres_aside import are_tables_there
from storage.backup.progress import Progress
from storage.url import file_of, read_url

BESIDE = ("-wal", "-shm", "-journal")
"""Suffixes of the files that SQLite keeps beside a database."""


def is_empty(place: Place) -> bool:
    """Whether the database has no table at all: without one, photos and a secret belong to nobody."""
    file = file_of(read_url(place.url))
    return not (_has_tables(file) if file else are_tables_there(place.url))


def _has_tables(file: Path) -> bool:
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as db:
            return bool(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    except sqlite3.DatabaseError:  # whatever the file holds, it is not empty
        return True


def put_photos(staged: Path, place: Place, progress: Progress) -> None:
    asyncio.run(put_pictures(staged, place.files, progress))


def put_secret(staged: Path, place: Place) -> None:
    """Called after the database is replaced: the old one must never be left with a secret that is not its own."""
    if (staged / SECRET).exists():
        _put(staged / SECRET, place.secret)
        sync_folder(place.secret.parent)


def put_sqlite(staged: Path, file: Path) -> None:
    """Replace the database file. The old one's log is checkpointed first: left beside the new one, it would be read
    into that.
    """
    _in_one_file(staged)
    file = file.resolve()
    if file.exists():
        with suppress(sqlite3.DatabaseError):
            _in_one_file(file)
    for end in BESIDE:
        file.with_name(f"{file.name}{end}").unlink(missing_ok=True)
    _put(staged, file)
    sync_folder(file.parent)


def keep_damaged(file: Path, secret: Path, to: Path) -> None:
    """Keep a copy of a database as it is under the name `to`, and SQLite's files and the secret beside it."""
    file = file.resolve()
    kept = {file.with_name(f"{file.name}{end}"): f"{to.name}{end}" for end in ("", *BESIDE)}
    for each, name in (kept | {secret: f"{to.name}.{SECRET}"}).items():
        if each.exists():
            _put_beside(each, to.with_name(name))
    sync_folder(to.parent)


def _put_beside(file: Path, to: Path) -> None:
    """Hard-link the file if the file system can, which takes no room and reads nothing; else copy it."""
    try:
        to.hardlink_to(file)
    except OSError:
        _copy(file, to)


def _in_one_file(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode=DELETE")


def _put(file: Path, to: Path) -> None:
    try:
        file.replace(to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        aside = to.with_name(f"{to.name}.part")  # the target is on another file system
        _copy(file, aside)
        aside.replace(to)


def _copy(file: Path, to: Path) -> None:
    """Copy the file and sync it, readable by its owner only."""
    with (
        file.open("rb") as source,
        os.fdopen(os.open(to, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out,
    ):
        shutil.copyfileobj(source, out)
        out.flush()
        os.fsync(out.fileno())

"""Backup: the database first, then the photos it names, the secret and the manifest, in one archive.

In this order it is consistent: a photo named in the dump is kept for a day after its last use, and what has been added
since the dump does not matter to it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from storage.backup.archive import DATABASES, MANIFEST, SEAL, SECRET, ArchiveWriter
from storage.backup.manifest import DatabaseFacts, Manifest
from storage.backup.pictures import pictures_of, without_files
from storage.backup.postgres_dump import dump_postgres
from storage.backup.progress import Progress
from storage.backup.refused import DamagedArchive, DamagedDatabase, Refused
from storage.backup.sqlite_dump import dump_sqlite, facts_of_sqlite
from storage.backup.working_folder import DUMP, working_folder
from storage.files import Files
from storage.url import SQLITE, file_of, read_url

PART = ".part"
DAMAGE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
"""Prefixes of SQLite's error names for a file that is not a database, or a damaged one."""
LEFT = (f"beseda-*.tar{PART}", f"before-restore-*.tar{PART}")


@dataclass(frozen=True)
class Place:
    """Storage locations of a server: its database, photos and signing secret."""

    url: str
    files: Files
    """Store of the photos."""
    secret: Path
    """File of the signing secret, unless the settings give it."""


def write_backup(
    place: Place, out: BinaryIO, *, secret: str, version: str, made_at: datetime, room: Path, progress: Progress
) -> Manifest:
    """Write the archive to `out`, which need not be a file; the folder `room` holds the dump meanwhile."""
    with working_folder(room, DUMP) as aside:
        progress.begin("Copying the database")
        dump, facts = _dump(place.url, aside)
        progress.begin("Writing the archive")
        archive = ArchiveWriter(out, progress.advance)
        with dump.open("rb") as source:
            digests = {dump.name: archive.add(dump.name, source, dump.stat().st_size)}
    digests |= asyncio.run(_add_pictures(archive, place.files, facts))
    if secret:
        digests[SECRET] = archive.add_bytes(SECRET, secret.encode())
    manifest = Manifest(
        key=secrets.token_hex(16),
        made_at=made_at,
        version=version,
        dialect=facts.dialect,
        server=facts.server,
        revision=facts.revision,
        rows=facts.rows,
        files=digests,
        lost=without_files(facts.pictures, digests),
    )
    sealed = archive.add_bytes(MANIFEST, manifest.as_json())
    archive.add_bytes(SEAL, f"{sealed}  {MANIFEST}\n".encode())
    archive.close()
    return manifest


async def _add_pictures(archive: ArchiveWriter, files: Files, facts: DatabaseFacts) -> dict[str, str]:
    return {name: archive.add_bytes(name, data) async for name, data in pictures_of(files, facts.pictures)}


def _dump(url: str, folder: Path) -> tuple[Path, DatabaseFacts]:
    address = read_url(url)
    to = folder / DATABASES[address.get_backend_name()]
    if address.get_backend_name() == SQLITE:
        file = file_of(address)
        if file is None or not file.exists():
            raise Refused("There is no database yet: nothing to back up.")
        return to, _dump_sqlite(file, to)
    facts = dump_postgres(url, to)
    if not facts.revision:
        raise Refused("The database has no tables yet: nothing to back up.")
    return to, facts


def _dump_sqlite(file: Path, to: Path) -> DatabaseFacts:
    try:
        dump_sqlite(file, to)
        return facts_of_sqlite(to)
    except (DamagedArchive, sqlite3.DatabaseError) as error:
        cause = error.__cause__ or error
        if getattr(cause, "sqlite_errorname", "").startswith(DAMAGE):
            raise DamagedDatabase(file, cause) from error
        raise


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Allow one backup at a time into a folder, so that the partial files of a killed one can be removed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"Another backup is being written into {folder}.") from None
        for left in (path for names in LEFT for path in folder.glob(names)):
            left.unlink()
        yield
    finally:
        os.close(descriptor)


@contextmanager
def written_aside(file: Path) -> Iterator[BinaryIO]:
    """A new file readable by its owner only, which gets its name once it is complete and synced. Within `alone_in`."""
    if file.exists():
        raise Refused(f"{file} is there already, and no backup is overwritten.")
    aside = file.with_name(f"{file.name}{PART}")
    with os.fdopen(os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_WRONLY, 0o600), "wb") as out:
        try:
            os.fchmod(out.fileno(), 0o600)
            yield out
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            aside.unlink()
            raise
        aside.rename(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Sync the folder (fsync): only then does a new name in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

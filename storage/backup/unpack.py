"""Reading an archive: its contents, whether each byte is as it was written, and whether its database is intact."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from storage.backup.archive import DATABASES, MANIFEST, PICTURES, SEAL, Entry, entries
from storage.backup.manifest import DatabaseFacts, Manifest, largest_manifest, read_manifest
from storage.backup.pictures import without_files
from storage.backup.postgres_dump import facts_of_dump
from storage.backup.progress import Progress
from storage.backup.refused import DamagedArchive
from storage.backup.sqlite_dump import facts_of_sqlite, faults_of_sqlite
from storage.url import SQLITE

SEAL_SIZE = 1 << 10
"""Maximum bytes of the seal, which is read into memory whole, like the manifest."""


@dataclass(frozen=True)
class Unpacked:
    manifest: Manifest
    database: Path
    faults: list[str]
    """One sentence each; empty if every file is there and as it was written."""


def unpack(source: BinaryIO, folder: Path, progress: Progress, *, with_pictures: bool) -> Unpacked:
    """Read the archive once, as it may come through a pipe; put its database and secret, and if asked its photos, into
    `folder`. Raises `DamagedArchive` where no further check is possible.
    """
    digests: dict[str, str] = {}
    texts: dict[str, bytes] = {}
    for entry in entries(source):
        if entry.name in (MANIFEST, SEAL):
            at_most = SEAL_SIZE if entry.name == SEAL else largest_manifest(len(digests))
            digests[entry.name], texts[entry.name] = _read(entry, at_most)
        elif with_pictures or not entry.name.startswith(PICTURES):
            digests[entry.name] = _write(entry, folder / entry.name, progress)
        else:
            digests[entry.name] = _digest(entry, progress)
    if MANIFEST not in texts:
        raise DamagedArchive("The archive has no manifest: it is cut off, or no backup of Beseda.")
    manifest = read_manifest(texts[MANIFEST])
    faults = _faults_of_files(manifest, digests, texts.get(SEAL, b""))
    name = DATABASES.get(manifest.dialect, "")
    if name not in digests:
        raise DamagedArchive("The database is missing in the archive.")
    return Unpacked(manifest, folder / name, faults)


def check_database(unpacked: Unpacked) -> list[str]:
    """Faults of the database in an archive, missing photos among them, one sentence each."""
    manifest = unpacked.manifest
    try:
        facts = _facts(unpacked)
        faults = faults_of_sqlite(unpacked.database) if manifest.dialect == SQLITE else []
    except DamagedArchive as error:
        return [str(error)]
    if facts.revision != manifest.revision:
        faults.append(f"The database is of revision {facts.revision or 'none'}, not of {manifest.revision}.")
    for table in sorted({*facts.rows, *manifest.rows}):
        there, told = facts.rows.get(table), manifest.rows.get(table)
        if there != told:
            faults.append(f"The table {table} has {there or 0} rows instead of {told or 0}.")
    for token in without_files(facts.pictures - {*manifest.lost}, manifest.files):
        faults.append(f"The photo {token} is named in the database and missing in the archive.")
    return faults


def _facts(unpacked: Unpacked) -> DatabaseFacts:
    if unpacked.manifest.dialect == SQLITE:
        return facts_of_sqlite(unpacked.database)
    return facts_of_dump(unpacked.database, unpacked.manifest.server)


def _faults_of_files(manifest: Manifest, digests: dict[str, str], seal: bytes) -> list[str]:
    faults = []
    if not hmac.compare_digest(seal, f"{digests[MANIFEST]}  {MANIFEST}\n".encode()):
        faults.append(f"{MANIFEST} is not as it was written.")
    for name in sorted({*manifest.files, *digests} - {MANIFEST, SEAL}):
        if name not in digests:
            faults.append(f"{name} is missing.")
        elif name not in manifest.files:
            faults.append(f"{name} is not in the manifest.")
        elif manifest.files[name] != digests[name]:
            faults.append(f"{name} is not as it was written.")
    return faults


def _read(entry: Entry, at_most: int) -> tuple[str, bytes]:
    if entry.size > at_most:
        raise DamagedArchive(f"{entry.name} is too large to be one.")
    data = b"".join(entry.chunks)
    return sha256(data).hexdigest(), data


def _digest(entry: Entry, progress: Progress) -> str:
    digest = sha256()
    for chunk in entry.chunks:
        digest.update(chunk)
        progress.advance(len(chunk))
    return digest.hexdigest()


def _write(entry: Entry, file: Path, progress: Progress) -> str:
    """Write an entry to a file readable by its owner only. Photos are later written anew where they belong; the other
    files are only renamed, so they are synced here.
    """
    digest = sha256()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        for chunk in entry.chunks:
            digest.update(chunk)
            out.write(chunk)
            progress.advance(len(chunk))
        if not entry.name.startswith(PICTURES):
            out.flush()
            os.fsync(out.fileno())
    return digest.hexdigest()

"""Console of the backup commands: runs them, prints their progress and results, and returns exit codes."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from domain.backup.after_restore import Ended, end_what_was_pending
from domain.backup.progress_bar import ProgressBar
from domain.backup.records import record_backup, record_check
from domain.clock import now
from domain.environment.product_version import product_version
from domain.log_format import escaped
from domain.pictures.select import picture_files
from domain.secret import signing_secret
from domain.settings.settings import Settings
from storage.backup.archive import PICTURES, SECRET
from storage.backup.backup import Place, alone_in, write_backup, written_aside
from storage.backup.in_use import unused
from storage.backup.manifest import Manifest
from storage.backup.postgres_aside import load_dump, replaced, take_back_killed, was_killed
from storage.backup.refused import DamagedDatabase, Refused
from storage.backup.restore import is_empty, keep_damaged, put_photos, put_secret, put_sqlite
from storage.backup.unpack import Unpacked, check_database, unpack
from storage.backup.working_folder import RESTORE, VERIFY, remove_left, working_folder
from storage.migrate import check_is_known, upgrade
from storage.url import SQLITE, file_of, read_url

log = logging.getLogger(__name__)

PIPE = Path("-")
FOLDER = "backups"
OURS = re.compile(r"beseda-\d{4}-\d\d-\d\dT\d{6}Z\.tar")
STAMP, EXACTLY = "%Y-%m-%dT%H%M%SZ", "%Y-%m-%dT%H%M%S.%fZ"


def back_up(settings: Settings, file: Path | None, keep: int | None) -> int:
    """Back up to `file`; `-` is the standard output. Without a file, it goes into `backups` in the data folder, where
    only the newest `keep` are kept, if that is given.
    """
    if file and keep:
        raise Refused("--keep is for the backups in DATA_DIR/backups: leave out FILE, or --keep.")
    _remove_left(settings)
    if file == PIPE:
        if sys.stdout is None:
            raise Refused("The standard output is closed.")
        manifest = _write_to(settings, sys.stdout.buffer, settings.data_dir)
        sys.stdout.buffer.flush()
        size = 0
    else:
        to = _where(settings, file)
        with alone_in(to.parent):
            manifest, size = _write(settings, to), to.stat().st_size
        if keep:
            _remove_older(to, keep)
    where = "the standard output" if file == PIPE else str(to)
    photos = sum(name.startswith(PICTURES) for name in manifest.files)
    told = f"Backed up {sum(manifest.rows.values())} rows and {photos} files of photos to {where}."
    if manifest.lost:
        told += f" The files of {len(manifest.lost)} photos were missing already."
    if SECRET not in manifest.files:
        told += " There is no secret in DATA_DIR: is that the server's own?"
    if not asyncio.run(record_backup(settings.database, manifest.key, manifest.made_at, size)):
        told += " The database could not note that: the admins' page does not show it."
    print(told, file=sys.stderr if file == PIPE else sys.stdout)
    return 0


def _remove_older(newest: Path, keep: int) -> None:
    """Only files of ours, and never the one just written, even if a clock that was ahead dated others after it."""
    others = [each for each in newest.parent.iterdir() if OURS.fullmatch(each.name) and each != newest]
    for old in sorted(others, reverse=True)[keep - 1 :]:
        old.unlink()


def verify(settings: Settings, file: Path) -> int:
    """Verify a backup; the exit code is 1 if anything in it is not as it was written."""
    _remove_left(settings)
    with ExitStack() as opened:
        room = opened.enter_context(working_folder(settings.data_dir, VERIFY))
        unpacked = _unpack(opened, file, room, with_pictures=False)
        faults = unpacked.faults + check_database(unpacked)
    manifest = unpacked.manifest
    asyncio.run(record_check(settings.database, manifest.key, is_sound=not faults))
    for fault in faults:
        print(escaped(fault), file=sys.stderr)
    if faults:
        return 1
    lost = f" {len(manifest.lost)} photos had no files already when it was made." if manifest.lost else ""
    print(f"Sound: {_described(manifest)}. Every byte is as it was written, and the database is whole.{lost}")
    return 0


def restore(settings: Settings, file: Path, *, replace: bool) -> int:
    _remove_left(settings)
    place = _place(settings)
    with ExitStack() as opened:
        opened.enter_context(unused(place.url))  # until the restore ends
        is_killed = not _is_sqlite(settings) and was_killed(place.url)
        is_new = not is_killed and _is_new(place, replace=replace)
        room = opened.enter_context(working_folder(settings.data_dir, RESTORE))
        unpacked = _unpack(opened, file, room, with_pictures=True)
        _check(settings, unpacked)
        if is_killed:  # only now, when the backup is known to be sound
            take_back_killed(place.url)
            log.warning("A restore had been killed: the tables from before it were put back first")
            is_new = _is_new(place, replace=replace)
        former = None if is_new else _back_up_former(settings)
        ended = _put(place, unpacked, room)
        made = unpacked.manifest
        asyncio.run(record_backup(place.url, made.key, made.made_at, 0 if file == PIPE else file.stat().st_size))
    if former:
        how = "What was there is in" if former.suffix == ".tar" else "What was there is damaged, and lies as it was in"
        print(f"{how} {former}.")
    print(f"Restored: {_described(unpacked.manifest)}. {_told(ended)}")
    given = settings.jwt_secret.get_secret_value()
    if given and place.secret.exists() and given != place.secret.read_text():
        print(f"JWT_SECRET is not the backup's, which is in {place.secret}: bans of deleted accounts would not hold.")
    return 0


def _is_new(place: Place, *, replace: bool) -> bool:
    is_new = is_empty(place)
    if not is_new and not replace:
        raise Refused(
            "There is something already: restore into an empty place, or add --replace (it is backed up before)."
        )
    return is_new


def _put(place: Place, unpacked: Unpacked, room: Path) -> Ended:
    """Put the backup in place. What the archive can make fail comes before any irreversible change to the target."""
    file, progress = file_of(read_url(place.url)), ProgressBar()
    if file:
        staged = f"sqlite:///{unpacked.database}"
        upgrade(staged, keeps_copy=False)
        ended = asyncio.run(end_what_was_pending(staged))
        put_photos(room, place, progress)
        put_sqlite(unpacked.database, file)
        put_secret(room, place)
        progress.close()
        return ended
    with replaced(place.url):
        load_dump(place.url, unpacked.database)
        upgrade(place.url, alone=True)
        ended = asyncio.run(end_what_was_pending(place.url))
        put_photos(room, place, progress)
    put_secret(room, place)
    progress.close()
    return ended


def _check(settings: Settings, unpacked: Unpacked) -> None:
    is_sqlite = unpacked.manifest.dialect == SQLITE
    if is_sqlite != _is_sqlite(settings):
        kind = "SQLite" if is_sqlite else "PostgreSQL"
        hint = " (restore it into SQLite, then: main.py move --to postgresql://…)" if is_sqlite else ""
        raise Refused(f"This is a backup of {kind}, and DATABASE_URL names another kind of database{hint}.")
    if faults := unpacked.faults + check_database(unpacked):
        more = f" And {len(faults) - 1} more: see main.py verify." if len(faults) > 1 else ""
        raise Refused(f"{faults[0]}{more} Nothing was changed.")
    check_is_known(unpacked.manifest.revision)


def _back_up_former(settings: Settings) -> Path:
    file = settings.data_dir / FOLDER / f"before-restore-{now():{EXACTLY}}.tar"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with alone_in(file.parent):
        try:
            _write(settings, file)
        except DamagedDatabase as error:
            file = file.with_name(f"damaged-{file.stem}.db")
            keep_damaged(error.file, _place(settings).secret, file)
    return file


def _write(settings: Settings, to: Path) -> Manifest:
    with written_aside(to) as out:
        return _write_to(settings, out, to.parent)


def _write_to(settings: Settings, out: BinaryIO, room: Path) -> Manifest:
    progress = ProgressBar()
    manifest = write_backup(
        _place(settings),
        out,
        secret=_secret(settings),
        version=product_version(),
        made_at=now(),
        room=room,
        progress=progress,
    )
    progress.close()
    return manifest


def _remove_left(settings: Settings) -> None:
    """Remove the leftovers of killed commands: they hold the database and the secret."""
    for folder in (settings.data_dir, settings.data_dir / FOLDER):
        remove_left(folder)


def _where(settings: Settings, file: Path | None) -> Path:
    name = f"beseda-{now():{STAMP}}.tar"
    if file is None:
        folder = settings.data_dir / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / name
    return file / name if file.is_dir() else file


def _unpack(opened: ExitStack, file: Path, room: Path, *, with_pictures: bool) -> Unpacked:
    if file == PIPE and sys.stdin is None:
        raise Refused("The standard input is closed.")
    source = sys.stdin.buffer if file == PIPE else opened.enter_context(file.open("rb"))
    progress = ProgressBar()
    progress.begin("Reading the archive", None if file == PIPE else file.stat().st_size)
    unpacked = unpack(source, room, progress, with_pictures=with_pictures)
    progress.close()
    return unpacked


def _secret(settings: Settings) -> str:
    """The signing secret; empty if there is none. Never a new one: the folder may not be the server's."""
    is_there = settings.jwt_secret.get_secret_value() or _place(settings).secret.exists()
    return signing_secret(settings) if is_there else ""


def _place(settings: Settings) -> Place:
    return Place(settings.database, picture_files(settings), settings.data_dir / SECRET)


def _is_sqlite(settings: Settings) -> bool:
    return read_url(settings.database).get_backend_name() == SQLITE


def _described(manifest: Manifest) -> str:
    return escaped(
        f"backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC (Beseda {manifest.version or '?'}, revision "
        f"{manifest.revision}, {manifest.dialect}, {sum(manifest.rows.values())} rows)"
    )


def _told(ended: Ended) -> str:
    return (
        f"Nobody is logged in any more (sessions: {ended.sessions}), mailed links are dead ({ended.links}), letters "
        f"that waited are not sent ({ended.letters}), replies being written are interrupted ({ended.replies})."
    )

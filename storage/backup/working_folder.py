"""Working folder of a command: for its owner only, and removed at its end or, if it was killed, by the next command.

Each holds a lock that ends with the process, so that no command removes a folder that another one still uses.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import TemporaryDirectory

DUMP, VERIFY, RESTORE = KINDS = (".beseda-dump-", ".beseda-verify-", ".beseda-restore-")
"""Prefixes of the folders' names, by command."""
LOCK = "lock"


@contextmanager
def working_folder(where: Path, kind: str) -> Iterator[Path]:
    remove_left(where)
    with TemporaryDirectory(prefix=kind, dir=where) as folder:
        descriptor = os.open(Path(folder) / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            flock(descriptor, LOCK_EX)
            yield Path(folder)
        finally:
            os.close(descriptor)


def remove_left(where: Path) -> None:
    """Remove the working folders of processes that are gone."""
    for folder in [path for kind in KINDS for path in where.glob(f"{kind}*")]:
        if not _is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(folder: Path) -> bool:
    """Whether its lock is held, or it has no other file yet: whoever makes a folder locks it before using it."""
    try:
        if all(path.name == LOCK for path in folder.iterdir()):
            return True
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:  # it belongs to another user
        return True
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

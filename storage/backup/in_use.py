"""Is somebody using the database? Asked before it is replaced or left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.url import file_of, read_url

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def unused(url: str) -> Iterator[None]:
    """Raises `Refused` if it is in use now. On SQLite it is kept from others until the end."""
    file = file_of(read_url(url))
    if file:
        with _locked(file):
            yield
        return
    with connect(url) as connection:
        others = connection.execute(OTHERS).fetchone()
    if others and others[0]:
        raise Refused("Somebody is connected to the database: stop every server that uses it first.")
    yield


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """By the lock beside the file, which migrations take as well (storage/migrate.py)."""
    descriptor = os.open(file.with_name(f"{file.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise Refused("A server is using the database: stop it first.") from None
        yield
    finally:
        os.close(descriptor)

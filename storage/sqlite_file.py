"""Locks of a SQLite file among processes: upgrades take turns, and only one server uses it, since a second one would
mistake the replies of the first for abandoned.

Both are locks on files beside it (`flock`). They end with the process, however that ends; the empty files stay.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path

from storage.url import file_of, read_url


class FileInUse(RuntimeError):
    """A server in another process uses this SQLite file."""


@contextmanager
def taking_turns(file: Path) -> Generator[None]:
    """Wait until nobody else is upgrading the file, and keep others waiting."""
    with _open(file, "lock") as descriptor:
        flock(descriptor, LOCK_EX)
        yield


@contextmanager
def only_server_of(url: str) -> Generator[None]:
    """Hold the SQLite file at `url` as its only server; raises `FileInUse`. PostgreSQL may have any number of servers.

    Other commands may work on the file beside a server. Only an upgrade may not, since it would change the tables
    under the server (`refuse_beside_server`).
    """
    file = file_of(read_url(url))
    if file is None:
        yield
        return
    with _open(file, "server") as descriptor:
        try:
            with taking_turns(file):  # so that nobody is checking for a server at this moment
                flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise FileInUse from None
        yield


def refuse_beside_server(file: Path) -> None:
    """Raise `FileInUse` while a server uses the file. Called within `taking_turns`."""
    with _open(file, "server") as descriptor:
        try:
            flock(descriptor, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            raise FileInUse from None


@contextmanager
def _open(file: Path, name: str) -> Generator[int]:
    whole = file.resolve()  # one lock for one file, under whatever name
    descriptor = os.open(whole.with_name(f"{whole.name}.{name}"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)

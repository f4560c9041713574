"""Databases of the benchmark of memory: files or, with BENCH_DATABASE=postgresql, those of a server of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from storage.migrate import upgrade
from storage.url import POSTGRESQL, SQLITE
from tests import postgres


class Databases(Protocol):
    def new(self, folder: Path) -> str:
        """Address of a new database that has its tables and nothing in them."""

    def copied(self, url: str, folder: Path) -> str:
        """Address of a copy of a database that is not in use."""


class Files:
    def new(self, folder: Path) -> str:
        url = f"sqlite:///{folder / 'beseda.db'}"
        upgrade(url)
        return url

    def copied(self, url: str, folder: Path) -> str:
        file = Path(url.removeprefix("sqlite:///"))
        shutil.copy(file, folder / file.name)
        return f"sqlite:///{folder / file.name}"


class Server:
    def __init__(self, server: postgres.Server) -> None:
        self._server = server
        self._numbers = count(1)
        self._names: dict[str, str] = {}

    def new(self, _folder: Path) -> str:
        url = self._created(postgres.EMPTY)
        upgrade(url)
        return url

    def copied(self, url: str, _folder: Path) -> str:
        return self._created(self._names[url])

    def _created(self, template: str) -> str:
        name = f"remember{next(self._numbers)}"
        url = self._server.create(name, template)
        self._names[url] = name
        return url


@contextmanager
def databases() -> Generator[Databases]:
    kind = os.environ.get("BENCH_DATABASE", SQLITE)
    if kind == SQLITE:
        yield Files()
        return
    if kind != POSTGRESQL:
        raise SystemExit(f"BENCH_DATABASE is {SQLITE} or {POSTGRESQL}")
    server = postgres.Server()
    try:
        yield Server(server)
    finally:
        server.stop()

"""Databases for tests: each test has its own, and whatever asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, Generator
from itertools import count
from pathlib import Path

import pytest

import domain.tables  # noqa: F401 - migrations are compared with the tables declared there
from domain.limits import ALL
from storage.database import Database
from storage.migrate import upgrade
from tests.clock import clock
from tests.postgres import EMPTY, Server

__all__ = ["clock"]
MIGRATED = "migrated"
UNLIMITED = {limit.name: 10**9 for limit in ALL}
"""For what is tried here: `Limits(InMemory(), UNLIMITED)` refuses nobody."""
numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Which database the other fixtures mean."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """The address of a database with all tables and no rows."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "beseda.db")
        yield f"sqlite:///{tmp_path}/beseda.db"
    else:
        yield from _on(request.getfixturevalue("migrated_postgres"), MIGRATED)


@pytest.fixture
def empty_database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """The address of a database without tables; for SQLite, of a file and folder that do not exist yet."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path}/new/empty.db"
    else:
        yield from _on(request.getfixturevalue("postgres"), EMPTY)


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def postgres() -> Generator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Server) -> Server:
    upgrade(postgres.create(MIGRATED))
    return postgres


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "beseda.db"
    upgrade(f"sqlite:///{file}")
    return file


def _on(server: Server, template: str) -> Generator[str]:
    name = f"test_{next(numbers)}"
    yield server.create(name, template)
    server.drop(name)

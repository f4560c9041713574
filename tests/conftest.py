"""Database fixtures: a test that asks for a database gets an empty one, and runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, Generator
from itertools import count
from pathlib import Path

import pytest
from xdist.remote import Producer

import domain.tables  # noqa: F401 - migrations are compared with the tables declared there
from domain.rate_limits import ALL
from storage.database import Database
from storage.migrate import upgrade
from tests.clock import clock
from tests.postgres import EMPTY, Server, Shared
from tests.s3_server import S3Server
from tests.suite import cheap_passwords, compiled_statements, tls_contexts
from tests.suite.by_room import ByRoom, place_of

__all__ = ["clock"]
MIGRATED = "migrated"
UNLIMITED = {limit.name: 10**9 for limit in ALL}
"""For what is tried here: `RateLimiter(InMemory(), UNLIMITED)` refuses nobody."""
AT_ONCE = {"gather", "create_task", "TaskGroup"}
numbers = count(1)


@pytest.hookimpl(tryfirst=True)  # before `-m "not slow"` deselects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    there = {item.nodeid for item in items}
    for item in items:
        if _is_the_same_on_postgresql(item, there):
            item.add_marker(pytest.mark.slow)

    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByRoom | None:
    """Distribute `make test` by rooms; `make slow`, whose rooms are of very different length, goes file by file."""
    return ByRoom(config, log) if config.getoption("dist") == "loadscope" else None


def _is_the_same_on_postgresql(item: pytest.Item, there: set[str]) -> bool:
    """Whether the test on SQLite has proved the rule already. Not below `tests/storage`, which is about databases, nor
    for concurrent actions, in which the databases differ everywhere.
    """
    twin = item.nodeid.replace("postgresql", "sqlite")
    is_a_copy = twin != item.nodeid and twin in there and not item.nodeid.startswith("tests/storage")
    return is_a_copy and isinstance(item, pytest.Function) and AT_ONCE.isdisjoint(item.function.__code__.co_names)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Generator[pytest.MonkeyPatch]:
    """Cheap password hashes, so that no test waits for a password that it is not about."""
    with pytest.MonkeyPatch.context() as patch:
        cheap_passwords.use(patch)
        yield patch


@pytest.fixture(scope="session", autouse=True)
def kept_statements() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compiled_statements.keep(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_certificates() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        tls_contexts.keep(patch)
        yield


@pytest.fixture
def real_hashes(cheap_hashes: pytest.MonkeyPatch) -> Generator[None]:
    """Password hashes of the product, at their real cost."""
    cheap_hashes.undo()
    yield
    cheap_passwords.use(cheap_hashes)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Dialect of the database that the other fixtures use."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """Address of a database with all tables and no rows.

    On PostgreSQL it is reused from test to test; whoever alters its tables or ends all connections asks for one of
    their own with `@pytest.mark.own_database`.
    """
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "beseda.db")
        yield f"sqlite:///{tmp_path}/beseda.db"
    elif request.node.get_closest_marker("own_database"):
        yield from _on(request.getfixturevalue("migrated_postgres"), MIGRATED)
    else:
        shared: Shared = request.getfixturevalue("shared_postgres")
        yield shared.url
        shared.empty()


@pytest.fixture
def empty_database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """Address of a database without tables; for SQLite, of a file and folder that do not exist yet."""
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
def shared_postgres(migrated_postgres: Server) -> Generator[Shared]:
    shared = Shared(migrated_postgres.create("shared", MIGRATED))
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def s3_server() -> Generator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def s3(s3_server: S3Server) -> S3Server:
    """An S3 service with a bucket of the test's own."""
    s3_server.new_bucket()
    return s3_server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "beseda.db"
    upgrade(f"sqlite:///{file}")
    return file


def _on(server: Server, template: str) -> Generator[str]:
    name = f"test_{next(numbers)}"
    yield server.create(name, template)
    server.drop(name)

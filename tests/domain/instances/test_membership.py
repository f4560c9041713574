"""Membership of instances over one PostgreSQL, and the settings that all of them must share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from domain.instances import membership
from domain.instances.leases import lease_for
from domain.instances.membership import Membership, RunningInstance, SettingsDiffer
from domain.instances.shared_settings import fingerprints
from domain.settings.settings import Settings
from storage.database import Database

on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"])
SECRET, ANOTHER = "a secret of the tests, long enough", "another secret of the tests, as long"
PASSED = timedelta(seconds=-1)
PATIENCE = 30  # seconds: far more than anything here takes

Begin = Callable[..., Membership]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "RENEWED_EVERY", 0.01)
    monkeypatch.setattr(membership, "LOOKS_EVERY", 0.01)


def told(folder: Path, **settings: Any) -> dict[str, str]:
    """Fingerprints by which an instance tells the others its settings."""
    usual: dict[str, Any] = {
        "JWT_SECRET": SECRET,
        "DATABASE_URL": "postgresql://somewhere/beseda",
        "PUBLIC_URL": "https://beseda.test",
    }
    return fingerprints(Settings(_env_file=None, DATA_DIR=folder, **(usual | settings)))


@pytest.fixture
async def begin(database: Database, tmp_path: Path) -> AsyncGenerator[Begin]:
    """Makes an instance with this name and these settings, which has not joined yet."""
    begun: list[Membership] = []

    def begin(name: str, **settings: str) -> Membership:
        begun.append(Membership(database, name, told(tmp_path, **settings)))
        return begun[-1]

    yield begin
    for each in begun:
        await each.close()


async def names(database: Database) -> list[str]:
    async with database.read() as db:
        return list(await db.exec(select(RunningInstance.name).order_by(col(RunningInstance.name))))


@on_postgresql
async def test_instances_with_the_same_settings_join_and_leave(database: Database, begin: Begin) -> None:
    a, b = begin("a"), begin("b")
    for each in (a, b):
        await each.join()
        await each.start()
    assert await names(database) == ["a", "b"]
    await a.close()
    assert await names(database) == ["b"]


@on_postgresql
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET", ANOTHER),
        ("PUBLIC_URL", "https://elsewhere.test"),
        ("BUS_URL", "redis://somewhere"),
        ("PICTURES_URL", "s3://bucket"),
    ],
)
async def test_one_that_differs_is_refused_as_long_as_another_lives(begin: Begin, name: str, value: str) -> None:
    a, b = begin("a"), begin("b", **{name: value})
    await a.join()
    await a.start()
    with pytest.raises(SettingsDiffer, match=f"^{name}: the instance a on this database has another one"):
        await b.join()
    await a.close()
    await b.join()


@on_postgresql
async def test_machines_may_reach_one_redis_by_different_addresses(begin: Begin) -> None:
    await begin("a", BUS_URL="redis://localhost").join()
    await begin("b", BUS_URL="rediss://10.0.0.7").join()


@on_postgresql
async def test_of_two_that_differ_and_start_at_once_one_is_refused(database: Database, begin: Begin) -> None:
    async def start(instance: Membership) -> None:
        await instance.join()
        await instance.start()

    both = (start(begin("a")), start(begin("b", JWT_SECRET=ANOTHER)))
    [refused] = filter(None, await asyncio.gather(*both, return_exceptions=True))
    assert isinstance(refused, SettingsDiffer)
    assert len(await names(database)) == 1


@on_postgresql
async def test_one_that_died_is_in_nobodys_way_once_its_lease_has_ended(
    database: Database, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    await begin("a").join()  # and is killed: it never renews
    b = begin("b", JWT_SECRET=ANOTHER)
    joining = asyncio.create_task(b.join())
    async with asyncio.timeout(PATIENCE):
        while "Looking whether that one lives" not in caplog.text:  # noqa: ASYNC110 - a log has no event to wait for
            await asyncio.sleep(0.01)
    assert not joining.done()
    await _let_leases_end(database)
    await joining
    assert await names(database) == ["b"]


@on_postgresql
async def test_one_that_stood_still_for_long_joins_again(database: Database, begin: Begin) -> None:
    a, b = begin("a"), begin("b")
    await a.join()
    await _let_leases_end(database)
    await b.join()  # takes the row away
    assert await names(database) == ["b"]
    await a.start()
    async with asyncio.timeout(PATIENCE):
        while await names(database) != ["a", "b"]:  # noqa: ASYNC110 - a row has no event to wait for
            await asyncio.sleep(0.01)


@on_postgresql
async def test_one_that_stood_still_while_another_secret_came_says_so(
    database: Database, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = begin("a"), begin("b", JWT_SECRET=ANOTHER)
    await a.join()
    await _let_leases_end(database)
    await b.join()
    await a.start()
    async with asyncio.timeout(PATIENCE):
        while "JWT_SECRET: the instance b on this database" not in caplog.text:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    assert await names(database) == ["b"]


@on_postgresql
async def test_what_only_one_of_two_releases_compares_is_in_nobodys_way(database: Database) -> None:
    older = Membership(database, "older", {"JWT_SECRET": "1"})
    newer = Membership(database, "newer", {"JWT_SECRET": "1", "SOMETHING_NEW": "2"})
    for each in (older, newer):
        await each.join()
    assert await names(database) == ["newer", "older"]
    for each in (older, newer):
        await each.close()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_sqlite_file_has_one_process_and_needs_no_rows(database: Database, begin: Begin) -> None:
    await begin("a").join()
    await begin("b", JWT_SECRET=ANOTHER).join()
    assert await names(database) == []


def test_fingerprints_tell_nothing(tmp_path: Path) -> None:
    one, other = told(tmp_path), told(tmp_path, JWT_SECRET=ANOTHER)
    assert not set(one.values()) & set(other.values()), "without the secret no value can be tried"
    assert not any(SECRET in each or "beseda.test" in each for each in one.values())


def test_without_a_secret_that_of_the_data_folder_counts(tmp_path: Path) -> None:
    assert told(tmp_path, JWT_SECRET="") == told(tmp_path, JWT_SECRET="")
    (tmp_path / "elsewhere").mkdir()
    assert told(tmp_path, JWT_SECRET="") != told(tmp_path / "elsewhere", JWT_SECRET="")


async def _let_leases_end(database: Database) -> None:
    async with database.write() as db:
        await db.exec(update(RunningInstance).values(lease_until=lease_for(PASSED)))

"""Server lifecycle: what it listens to, and that everything is closed, whatever fails at the start or the end."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from fastapi import FastAPI

from domain.services.build import build_services
from domain.services.groups import Services
from domain.settings.settings import Settings
from storage.migrate import upgrade
from tests.e2e.product import Product
from tests.ports import free_port
from ui.app import app_over
from ui.serving.lifespan import life, warm
from ui.serving.listeners import listeners_for


class Job:
    """A background job that may fail, and notes that it is closed."""

    def __init__(self, name: str, closed: list[str], *, fails: str = "") -> None:
        self._name = name
        self._closed = closed
        self._fails = fails

    async def start(self) -> None:
        if self._fails == "start":
            raise OSError(self._name)

    async def close(self) -> None:
        self._closed.append(self._name)
        if self._fails == "close":
            raise OSError(self._name)


@pytest.fixture
async def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Services]:
    monkeypatch.chdir(tmp_path)
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    upgrade(settings.database)
    services = build_services(settings)
    yield services
    await services.database.close()


@pytest.fixture
def closed(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what has been closed, in order."""
    names: list[str] = []

    async def close_replies(_grace: float) -> None:
        names.append("replies")

    async def close_database() -> None:
        names.append("database")

    monkeypatch.setattr(services.reply_writer, "close", close_replies)
    monkeypatch.setattr(services.database, "close", close_database)
    return names


def life_with(services: Services, *jobs: Job) -> AbstractAsyncContextManager[None]:
    return life(app_over(services), services.reply_writer, services.model, jobs)(FastAPI())


async def test_replies_end_before_what_they_need_and_the_database_is_closed_last(
    services: Services, closed: list[str]
) -> None:
    async with life_with(services, Job("one", closed), Job("two", closed)):
        assert closed == []
    assert closed == ["replies", "two", "one", "database"]


@pytest.mark.slow
async def test_what_cannot_be_closed_keeps_nothing_else_open(services: Services, closed: list[str]) -> None:
    with pytest.raises(OSError, match="two"):
        async with life_with(services, Job("one", closed), Job("two", closed, fails="close"), Job("three", closed)):
            pass
    assert closed == ["replies", "three", "two", "one", "database"]


async def test_a_start_that_fails_closes_what_it_got_to(services: Services, closed: list[str]) -> None:
    with pytest.raises(OSError, match="two"):
        async with life_with(services, Job("one", closed), Job("two", closed, fails="start"), Job("three", closed)):
            pass
    assert closed == ["two", "one", "database"]


async def test_a_client_that_cannot_be_built_is_told_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(data_dir=tmp_path / "data", base_url="http://127.0.0.1:9/v1", llm_model="m", _env_file=None)
    upgrade(settings.database)
    services = build_services(settings)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "removed-since.pem"))
    is_needed = asyncio.Event()
    is_needed.set()
    await warm(services.model, is_needed)
    assert "cannot be built" in caplog.text
    assert "No such file or directory" in caplog.text
    await services.database.close()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
    except OSError:
        return False
    return True


NEEDS_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest.mark.slow
@NEEDS_IPV6
def test_host_of_two_colons_is_everybody_by_both_families(tmp_path: Path) -> None:
    product = Product(tmp_path, HOST="::")
    product.start()
    try:
        for host in ("127.0.0.1", "[::1]"):
            with urllib.request.urlopen(f"http://{host}:{product.port}/healthz") as answer:
                assert answer.status == 200
        assert f"http://127.0.0.1:{product.port}" in product.log.read_text()
    finally:
        assert product.stop() == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        *(pytest.param(host, marks=pytest.mark.slow) for host in ("0.0.0.0", "localhost")),
        pytest.param("::", marks=[NEEDS_IPV6, pytest.mark.slow]),
    ],
)
def test_a_port_that_is_taken_is_told_in_one_line_and_no_address_before(tmp_path: Path, host: str) -> None:
    product = Product(tmp_path, HOST=host, LOG_LEVEL="WARNING")
    with socket.create_server(("127.0.0.1", product.port)):
        product.spawn()
        assert product.ended() == 2
    assert product.log.read_text() == "Beseda cannot start. HOST, PORT: Address already in use\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "host",
    ["no-such-host.invalid", *(pytest.param(host, marks=pytest.mark.slow) for host in ("a" * 70, "192.0.2.1"))],
)
def test_a_host_that_is_none_of_this_machine_is_told_in_one_line(tmp_path: Path, host: str) -> None:
    product = Product(tmp_path, HOST=host, LOG_LEVEL="WARNING")
    product.spawn()
    assert product.ended() == 2
    [line] = product.log.read_text().splitlines()
    assert line.startswith("Beseda cannot start. HOST, PORT: ")


def test_a_server_that_starts_beside_another_finds_the_port_taken_before_either_serves() -> None:
    settings = Settings(_env_file=None, host="localhost", port=free_port())
    first = listeners_for(settings)
    with pytest.raises(OSError, match="in use"):
        listeners_for(settings)
    for each in first:
        each.close()
    for each in listeners_for(settings):
        each.close()

"""Fixtures: a real PostgreSQL and a real Redis that carry messages, and instances that hear each other over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any, Protocol

import pytest

from storage.wire import reconnecting
from storage.wire.wire import Data
from tests.postgres import Server
from tests.redis_server import RedisServer
from tests.storage.wire.carriers import SECRET, Carrier, PostgresqlCarrier, RedisCarrier

PATIENCE = 30  # seconds: far more than anything here takes


class Instance:
    """An instance that records what it hears."""

    def __init__(self, carrier: Carrier, name: str, secret: str = SECRET) -> None:
        self.wire = carrier.wire(name, secret)
        self.heard: asyncio.Queue[tuple[str, Data]] = asyncio.Queue()
        self._missed: asyncio.Queue[bool] = asyncio.Queue()
        self.wire.subscribe(
            lambda kind, data: self.heard.put_nowait((kind, data)), lambda: self._missed.put_nowait(True)
        )

    async def hears(self, many: int = 1) -> list[Any]:
        """Values of `about` in the next messages."""
        async with asyncio.timeout(PATIENCE):
            return [(await self.heard.get())[1]["about"] for _ in range(many)]

    async def is_told_of_a_gap(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            return await self._missed.get()

    async def until_up(self) -> None:
        await until(lambda: self.wire.is_up)

    async def until_down(self) -> None:
        await until(lambda: not self.wire.is_up)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - an attribute has no event to wait for
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause of the machine for some seconds does not count as a dead line, unless a test says so."""
    monkeypatch.setattr(reconnecting, "SILENCE", PATIENCE)
    monkeypatch.setattr(reconnecting, "LAST_WORDS", PATIENCE)


@pytest.fixture
def redis_server(tmp_path: Path) -> Generator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def postgresql(postgres: Server) -> Generator[PostgresqlCarrier]:
    carrier = PostgresqlCarrier(postgres.create("wire"))
    yield carrier
    carrier.close()
    postgres.drop("wire")


@pytest.fixture
def redis(redis_server: RedisServer) -> Generator[RedisCarrier]:
    carrier = RedisCarrier(redis_server)
    yield carrier
    carrier.close()


@pytest.fixture(params=["postgresql", "redis"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    found: Carrier = request.getfixturevalue(request.param)
    return found


class Join(Protocol):
    def __call__(self, name: str, secret: str = SECRET) -> Awaitable[Instance]: ...


@pytest.fixture
async def join(carrier: Carrier) -> AsyncGenerator[Join]:
    """Factory that starts an instance by its name and waits until it is up."""
    started: list[Instance] = []

    async def start(name: str, secret: str = SECRET) -> Instance:
        instance = Instance(carrier, name, secret)
        started.append(instance)
        await instance.wire.start()
        await instance.is_told_of_a_gap()  # the time before it was up
        assert instance.wire.is_up
        return instance

    yield start
    for each in started:
        await each.wire.close()

"""Fixtures: several processes of the product over one PostgreSQL that can be stopped, and one model."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.postgres import Server
from tests.ui.api.conftest import SECRET, Program, Town

PATIENCE = 90  # seconds: far more than anything here takes
numbers = count(1)


@pytest.fixture
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    """A PostgreSQL of this file's own."""
    server = Server()
    yield server
    server.stop()


class Instances:
    """Processes of the product over one database."""

    def __init__(self, folder: Path, database_url: str, llm: LlmServer, **settings: str) -> None:
        self._folder = folder
        self.database_url = database_url
        self._settings = {"BASE_URL": llm.url, "LLM_MODEL": "m", "JWT_SECRET": SECRET, "DATABASE_URL": database_url}
        self._settings |= {"PUBLIC_URL": "http://beseda.test"} | settings  # one for all: their tokens name it
        self._products: list[Product] = []
        self._towns: list[Town] = []

    def made(self, **settings: str) -> Product:
        """One more process, which is not started yet."""
        folder = self._folder / f"instance-{next(numbers)}"
        folder.mkdir()
        product = Product(folder, **(self._settings | settings))
        self._products.append(product)
        return product

    def started(self, **settings: str) -> Product:
        product = self.made(**settings)
        product.start()
        return product

    def person(self, name: str, at: Product) -> Program:
        """A new person, whose program talks to this instance."""
        town = Town(at, self.database_url)
        self._towns.append(town)
        return town.come(name)

    def kill(self, product: Product) -> None:
        product.kill()
        self._products.remove(product)

    def stop(self, product: Product) -> None:
        product.stop()
        self._products.remove(product)

    def close(self) -> None:
        for town in self._towns:
            town.leave()
        for product in self._products:
            product.kill()


@contextmanager
def instances_over(server: Server, folder: Path, llm: LlmServer, **settings: str) -> Iterator[Instances]:
    instances = Instances(folder, server.create(f"instances_{next(numbers)}"), llm, **settings)
    try:
        yield instances
    finally:
        instances.close()


def seconds_until(condition: Callable[..., bool], *arguments: Any) -> float:
    """Wait for something that is bound to happen; returns how long it took."""
    begun = time.monotonic()
    while not condition(*arguments):
        assert time.monotonic() < begun + PATIENCE
        time.sleep(0.05)
    return time.monotonic() - begun


def messages(program: Program, dialog_id: int) -> list[dict[str, Any]]:
    return list(program.get(f"/api/dialogs/{dialog_id}/messages").json())


def at(product: Product, program: Program) -> Program:
    """The same person, whose program talks to another instance."""
    return Program(product.url, program.name, program.tokens)


def is_up(product: Product) -> bool:
    try:
        return httpx.get(f"{product.url}/healthz", timeout=10).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False

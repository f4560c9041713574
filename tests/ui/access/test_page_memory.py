"""Memory leaks: what is left of pages that were opened and left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.product import Product
from tests.pages import fetch, line
from tests.ui.access.conftest import ADMIN, NOBODY, OWNER, UNCOUNTED, Found, World
from tests.ui.access.fuzz import Fuzz
from tests.ui.api.conftest import Town
from ui.socket.closed_pages import LEFT_AT_ONE_ADDRESS, LEFT_BY_ONE

WRITTEN_WITHIN = 30  # seconds
KEPT = {NOBODY: LEFT_AT_ONE_ADDRESS, OWNER: LEFT_BY_ONE, ADMIN: LEFT_BY_ONE}


@pytest.fixture
def leftovers(tmp_path: Path) -> Path:
    return tmp_path / "leftovers"


@pytest.fixture
def product(tmp_path: Path, leftovers: Path) -> Generator[Product]:
    program = ("-m", "tests.ui.access.leftovers")
    product = Product(tmp_path, program=program, LIMITS=UNCOUNTED, LEFTOVERS=str(leftovers))
    product.start()
    yield product
    product.stop()


@pytest.fixture
def world(product: Product) -> World:
    return World(Town(product, f"sqlite:///{product.data / 'beseda.db'}"))


@pytest.mark.slow
async def test_pages_that_were_left_are_freed_without_a_garbage_collection(
    product: Product, world: World, routes: list[Found], leftovers: Path
) -> None:
    fuzz = Fuzz(world, routes, seed=0)
    await fuzz.visit(*KEPT)
    for role, most in KEPT.items():
        for _ in range(most):
            async with line(fetch(world.visitors[role], "/")):
                pass

    left = await asyncio.to_thread(counted, product, leftovers)
    assert fuzz.pages > 2 * LEFT_BY_ONE
    assert not fuzz.failed
    assert left["pages"] == left["elements"] == 0
    assert sum(KEPT.values()) <= left["kept"] <= sum(KEPT.values()) + len(KEPT), (
        "the last socket may not have ended yet"
    )


def counted(product: Product, leftovers: Path) -> dict[str, int]:
    os.kill(product.pid, signal.SIGUSR1)
    until = time.monotonic() + WRITTEN_WITHIN
    while not leftovers.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    found: dict[str, int] = json.loads(leftovers.read_text())
    return found

"""Full disk: said in one sentence, nothing is left behind, and it goes on once there is room."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.domain.pictures.photos import a_photo
from tests.e2e.product import Product
from tests.ui.access.conftest import session_of
from tests.ui.api.conftest import Town

LARGE = a_photo("PNG", (600, 800)).ljust(2_000_000, b"\0")
"""So large a form is laid aside on the disk while it comes."""


@pytest.fixture
def product(tmp_path: Path) -> Generator[Product]:
    product = Product(tmp_path, DEMO_PAUSE="0")
    product.start()
    yield product
    product.stop()


@contextmanager
def full(product: Product) -> Generator[None]:
    """No file of the server's grows beyond a hundred bytes: the system refuses it as it does on a full disk."""
    before = resource.prlimit(product.pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    yield
    resource.prlimit(product.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.slow
def test_a_photo_for_which_there_is_no_room_is_507_and_leaves_nothing(product: Product) -> None:
    database = f"sqlite:///{product.data / 'beseda.db'}"
    town = Town(product, database)
    somebody = town.come("ira")
    cookies = {"beseda": asyncio.run(session_of(database, somebody.id))}

    def upload(browser: httpx.Client, photo: bytes) -> list[httpx.Response]:
        return [
            browser.post("/feed/photos", content=photo),
            somebody.ask("POST", "/api/characters/upload/photo", files={"file": ("a.png", photo)}),
        ]

    with httpx.Client(base_url=product.url, cookies=cookies, timeout=60, headers={"Accept-Language": "en"}) as browser:
        before = {*product.data.rglob("*")}
        with full(product):
            refused = [*upload(browser, a_photo("PNG", (600, 800))), *upload(browser, LARGE)]
        assert [answer.status_code for answer in refused] == [507] * 4
        sentence = "Our disk is full right now. Please try again later."
        assert refused[0].json() == {"error": sentence}
        assert refused[1].json()["detail"]
        left = {path for path in {*product.data.rglob("*")} - before if path.is_file() and "pictures" in path.parts}
        assert not left
        assert [answer.status_code for answer in upload(browser, LARGE)] == [200, 200]
    assert "Traceback" not in product.log.read_text("utf-8")
    town.leave()

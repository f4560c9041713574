"""Benchmark of the gallery: what a page costs with 100,000 characters, compared with a hundred; on both databases.

The product runs twice, once with each number, and both are asked in turn, so the ratio can be trusted on a busy
machine.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from domain.sample_data.fill import fill
from storage.database import Database
from storage.migrate import upgrade
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.e2e.product import Product
from tests.postgres import Server

FEW, MANY = 100, 100_000
TIMES = 60
DEEP = 100
"""Pages down; each has 48 cards."""
ORDERS = ("popular", "new", "rating", "name")
WORDS = (
    *("маяк", "книгами", "Москва", "fukfz", "смотрительница", "любит книги", "капитан", "чай", "Aglaya", "ист"),
    *("ко", "учитель истории", "море", "врач", "старый моряк", "анна", "ivan", "ghbdtn", "детектив", "звёзды"),
)
MOST_MS, MOST_SEARCH_MS, MOST_TIMES_AS_LONG = 30, 50, 3


async def gallery(_upstream: Upstream) -> list[Line]:
    server = Server()
    try:
        with TemporaryDirectory() as folder:
            sqlite = await _figures("SQLite", Path(folder), lambda name: f"sqlite:///{folder}/{name}.db")
            return [*sqlite, *await _figures("PostgreSQL", Path(folder), server.create)]
    finally:
        server.stop()


async def _figures(kind: str, folder: Path, new_database: Callable[[str], str]) -> list[Line]:
    async with (
        _open_gallery(folder / f"{kind}-few", new_database("few"), FEW) as few,
        _open_gallery(folder / f"{kind}-many", new_database("many"), MANY) as many,
    ):
        firsts = [f"/feed/gallery?sort={sort}" for sort in ORDERS]
        deep = [_deep(many, address) for address in firsts]
        searches = [f"/feed/gallery?{httpx.QueryParams(q=word)}" for word in WORDS]
        for somebody, addresses in ((few, firsts), (many, [*firsts, *deep, *searches])):
            for address in addresses:
                _milliseconds(somebody, address)  # warm-up: the database's pages come from the disk
        with_few, with_many = [], []
        for address in islice(cycle(firsts), TIMES):
            with_few.append(_milliseconds(few, address))
            with_many.append(_milliseconds(many, address))
        far_down = [_milliseconds(many, address) for address in islice(cycle(deep), TIMES)]
        searched = [_milliseconds(many, address) for address in islice(cycle(searches), 2 * TIMES)]
    beside = (f"with {FEW}", median(with_few))
    return [
        Line(f"gallery, first page, {kind}", median(with_many), "ms", MOST_MS),
        Line(f"gallery, first page, {kind}", median(with_many), "ms", MOST_TIMES_AS_LONG, beside),
        Line(f"gallery, page {DEEP}, {kind}", median(far_down), "ms", MOST_MS),
        Line(f"gallery, page {DEEP}, {kind}", median(far_down), "ms", MOST_TIMES_AS_LONG, beside),
        Line(f"gallery, search p95, {kind}", quantiles(searched, n=20)[-1], "ms", MOST_SEARCH_MS),
    ]


@asynccontextmanager
async def _open_gallery(folder: Path, url: str, characters: int) -> AsyncGenerator[httpx.Client]:
    upgrade(url)
    database = Database(url)
    await fill(database, characters, characters // 5, lambda _more: None)
    await database.close()
    (folder / "data").mkdir(parents=True)
    product = Product(folder, DATABASE_URL=url, LOG_LEVEL="WARNING")
    product.start()
    try:
        with httpx.Client(base_url=product.url, timeout=60) as client:
            yield client
    finally:
        product.stop()


def _milliseconds(somebody: httpx.Client, address: str) -> float:
    """Milliseconds from the request to the last byte of the answer, as a browser on this machine would measure them."""
    begun = time.perf_counter()
    somebody.get(address).raise_for_status()
    return (time.perf_counter() - begun) * 1000


def _deep(somebody: httpx.Client, address: str) -> str:
    """Address of a page far down, reached page by page, as a reader would."""
    for _ in range(DEEP):
        page: dict[str, Any] = somebody.get(address).raise_for_status().json()
        address = page["next"]
    return address

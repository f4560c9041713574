"""Benchmark of weight: memory when idle, start to the first page, and a chat page with an empty cache.

The chat page is compared with NiceGUI's minimal one (`baselines/minimal_page.py`), asked in turn with it, so that the
ratio can be trusted on a busy machine.
"""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urljoin

from playwright.async_api import Browser, async_playwright

from tests.bench.stage import Stage, resident, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.browser import ARGUMENTS, installed_browser
from tests.e2e.product import STARTED_WITHIN, Product

STARTS = 5
SETTLED = 3  # seconds after the first page
VISITS = 7
TURNS = 3  # two messages each
CHAT = 'document.querySelector(".composer textarea:enabled") && document.querySelector(".message .bubble")'
MINIMAL = 'document.querySelector(".minimal")'
WATCH = """
    (function look() {{
      if ({usable}) window.usableAt = performance.now();
      else requestAnimationFrame(look);
    }})();
"""
LOADED = """
    () => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
      .map(({ name, transferSize }) => [name, transferSize])
"""


@dataclass(frozen=True)
class Visit:
    """Milliseconds until the page was usable; everything that was loaded, with the bytes transferred."""

    usable: float
    loaded: list[tuple[str, int]]


async def light(upstream: Upstream) -> list[Line]:
    return await asyncio.to_thread(_starts) + await _cold_chat(upstream)


def _starts() -> list[Line]:
    """Time and memory of starts. The first, with an empty folder, also makes the tables and the starter characters."""
    with TemporaryDirectory() as folder:
        took, idle = zip(*(_start(Path(folder)) for _ in range(1 + STARTS)), strict=True)
    return [
        Line(
            *("idle memory", median(idle[1:]) / 1e6, "MB"),
            most=150,
            note=f"resident, one page served; {idle[0] / 1e6:.0f} after the very first start",
        ),
        Line(
            *("start to first page served", median(took[1:]) * 1000, "ms"),
            most=1000,
            note=f"median of {STARTS}, worst {max(took[1:]) * 1000:.0f}; {took[0] * 1000:.0f} the very first time",
        ),
    ]


def _start(folder: Path) -> tuple[float, int]:
    """Seconds until the first page was served, and resident bytes a little later."""
    product = Product(folder, LOG_LEVEL="WARNING")
    begun = time.monotonic()
    product.spawn()
    try:
        _wait_until_served(product.url)
        took = time.monotonic() - begun
        time.sleep(SETTLED)
        return took, resident(product.pid)
    finally:
        product.stop()


def _wait_until_served(url: str) -> None:
    give_up = time.monotonic() + STARTED_WITHIN
    while not _served(url):
        assert time.monotonic() < give_up, f"{url} is not served"
        time.sleep(0.01)


def _served(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return bool(answer.read())
    except (urllib.error.URLError, OSError):
        return False


async def _cold_chat(upstream: Upstream) -> list[Line]:
    chromium = await asyncio.to_thread(installed_browser)
    with TemporaryDirectory() as folder:
        minimal = Product(Path(folder), program=("-m", "tests.bench.baselines.minimal_page"))
        async with stage(upstream, [TURNS]) as here, async_playwright() as play:
            minimal.spawn()
            try:
                await asyncio.to_thread(_wait_until_served, minimal.url)
                browser = await play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
                chats, minimals = await _in_turn(browser, here, minimal.url)
                await browser.close()
            finally:
                minimal.stop()
    return _lines(chats, minimals)


async def _in_turn(browser: Browser, here: Stage, minimal: str) -> tuple[list[Visit], list[Visit]]:
    chats, minimals = [], []
    for _ in range(1 + VISITS):
        chats.append(await _visit(browser, here.url + here.seats[0].path, CHAT, here.seats[0].cookie))
        minimals.append(await _visit(browser, minimal, MINIMAL))
    return chats[1:], minimals[1:]  # warm-up: the servers' own first requests do not count


async def _visit(browser: Browser, address: str, usable: str, cookie: str = "") -> Visit:
    """Visit the page in a browser context of its own, with an empty cache."""
    context = await browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 800})
    if cookie:
        await context.add_cookies([{"name": "beseda", "value": cookie, "url": urljoin(address, "/")}])
    page = await context.new_page()
    await page.add_init_script(WATCH.format(usable=usable))
    await page.goto(address)
    await page.wait_for_function("window.usableAt")
    await page.wait_for_load_state("networkidle")
    visit = Visit(float(await page.evaluate("window.usableAt")), await page.evaluate(LOADED))
    await context.close()
    return visit


def _lines(chats: list[Visit], minimals: list[Visit]) -> list[Line]:
    requests, weight = _cost(chats)
    minimal_requests, minimal_weight = _cost(minimals)
    usable, minimal_usable = (median(each.usable for each in visits) for visits in (chats, minimals))
    return [
        Line("cold chat page: requests", requests, "", most=25, note=f"NiceGUI's minimal page {minimal_requests}"),
        Line(
            *("cold chat page: over the line", weight / 1024, "KB"),
            most=450,
            note=f"NiceGUI's minimal page {minimal_weight / 1024:.0f} KB",
        ),
        Line(
            *("cold chat page: usable", usable, "ms"),
            most=1.15,
            reference=("minimal page", minimal_usable),
            note=f"medians of {VISITS}, asked in turn; worst {max(each.usable for each in chats):.0f}",
        ),
    ]


def _cost(visits: list[Visit]) -> tuple[int, int]:
    """Largest number of requests, and of bytes, of any visit."""
    return (
        max(len(each.loaded) for each in visits),
        max(sum(size for _name, size in each.loaded) for each in visits),
    )

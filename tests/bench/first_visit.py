"""Benchmark of the first visit: the gallery in Chromium with an empty cache, and the search while one types."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, async_playwright

from domain.sample_data.fill import fill
from storage.database import Database
from storage.migrate import upgrade
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.browser import ARGUMENTS, installed_browser
from tests.e2e.product import Product

CHARACTERS = 300
VISITS = 5
WORDS = ("маяк", "книг", "кот")
WATCH = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    (function look() {
      const card = document.querySelector(".card:has(.card-link)"), picture = card?.querySelector("img");
      if (picture?.complete && picture.naturalWidth) window.usableAt = performance.now();
      else requestAnimationFrame(look);
    })();
"""
"""A card can be used when its picture is there and its link works."""
WEIGHT = """
    (until) => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
      .filter((each) => each.responseEnd <= until).reduce((sum, each) => sum + each.transferSize, 0)
"""
TYPE = """
    async (word) => {
      const field = document.querySelector(".gallery-search input"), before = document.querySelector(".card-grid");
      const asked = performance.now();
      const names = () => [...document.querySelectorAll(".card-link")].map((each) => each.textContent).join();
      const was = names();
      field.value = word;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      while (names() === was && performance.now() - asked < 5000) await new Promise(requestAnimationFrame);
      return performance.now() - asked;
    }
"""


@dataclass(frozen=True)
class Visit:
    """Milliseconds until a card was usable; bytes transferred until then, and in all; the sum of layout shifts;
    milliseconds until the search showed the result of each typed word.
    """

    usable: float
    weight: int
    all_weight: int
    shifted: float
    typed: list[float]


async def first_visit(_upstream: Upstream) -> list[Line]:
    """Time from the start of the navigation until a card can be used."""
    chromium = await asyncio.to_thread(installed_browser)
    with TemporaryDirectory() as folder:
        product = Product(Path(folder), LOG_LEVEL="WARNING")
        product.data.mkdir()
        await _people_the_gallery(f"sqlite:///{product.data / 'beseda.db'}")
        product.start()
        try:
            async with async_playwright() as play:
                browser = await play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
                await _visit(browser, product.url)  # warm-up: the server's own first request does not count
                visits = [await _visit(browser, product.url) for _ in range(VISITS)]
                await browser.close()
        finally:
            product.stop()
    usable, typed = [visit.usable for visit in visits], [took for visit in visits for took in visit.typed]
    return [
        Line(
            "first visit: cards usable",
            median(usable),
            "ms",
            most=700,
            note=f"{CHARACTERS} there, {VISITS} visits, worst {max(usable):.0f}",
        ),
        Line(
            "first visit: over the line until then",
            max(visit.weight for visit in visits) / 1024,
            "KB",
            most=500,
            note=f"{max(visit.all_weight for visit in visits) / 1024:.0f} KB with the pictures of the row below",
        ),
        Line("first visit: layout shift, in hundredths", 100 * max(visit.shifted for visit in visits), "", most=2),
        Line("search shown after a key", median(typed), "ms", most=150, note=f"worst {max(typed):.0f}"),
    ]


async def _people_the_gallery(url: str) -> None:
    await asyncio.to_thread(upgrade, url)
    database = Database(url)
    await fill(database, CHARACTERS, 0, lambda _added: None)
    await database.close()


async def _visit(browser: Browser, url: str) -> Visit:
    """Visit the gallery in a browser context of its own, with an empty cache."""
    context = await browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.add_init_script(WATCH)
    await page.goto(url)
    await page.wait_for_function("window.usableAt")
    usable = float(await page.evaluate("window.usableAt"))
    await page.wait_for_load_state("networkidle")
    shifted = float(await page.evaluate("window.shifted"))
    weight, all_weight = int(await page.evaluate(WEIGHT, usable)), int(await page.evaluate(WEIGHT, 1e9))
    typed = [await _typing(page, word) for word in WORDS]
    await context.close()
    return Visit(usable, weight, all_weight, shifted, typed)


async def _typing(page: Page, word: str) -> float:
    return float(await page.evaluate(TYPE, word))

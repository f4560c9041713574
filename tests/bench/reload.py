"""Benchmark of a reload: a long conversation back on the screen, in Chromium."""

from __future__ import annotations

import asyncio
from statistics import median

from playwright.async_api import async_playwright

from tests.bench.stage import stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.browser import ARGUMENTS, installed_browser

TURNS = 100  # two messages each
RELOADS = 5
WATCH = """
    (function look() {
      const last = [...document.querySelectorAll(".message .bubble")].at(-1)?.getBoundingClientRect();
      if (last?.height && last.bottom > 0 && last.bottom <= innerHeight) window.shownAt = performance.now();
      else requestAnimationFrame(look);
    })();
"""


async def reload(upstream: Upstream) -> list[Line]:
    """Time from the start of the navigation until the last message is visible in the window, with a warm cache."""
    took = []
    chromium = await asyncio.to_thread(installed_browser)
    async with stage(upstream, [TURNS]) as here, async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        page = await browser.new_page(locale="ru-RU", viewport={"width": 1280, "height": 800})
        await page.context.add_cookies([{"name": "beseda", "value": here.seats[0].cookie, "url": here.url}])
        await page.add_init_script(WATCH)
        await page.goto(here.url + here.seats[0].path)
        await page.wait_for_function("window.shownAt")
        for _ in range(RELOADS):
            await page.wait_for_load_state("networkidle")
            await page.reload(wait_until="commit")
            await page.wait_for_function("window.shownAt")
            took.append(await page.evaluate("window.shownAt"))
        await browser.close()
    worst = f"median of {RELOADS}, worst {max(took):.0f}"
    return [Line("200 messages on screen after a reload", median(took), "ms", most=400, note=worst)]

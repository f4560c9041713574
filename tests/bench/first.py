"""Benchmark of the time to first text: from Enter in a browser, or a program's request, to the model's server and back.

All moments are of one clock: the model's server writes into the reply when it was asked, which is when its first piece
leaves it (tests/bench/upstream.py), and the browser's clock is the machine's.
"""

from __future__ import annotations

import asyncio
import re
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urljoin

import httpx
from playwright.async_api import Page, async_playwright
from sqlmodel import select

from domain.accounts.sessions import LoginSession
from domain.accounts.signing import Signing
from domain.model.dialog import Dialog
from storage.database import Database
from tests.bench.rows import seat
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.browser import ARGUMENTS, installed_browser
from tests.e2e.product import Product

TURNS = 3  # already in the dialog, two messages each
TIMES, BEFORE = 15, 3  # turns that are measured, and warm-up turns before them
BETWEEN = 1  # seconds until everything that follows a reply is done
SECRET = "a secret of the benchmarks, and of nobody else's tokens"
WATCH = """
    const clock = () => performance.timeOrigin + performance.now();
    addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      [window.entered, window.shown] = [clock(), 0];
      requestAnimationFrame(function look() {
        const text = document.querySelector(".message.running .bubble-running")?.textContent;
        if (text) window.shown = clock();
        else requestAnimationFrame(look);
      });
    }, true);
"""
SAID = '[...document.querySelectorAll(".message.assistant.done .bubble")].at(-1)?.textContent'


async def first(upstream: Upstream) -> list[Line]:
    with TemporaryDirectory() as folder:
        settings = {"BASE_URL": upstream.url, "API_KEY": "key", "LLM_MODEL": "model", "JWT_SECRET": SECRET}
        product = Product(Path(folder), LOG_LEVEL="WARNING", **settings)
        product.data.mkdir()
        database_url = f"sqlite:///{product.data / 'beseda.db'}"
        (here,) = await seat(database_url, [TURNS])
        product.start()
        try:
            asked, shown, in_empty_box = await _by_page(product.url, here.path, here.cookie)
            by_program = await _by_program(product.url, database_url)
        finally:
            product.stop()
    return [
        _line("Enter to the request upstream", asked, most=15),
        _line("API's request to the one upstream", by_program, most=15),
        _line("first piece to its letters in an empty box", in_empty_box, most=20),
        _line("  to its letters, if it comes at once", shown, most=20),
        _line("  from Enter to its letters then", [sum(pair) for pair in zip(asked, shown, strict=True)]),
    ]


def _line(name: str, seconds: list[float], most: float | None = None) -> Line:
    note = f"median of {len(seconds)}; best {min(seconds) * 1000:.1f}, worst {max(seconds) * 1000:.1f}"
    return Line(name, median(seconds) * 1000, "ms", most=most, note=note)


async def _by_page(url: str, path: str, cookie: str) -> tuple[list[float], list[float], list[float]]:
    """Seconds from Enter to the request upstream; from a first piece sent at once to the frame that shows its text; and
    the same for a first piece sent after a while, as by all real models.
    """
    chromium = await asyncio.to_thread(installed_browser)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        context = await browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": "beseda", "value": cookie, "url": urljoin(url, "/")}])
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await page.goto(url + path)
        await page.wait_for_load_state("networkidle")
        at_once = [await _enter(page, "quick") for _ in range(BEFORE + TIMES)][BEFORE:]
        later = [await _enter(page, "soon") for _ in range(TIMES)]
        await browser.close()
    return [asked for asked, _ in at_once], [shown for _, shown in at_once], [shown for _, shown in later]


async def _enter(page: Page, manner: str) -> tuple[float, float]:
    """Seconds from Enter until the first piece left the model's server, and from there until its text was shown."""
    said = await page.evaluate(SAID)
    await page.locator(".composer textarea").fill(f"И что было потом? {manner}")
    await page.keyboard.press("Enter")
    await page.wait_for_function(f"(said) => {{ const now = {SAID}; return now && now !== said; }}", arg=said)
    due = _due(await page.evaluate(SAID)) + time.time() - time.monotonic()
    entered, shown = (moment / 1000 for moment in await page.evaluate("[window.entered, window.shown]"))
    await asyncio.sleep(BETWEEN)
    return due - entered, shown - due


async def _by_program(url: str, database_url: str) -> list[float]:
    database = Database(database_url)
    async with database.read() as db:
        session = (await db.exec(select(LoginSession))).one()
        dialog = (await db.exec(select(Dialog))).one()
    await database.close()
    token = Signing(SECRET, url).access_token(session, timedelta(hours=1))
    path, seconds = f"/api/dialogs/{dialog.character_id}/messages", []
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as program:
        for _ in range(BEFORE + TIMES):
            begun = time.monotonic()
            answer = await program.post(path, json={"message": "И что было потом? short", "dialog_id": dialog.id})
            seconds.append(_due(answer.raise_for_status().json()["assistant_message"]["content"]) - begun)
            await asyncio.sleep(BETWEEN)
    return seconds[BEFORE:]


def _due(text: str) -> float:
    """Moment at which the model's server was asked, in seconds of `time.monotonic`."""
    moment = re.search(r"\d{6,}", text)
    assert moment, "the model's server writes it into each reply"
    return int(moment[0]) / 1e6

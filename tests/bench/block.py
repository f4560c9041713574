"""Benchmark of a block: an admin blocks somebody amid a reply; the time until their page says so, in Chromium."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from statistics import median

import httpx
from playwright.async_api import Browser, async_playwright

from domain.accounts.passwords import hashed
from tests.bench.rows import Seat
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.browser import ARGUMENTS, installed_browser

PEOPLE = 7
PASSWORD = "the bench's own"


async def block(upstream: Upstream) -> list[Line]:
    """Time from the admin's request until the reason can be read, however long the reply would still have run."""
    chromium = await asyncio.to_thread(installed_browser)
    async with (
        stage(upstream, [1] * (PEOPLE + 1)) as here,
        httpx.AsyncClient(base_url=here.url, timeout=30) as admin,
        async_playwright() as play,
    ):
        await _become_admin(admin, here)
        browser = await play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        took = [await _block(browser, here.url, seat, admin) for seat in here.seats[1:]]
        await browser.close()
    return [
        Line(
            *("a blocked person reads why", median(took) * 1000, "ms"),
            most=1000,
            note=f"in mid-reply, {PEOPLE} people, worst {max(took) * 1000:.0f}",
        )
    ]


async def _become_admin(program: httpx.AsyncClient, here: Stage) -> None:
    """Make the first person an admin, and log in as them."""
    with closing(sqlite3.connect(here.database, timeout=10)) as database, database:
        database.execute("UPDATE user SET is_admin = 1, password_hash = ? WHERE id = 1", (await hashed(PASSWORD),))
    tokens = await program.post("/api/auth/login", json={"login": "0@x.test", "password": PASSWORD})
    program.headers["Authorization"] = f"Bearer {tokens.raise_for_status().json()['access_token']}"


async def _block(browser: Browser, url: str, seat: Seat, admin: httpx.AsyncClient) -> float:
    """Block somebody in the middle of a reply; returns the seconds until their page says why."""
    context = await browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": "beseda", "value": seat.cookie, "url": url}])
    page = await context.new_page()
    await page.goto(url + seat.path)
    box = page.get_by_role("textbox", name="Сообщение")
    await box.fill("Расскажи fine")
    await box.press("Enter")
    await page.locator(".message").nth(3).get_by_text("чайку").wait_for()  # a fifth of the reply
    begun = time.monotonic()
    answer = await admin.post(f"/api/admin/users/{seat.user_id}/block", json={"blocked": True})
    answer.raise_for_status()
    await page.get_by_role("heading", name="Ваш аккаунт заблокирован").wait_for()
    took = time.monotonic() - begun
    await context.close()
    return took

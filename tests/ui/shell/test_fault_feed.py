"""Fault feed: what failed in a browser is one line of the log, whoever sends it and whatever it says."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from domain.token_buckets import LINES_ABOUT_PAGES
from ui.shell.fault_feed import FEED, fault_feed

FAULT = {"reference": "0badcafe", "what": "TypeError: x is undefined\n    at data", "page": "/chat/1"}


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(fault_feed())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_it_stands_beside_its_reference_in_one_line(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await browser.post(FEED, json=FAULT)
    assert answer.status_code == 204
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "[0badcafe]: 'TypeError: x is undefined\\n    at data' at '/chat/1'" in record.getMessage()
    assert "\n" not in record.getMessage()


@pytest.mark.parametrize(
    "spoiled", [{"reference": "0badcafe\n"}, {"reference": "?"}, {"what": "x" * 2001}, {"page": 1}]
)
async def test_what_no_page_of_ours_sends_is_refused(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, spoiled: dict[str, object]
) -> None:
    assert (await browser.post(FEED, json=FAULT | spoiled)).status_code == 422
    assert not caplog.records


async def test_a_flood_of_them_does_not_fill_the_log(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3 * LINES_ABOUT_PAGES.burst):
        assert (await browser.post(FEED, json=FAULT)).status_code == 204
    assert len(caplog.records) < 2 * LINES_ABOUT_PAGES.burst, "a slow machine may rightly let some more through"

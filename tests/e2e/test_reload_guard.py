"""Reload guard: a page that the server does not know stops loading itself anew, and says so; a person may always."""

from __future__ import annotations

import re
from collections.abc import Generator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.product import Product

SENTENCE = "У этой страницы нет связи: сервер её не узнаёт."


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    context = browser.new_context(locale="ru-RU")
    yield context.new_page()
    context.close()


@pytest.fixture
def loads(page: Page) -> list[str]:
    """Each time the page was asked for."""
    found: list[str] = []
    page.on("request", lambda asked: found.append(asked.url) if asked.is_navigation_request() else None)
    return found


def strays(route: Route) -> None:
    """The page as it is, but under a name that its server does not know: as if another instance had built it."""
    answer = route.fetch()
    route.fulfill(response=answer, body=re.sub(r"'client_id': '[\w-]+'", f"'client_id': '{uuid4()}'", answer.text()))


def says_so(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text=SENTENCE)


@pytest.mark.slow
@pytest.mark.breaks_the_line
@pytest.mark.expects_console("404 .*/healthz")  # by which the page asks whether it may talk to the server
def test_a_page_that_the_server_never_knows_stops_and_tries_again_later(
    page: Page, product: Product, loads: list[str]
) -> None:
    page.clock.install()
    page.route(product.url + "/", strays)
    page.goto(product.url)
    expect(says_so(page)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()  # it can still be read
    assert len(loads) == 4
    with page.expect_navigation():
        page.clock.fast_forward(31_000)
    expect(says_so(page)).to_be_visible()
    assert len(loads) == 8
    page.unroute_all()
    page.get_by_role("button", name="Попробовать сейчас").click()
    page.wait_for_function("window.socket?.connected")
    expect(says_so(page)).to_have_count(0)


@pytest.mark.slow
def test_a_person_reloads_as_often_as_they_like(page: Page, product: Product, loads: list[str]) -> None:
    page.goto(product.url)
    for _time in range(6):
        page.reload()
    page.wait_for_function("window.socket?.connected")
    expect(says_so(page)).to_have_count(0)
    assert len(loads) == 7


def test_a_page_moves_on_when_asked_but_not_from_under_whoever_is_writing(
    page: Page, product: Product, loads: list[str]
) -> None:
    page.clock.install()
    page.goto(f"{product.url}/sign-up")
    field = page.get_by_role("textbox").first
    field.fill("anna@")
    page.clock.fast_forward(60_000)
    assert page.evaluate("window.moveOn()"), "nothing keeps what stands there"
    emptied = (
        "(field) => { field.value = ''; field.dispatchEvent(new Event('input', { bubbles: true })); return moveOn() }"
    )
    assert field.evaluate(emptied), "who has just pressed a key goes on"
    page.clock.fast_forward(4_000)
    with page.expect_navigation():
        assert not page.evaluate("window.moveOn()")
    assert len(loads) == 2

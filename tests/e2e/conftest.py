"""Fixtures of the end-to-end tests: browser, product, model server, people; no page may report an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser import ARGUMENTS, installed_browser
from tests.e2e.complaints import A_BROKEN_LINE, A_REFUSED_LOOK, Complaints
from tests.e2e.people import AT_ONCE, Person
from tests.e2e.product import Product
from tests.llm_server import LlmServer

expect.set_options(timeout=AT_ONCE)


numbers = count(1)


@pytest.fixture(scope="package")
def browser() -> Generator[Browser]:
    """Closed after the last of these tests: nothing asynchronous can run in this process while it is open."""
    path = installed_browser()  # which may start Playwright itself, and it does not nest
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def complaints(browser: Browser) -> Complaints:
    return Complaints(browser)


@pytest.fixture(scope="package")
def lasting() -> list[BrowserContext]:
    """Browser contexts that one test opens for those after it, too."""
    return []


@pytest.fixture(autouse=True)
def nothing_breaks_in_the_browser(
    browser: Browser, complaints: Complaints, lasting: list[BrowserContext], request: pytest.FixtureRequest
) -> Generator[None]:
    """Fail the test on any error in a page that it did not expect. `expects_console("…")` names what it provokes, and
    then has to; `breaks_the_line` allows failed connections, `loses_access` allows refused requests of pages.
    """
    there_before = browser.contexts
    yield
    expected = [pattern for mark in request.node.iter_markers("expects_console") for pattern in mark.args]
    may_come = {"breaks_the_line": A_BROKEN_LINE, "loses_access": A_REFUSED_LOOK}
    allowed = [*expected, *(said for mark, said in may_come.items() if request.node.get_closest_marker(mark))]
    heard = complaints.since_last_asked()
    for context in browser.contexts:
        if context not in there_before and context not in lasting:
            context.close()  # left open by a test that failed: its errors must not count against the next one
    assert not [each for each in heard if not any(re.search(pattern, each) for pattern in allowed)]
    assert not [pattern for pattern in expected if not any(re.search(pattern, each) for each in heard)], "did not come"


@pytest.fixture(scope="session")
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture(scope="package")
def shared_product(llm: LlmServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Product]:
    yield from _started(llm, tmp_path_factory)


@pytest.fixture(scope="module")
def own_product(llm: LlmServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Product]:
    """For a file that counts everybody or everything there is, or stops the server."""
    yield from _started(llm, tmp_path_factory)


@pytest.fixture(scope="module")
def product(shared_product: Product) -> Product:
    """The product, talking to the tests' model server as if it were YandexGPT. Starting it takes seconds, so files
    share one; each file's people have email addresses of their own.
    """
    shared_product.host = f"{next(numbers)}.example.test"
    return shared_product


@pytest.fixture
def demo_product(tmp_path: Path) -> Generator[Product]:
    """The product without an API key."""
    product = Product(tmp_path)
    product.start()
    yield product
    product.stop()


@pytest.fixture
def person(browser: Browser, product: Product) -> Generator[Callable[[str], Person]]:
    """Factory of people by name; each has a browser of their own."""
    people: list[Person] = []

    def arrive(name: str) -> Person:
        people.append(Person(browser, product, name))
        return people[-1]

    yield arrive
    for each in people:
        each.leave()


def _started(llm: LlmServer, folders: pytest.TempPathFactory) -> Generator[Product]:
    product = Product(folders.mktemp("product"), API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url)
    product.start()
    yield product
    product.stop()

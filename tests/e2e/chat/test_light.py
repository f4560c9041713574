"""Page weight: what a browser with an empty cache has to fetch for a page."""

from __future__ import annotations

from collections.abc import Callable

import nicegui
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person, wait_for_line
from ui.gallery.card_grid import CardGrid

FETCHED = """
    () => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
      .map(({ name, transferSize }) => [name, transferSize])
"""

FIRST_PICTURE = """
    (function look() {
      const messages = document.querySelectorAll(".message .bubble").length;
      if (document.querySelector(".composer textarea")) window.messagesThen = messages || "none";
      else requestAnimationFrame(look);
    })();
"""
"""How many messages there are in the first frame that has the composer."""


def test_a_cold_chat_page_takes_few_requests_and_no_font_of_icons(
    person: Callable[[str], Person], browser: Browser
) -> None:
    somebody = person("Evgenia")
    arrive(somebody)
    begin_chat(somebody)
    cold = browser.new_context(locale="ru-RU", storage_state=somebody.context.storage_state())
    page = cold.new_page()
    page.goto(somebody.page.url)
    expect(page.locator(".message .bubble").first).to_be_visible()
    wait_for_line(page)
    page.wait_for_load_state("networkidle")
    fetched = page.evaluate(FETCHED)
    cold.close()
    assert len(fetched) <= 25, fetched
    assert sum(size for _address, size in fetched) <= 450 * 1024, fetched


def test_the_first_picture_of_a_chat_has_its_messages(person: Callable[[str], Person], browser: Browser) -> None:
    somebody = person("Zhanna")
    arrive(somebody)
    begin_chat(somebody)
    cold = browser.new_context(locale="ru-RU", storage_state=somebody.context.storage_state())
    page = cold.new_page()
    waiting: list[Route] = []
    has_history = False
    history = somebody.page.url.replace("/chat/", "/feed/dialogs/")

    def come_late(route: Route) -> None:
        if has_history:
            route.continue_()
        else:
            waiting.append(route)

    page.route("**/scripts/chat.*.js", come_late)
    page.add_init_script(FIRST_PICTURE)
    with page.expect_event("requestfinished", lambda request: request.url == history):
        page.goto(somebody.page.url, wait_until="commit")
    has_history = True
    for each in waiting:
        each.continue_()
    assert page.wait_for_function("window.messagesThen").json_value() != "none"
    cold.close()


@pytest.mark.expects_console("ERR_FAILED")
def test_a_history_lost_on_the_way_is_asked_for_again(person: Callable[[str], Person]) -> None:
    somebody = person("Ulyana")
    arrive(somebody)
    begin_chat(somebody)
    somebody.page.route("**/feed/dialogs/*", lambda route: route.abort(), times=1)
    somebody.page.reload()
    expect(somebody.last_reply.locator(".bubble")).to_be_visible()


def test_a_component_that_comes_into_an_open_page_later_is_the_one_of_the_bundle(
    person: Callable[[str], Person],
) -> None:
    """NiceGUI's script asks for it by itself. Another copy would begin anew, and forget what stands in its fields."""
    somebody = person("Zinaida")
    arrive(somebody)
    somebody.open("/")
    grid = CardGrid.component
    assert grid
    is_the_same = somebody.page.evaluate(
        """async ([address, tag]) => (await import(address)).default === app._context.components[tag]""",
        [f"/_nicegui/{nicegui.__version__}/components/{grid.key}", grid.tag],
    )
    assert is_the_same

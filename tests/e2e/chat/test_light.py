"""Page weight: what a browser with an empty cache has to fetch for a page."""

from __future__ import annotations

from collections.abc import Callable

import nicegui
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person, wait_for_line
from ui.gallery.card_grid import CardGrid

FETCHED = """
    () => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
      .map(({ name, transferSize }) => [name, transferSize])
"""


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

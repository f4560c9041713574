"""First page, and the frame around every page: what a stranger reads and can do at once, what those who are known find
there; the header by keys and by finger.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line

SHIFTS = """() => new Promise((resolve) => new PerformanceObserver((list) =>
  resolve(list.getEntries().reduce((sum, each) => sum + each.value, 0))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => resolve(0), 500))"""
FOUND_LATE = """() => performance.getEntriesByType("resource").map(({ name, initiatorType }) => [name, initiatorType])
  .filter(([name, by]) => name.endsWith(".woff2") && by !== "link")"""
"""Fonts that the page had not asked for in its head: until they come, what is written in them takes another width."""
SMALL = """() => [...document.querySelectorAll("header a, header button, footer a")]
  .filter((each) => !each.matches(".skip-link") && each.checkVisibility())
  .filter((each) => each.offsetWidth < 44 || each.offsetHeight < 44).map((each) => each.outerHTML)"""


def test_a_stranger_reads_what_this_is_and_begins_with_one_of_three(person: Callable[[str], Person]) -> None:
    ola = person("Ola")
    ola.open("/")
    page = ola.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Разговоры с вымышленными персонажами")
    expect(page.get_by_text("Реплики за них пишет нейросеть").first).to_be_visible()
    expect(page.get_by_role("button", name="Начать чат")).to_have_count(3)
    expect(page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
    for name in ("description", "twitter:card"):
        expect(page.locator(f'meta[name="{name}"]')).to_have_attribute("content", re.compile("."))
    picture = page.locator('meta[property="og:image"]').get_attribute("content")
    assert picture
    assert ola.context.request.get(picture).headers["content-type"] == "image/jpeg"
    page.wait_for_load_state("networkidle")
    assert page.evaluate(FOUND_LATE) == []
    assert page.evaluate(SHIFTS) == 0

    ola.open("/?q=робот")
    expect(page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
    expect(page.get_by_role("button", name="Начать чат")).to_have_count(0)


def test_a_browser_tells_its_time_zone_once_the_page_stands(person: Callable[[str], Person]) -> None:
    kai = person("Kai")
    kai.open("/")
    kai.page.wait_for_function("document.cookie.includes('beseda_zone=')")


@pytest.mark.slow
def test_somebody_known_goes_on_with_one_press(person: Callable[[str], Person]) -> None:
    rada = person("Rada")
    arrive(rada)
    page = rada.page
    rada.choose("Тихон")
    page.get_by_role("button", name="В избранном: Тихон").click()
    rada.begin_chat()
    rada.say("Как сегодня море?")
    expect(rada.replies).to_have_count(2)  # the greeting, and what answers
    chat = page.url
    rada.open("/")
    shelves = page.get_by_role("navigation", name="Для вас")
    for name in ("Продолжить с…", "Избранное"):
        expect(shelves.get_by_role("heading", name=name)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS) == 0
    shelves.get_by_role("link", name="Тихон").first.click()
    wait_for_line(page)
    expect(page).to_have_url(chat)
    expect(page.get_by_text("пишет нейросеть")).to_be_visible()


def test_everything_around_a_page_is_large_enough_for_a_finger(person: Callable[[str], Person]) -> None:
    emma = person("Emma")
    for width in (360, 720, 1280):
        emma.page.set_viewport_size({"width": width, "height": 780})
        emma.open("/rules")
        assert emma.page.evaluate(SMALL) == []
    arrive(emma)
    emma.open("/")
    for width in (360, 720, 1280):
        emma.page.set_viewport_size({"width": width, "height": 780})
        assert emma.page.evaluate(SMALL) == []
        assert emma.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_first_key_leads_past_the_header_and_the_menu_is_walked_by_arrows(
    person: Callable[[str], Person],
) -> None:
    dora = person("Dora")
    arrive(dora)
    dora.open("/notices")
    page, focused = dora.page, dora.page.locator(":focus")
    page.keyboard.press("Tab")
    expect(focused).to_have_text("Перейти к содержимому")
    expect(page.get_by_role("navigation", name="Главные страницы").get_by_role("link")).to_have_text(
        ["Галерея", "Чаты"]
    )

    button = page.get_by_role("button", name="Меню")
    button.focus()
    page.keyboard.press("Enter")
    expect(focused).to_have_text("Галерея")
    expect(button).to_have_attribute("aria-expanded", "true")
    items = page.get_by_role("menu").locator("[role^=menuitem]")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_text("Мои чаты")
    page.keyboard.press("End")
    expect(focused).to_have_text("Выйти")
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Home")
    expect(items.first).to_be_focused()
    expect(page.get_by_role("menuitemradio", name="Русский")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")

"""First page: what a stranger reads and can do at once, and what those who are known find there."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.people import Person, wait_for_line

SHIFTS = """() => new Promise((resolve) => new PerformanceObserver((list) =>
  resolve(list.getEntries().reduce((sum, each) => sum + each.value, 0))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => resolve(0), 500))"""


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
    assert page.evaluate(SHIFTS) == 0

    ola.open("/?q=робот")
    expect(page.get_by_role("button", name="Начать чат")).to_have_count(0)


def test_somebody_known_goes_on_with_one_press(person: Callable[[str], Person]) -> None:
    rada = person("Rada")
    rada.sign_up()
    page = rada.page
    rada.choose("Тихон")
    page.get_by_role("button", name="Избранное").click()
    rada.begin_chat()
    rada.say("Как сегодня море?")
    chat = page.url
    rada.open("/")
    shelves = page.get_by_role("navigation", name="Для вас")
    expect(shelves.get_by_role("heading")).to_have_text(["Продолжить с…", "Избранное"])
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS) == 0
    shelves.get_by_role("link", name="Тихон").first.click()
    wait_for_line(page)
    assert page.url == chat
    expect(page.get_by_text("пишет нейросеть")).to_be_visible()

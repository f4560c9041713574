"""Faults in the browser: no storage, a component that throws, a script that does not load."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

BLOCKED = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("Access is denied", "SecurityError") } });
}"""
FULL = """Storage.prototype.setItem = () => { throw new DOMException("It is full", "QuotaExceededError") };
for (const store of [localStorage, sessionStorage]) store["beseda:announcements"] = store["draft-1"] = '{"text": 1';"""


@pytest.mark.parametrize(("name", "storage"), [("Blocked", BLOCKED), ("Full", FULL)])
def test_without_storage_everything_is_there(
    person: Callable[[str], Person], llm: LlmServer, name: str, storage: str
) -> None:
    anna = person(name)
    anna.context.add_init_script(storage)
    arrive(anna)
    begin_chat(anna)
    llm.answer("Здравствуй, Анна.")
    anna.say("Привет")
    expect(anna.last_reply).to_contain_text("Здравствуй, Анна.")
    expect(anna.page.locator(".page-fault")).to_have_count(0)


@pytest.mark.expects_console("broken on purpose", "TypeError")
def test_a_component_that_throws_leaves_the_others_standing(person: Callable[[str], Person]) -> None:
    anna = person("Component")
    arrive(anna)

    def spoil(route: Route) -> None:
        script = route.fetch().text()
        data = "const kept = inThisBrowser.get(PUT_AWAY);"
        assert data in script
        route.fulfill(
            body=script.replace(data, "throw new Error('broken on purpose');"), content_type="text/javascript"
        )

    anna.page.route(re.compile(r"/shared\.\w+\.js"), spoil)
    anna.open("/")
    fault = anna.page.get_by_role("alert").filter(has_text="Что-то на этой странице не работает")
    expect(fault).to_be_visible()
    expect(anna.page.get_by_role("link", name="Тихон Рогозин").first).to_be_visible()
    reference = re.search(r"\b[0-9a-f]{8}\b", fault.inner_text())
    assert reference
    anna.page.wait_for_function("performance.getEntriesByName(`${origin}/feed/faults`).length")
    log = anna.product.log.read_text("utf-8")
    assert re.search(rf"A page failed in the browser \[{reference[0]}\]: 'Error: broken on purpose", log)
    anna.page.unroute_all()
    fault.get_by_role("button", name="Обновить").click()
    wait_for_line(anna.page)
    expect(anna.page.locator(".page-fault")).to_have_count(0)


@pytest.mark.expects_console("net::ERR_FAILED", "A script did not load")
def test_a_script_that_does_not_come_leaves_a_sentence_and_no_white(person: Callable[[str], Person]) -> None:
    anna = person("Script")
    anna.page.route(re.compile(r"/shared\.\w+\.js"), lambda route: route.abort())
    anna.page.goto(anna.product.url)
    fault = anna.page.get_by_role("alert")
    expect(fault).to_contain_text(re.compile(r"Что-то на этой странице не работает.*\b[0-9a-f]{8}\b"))
    expect(fault).to_be_in_viewport()
    anna.page.wait_for_function("performance.getEntriesByName(`${origin}/feed/faults`).length")


def test_a_slow_first_visit_says_nothing_but_that_it_is_loading(person: Callable[[str], Person]) -> None:
    anna = person("Slow")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    anna.page.route(re.compile(r"/vue\S*\.js"), hold)
    anna.page.goto(anna.product.url, wait_until="commit")
    line = anna.page.get_by_text("Загружается…")
    anna.page.wait_for_function("document.querySelector('.page-opening')?.checkVisibility({ opacityProperty: true })")
    assert anna.page.locator("body").inner_text().strip() == line.inner_text()
    for each in held:
        each.continue_()
    wait_for_line(anna.page)
    expect(anna.page.get_by_role("heading", level=1)).to_be_visible()
    expect(line).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("ru-RU", "Чтобы пользоваться «Беседой», включите JavaScript."), ("en-GB", "Turn on JavaScript to use Beseda.")],
)
def test_without_javascript_one_is_told_to_turn_it_on(
    browser: Browser, product: Product, language: str, sentence: str
) -> None:
    with browser.new_context(locale=language, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(product.url)
        assert page.locator("body").inner_text().strip() == sentence


@pytest.mark.slow
@pytest.mark.expects_console("TypeError")
def test_a_browser_without_import_maps_is_told_that_it_is_too_old(person: Callable[[str], Person]) -> None:
    anna = person("Old")
    anna.context.add_init_script("HTMLScriptElement.supports = () => false")
    anna.page.route(
        re.compile(rf"{re.escape(anna.product.url)}/$"),
        lambda route: route.fulfill(
            response=(answer := route.fetch()), body=answer.text().replace('"importmap"', '"x"', 1)
        ),
    )
    anna.page.goto(anna.product.url)
    expect(anna.page.get_by_text("Этот браузер слишком старый для «Беседы»")).to_be_visible()
    expect(anna.page.get_by_role("alert")).to_have_count(0)

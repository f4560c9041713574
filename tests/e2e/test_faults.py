"""What fails in a browser: no storage, a component that throws, a script that does not come."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person, wait_for_line
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

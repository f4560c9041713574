"""A chat under a finger: it meets nothing that cannot be seen."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person, wait_for_line
from tests.llm_server import LlmServer


def test_the_actions_of_an_older_message_are_seen_where_nothing_hovers(
    browser: Browser, person: Callable[[str], Person], llm: LlmServer
) -> None:
    faina = person("Faina")
    arrive(faina)
    begin_chat(faina)
    llm.answer("Здравствуй.")
    faina.say("Добрый вечер!")
    expect(faina.last_reply).to_contain_text("Здравствуй.")
    phone = browser.new_context(
        locale="ru-RU",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        storage_state=faina.context.storage_state(),
    )
    page = phone.new_page()
    page.goto(faina.page.url)
    wait_for_line(page)
    said = page.get_by_role("article").filter(has_text="Добрый вечер!")
    expect(said.locator(".message-actions")).to_have_css("opacity", "1")
    phone.close()

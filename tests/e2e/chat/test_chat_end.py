"""The chat's log by itself: whoever was at its end stays there, and nobody else is taken to it."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chat.blank_page import open_blank

MOUNT = """async () => {
  const [{ createApp, h, ref }, { default: Log }] = await Promise.all([import("vue"), import("chat_log")]);
  window.shown = (count) => Array.from({ length: count }, (_, id) => ({
    id: id + 1, role: id % 2 ? "assistant" : "user", state: "done", name: "Марина", avatar: "", time: "", moment: "",
    day: "", html: `<p>${"Слова о море. ".repeat(20)}</p>`, source: "", blocks: [], length: 0, note: "", thoughts: "",
    reference: "", action: "", action_label: "", feedback: "", hidden: false, goes_on_at: 0, recalled: [],
    recalled_words: "", recalled_more: "", lore_words: "", lore: [],
  }));
  window.count = 20;
  window.fetch = async () => Response.json({ messages: shown(count), older: null, newer: null });
  const stage = document.getElementById("stage");
  stage.style.cssText = "display: flex; flex-direction: column; height: 500px";
  const log = ref();
  const labels = { down: "К последнему сообщению", log: "Чат" };
  createApp({ setup: () => () => h(Log, { ref: log, url: "/feed", labels }) }).mount(stage);
  window.log = log.value;
}"""
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    page = open_blank(browser)
    page.evaluate(MOUNT)
    expect(page.locator("article")).to_have_count(20)
    expect(page.locator(".chat-down")).to_have_count(0)
    yield page
    page.context.close()


def expect_at_the_end(page: Page) -> None:
    page.evaluate(TWO_FRAMES)
    expect(page.locator(".chat-down")).to_have_count(0)
    assert page.evaluate("log.place.below") <= 1


def test_what_came_while_there_was_no_connection_is_in_view_at_the_end(page: Page) -> None:
    page.evaluate("async () => { count = 24; await log.refresh(); }")
    expect(page.locator("article")).to_have_count(24)
    expect_at_the_end(page)


def test_who_scrolls_up_stays_there(page: Page) -> None:
    page.evaluate("log.$refs.scroll.scrollTop -= 200")
    page.evaluate(TWO_FRAMES)
    page.evaluate("async () => { count = 24; await log.refresh(); }")
    expect(page.locator("article")).to_have_count(24)
    expect(page.locator(".chat-down")).to_be_visible()


def test_words_sent_from_elsewhere_leave_the_reader_where_they_are(page: Page) -> None:
    page.evaluate("log.$refs.scroll.scrollTop -= 200")
    page.evaluate(TWO_FRAMES)
    before = page.evaluate("log.$refs.scroll.scrollTop")
    page.evaluate("log.append(shown(22).slice(20), null, false)")
    expect(page.locator("article")).to_have_count(22)
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("log.$refs.scroll.scrollTop") == before, "an admin's transcript, or another tab"
    expect(page.locator(".chat-unseen")).to_have_text("2")


def test_who_sends_something_is_taken_to_it_from_wherever_they_read(page: Page) -> None:
    page.evaluate("log.$refs.scroll.scrollTop -= 200")
    page.evaluate(TWO_FRAMES)
    page.evaluate("log.append(shown(22).slice(20), null, true)")
    expect(page.locator("article")).to_have_count(22)
    expect_at_the_end(page)

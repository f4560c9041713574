"""Announcements by themselves: how much of every page they take."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.chat.blank_page import open_blank

MOUNT = """async (all) => {
  const [{ createApp, h }, { default: Lines }] = await Promise.all([import("vue"), import("announcements")]);
  window.fetch = async () => Response.json({ announcements: all, next: null });
  const labels = { announcements: "Объявления", more: "ещё", less: "свернуть", close: "Скрыть" };
  createApp({ setup: () => () => h(Lines, { url: "/feed", first: all, labels }) }).mount("#stage");
}"""


def test_a_long_one_takes_two_lines_until_it_is_unfolded(browser: Browser) -> None:
    page = open_blank(browser)
    page.set_viewport_size({"width": 390, "height": 700})
    long, short = "Завтра ночью чаты могут ненадолго пропасть. " * 5, "Коротко."
    announced = [
        {"id": at, "level": "info", "text": text, "dismissible": True} for at, text in enumerate((long, short))
    ]
    page.evaluate(MOUNT, announced)
    first, more = page.locator(".announcement").first, page.get_by_role("button", name="ещё")
    expect(more).to_have_count(1)
    expect(more).to_have_attribute("aria-expanded", "false")
    assert first.evaluate("each => each.offsetHeight") < 70
    more.press("Enter")
    less = page.get_by_role("button", name="свернуть")
    expect(less).to_be_focused()
    assert first.locator("p").evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    page.set_viewport_size({"width": 1400, "height": 700})
    expect(less).to_be_visible()
    less.press("Enter")
    assert first.evaluate("each => each.offsetHeight") < 70
    page.context.close()

"""The composer by itself: input methods, and what Enter does with which keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chat.blank_page import open_blank

MOUNT = """async () => {
  const [{ createApp, h, ref }, { default: Composer }] = await Promise.all([import("vue"), import("composer")]);
  window.sent = [];
  const labels = { message: "Сообщение", pause: "" };
  const composer = ref();
  const told = { ref: composer, draftKey: "draft", limit: 1000, labels, onSend: (event) => sent.push(event) };
  createApp({ setup: () => () => h(Composer, told) }).mount("#stage");
  window.composer = composer.value;
}"""
SOFT_ENTER = """box => {
  const key = new KeyboardEvent("keydown", { key: "Enter", code: "", keyCode: 13, bubbles: true, cancelable: true });
  if (box.dispatchEvent(key)) document.execCommand("insertLineBreak");
}"""
KEYS_COVER_HALF = "Object.defineProperty(visualViewport, 'height', { value: innerHeight / 2 })"


def with_composer(browser: Browser, *, touch: bool = False) -> Page:
    page = open_blank(browser, touch=touch)
    page.evaluate(MOUNT)
    return page


def sent(page: Page) -> list[str]:
    return [each["text"] for each in page.evaluate("sent")]


def test_what_is_being_composed_is_not_rewritten_when_the_message_before_it_arrives(browser: Browser) -> None:
    page = with_composer(browser)
    box, keys = page.get_by_role("textbox"), page.context.new_cdp_session(page)

    def compose(text: str) -> None:
        place: dict[str, Any] = {"selectionStart": len(text), "selectionEnd": len(text)}
        keys.send("Input.imeSetComposition", {"text": text, **place})

    box.fill("Привет. ")
    box.press("Enter")
    compose("に")
    page.evaluate("composer.accepted(sent[0].client_id)")
    compose("にほ")
    expect(box).to_have_value("Привет. にほ")
    box.dispatch_event("keydown", {"key": "Enter", "code": "Enter", "isComposing": True})
    assert sent(page) == ["Привет. "], "Enter belongs to the input method"
    keys.send("Input.insertText", {"text": "日本"})
    expect(box).to_have_value("日本")
    box.press("Enter")
    assert sent(page) == ["Привет. ", "日本"]
    page.context.close()


@pytest.mark.parametrize("touch", [False, True], ids=["desk", "tablet"])
def test_a_keyboard_sends_by_enter_on_a_tablet_too(browser: Browser, touch: bool) -> None:
    page = with_composer(browser, touch=touch)
    box = page.get_by_role("textbox")
    box.tap() if touch else box.click()
    box.fill("Первая")
    box.press("Shift+Enter")
    page.keyboard.insert_text("Вторая")
    box.press("Enter")
    assert sent(page) == ["Первая\nВторая"]
    page.context.close()


def test_keys_on_the_screen_break_the_line(browser: Browser) -> None:
    page = with_composer(browser, touch=True)
    box = page.get_by_role("textbox")
    box.tap()
    box.fill("Первая")
    box.evaluate(SOFT_ENTER)
    expect(box).to_have_value("Первая\n")
    page.evaluate(KEYS_COVER_HALF)
    box.press("Enter")  # of a browser that gives keys on the screen a code, too
    expect(box).to_have_value("Первая\n\n")
    assert sent(page) == []
    page.context.close()

"""The draft of a character, as its author meets it: nothing of it is in the way, and no word of it is lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.e2e.arrivals import arrive, make_character
from tests.e2e.people import Person, wait_for_line


def is_kept(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="черновик сохранён")).to_be_attached()


def test_on_a_phone_a_finger_saves_right_after_the_draft_was_kept(
    browser: Browser, person: Callable[[str], Person]
) -> None:
    uma = person("Uma")
    arrive(uma)
    address = make_character(uma, "Мира", "Ты — Мира.")
    phone = browser.new_context(
        locale="ru-RU",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        storage_state=uma.context.storage_state(),
    )
    page = phone.new_page()
    page.goto(f"{address}/edit")
    wait_for_line(page)
    page.get_by_label("Имя", exact=True).fill("Мирра")
    is_kept(page)
    box = page.get_by_role("button", name="Сохранить", exact=True).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Мирра")).to_be_visible()
    phone.close()

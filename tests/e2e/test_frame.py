"""The frame of every page by keys: the way past it, the account menu."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.people import Person


def test_the_first_key_leads_past_the_header_and_the_menu_is_walked_by_arrows(
    person: Callable[[str], Person],
) -> None:
    dora = person("Dora")
    dora.sign_up()
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

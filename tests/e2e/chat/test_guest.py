"""The chat of somebody without an account, on a phone: what it offers, and what it has room for."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.people import wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

OTHER_REPLIES = 3  # as many as messages (TRIAL_MESSAGES)


@pytest.fixture
def guest(browser: Browser, product: Product) -> Generator[Page]:
    """In a chat that has just begun."""
    phone = ViewportSize(width=390, height=844)
    context = browser.new_context(locale="ru-RU", viewport=phone, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{product.url}/characters/1")
    wait_for_line(page)
    page.get_by_role("button", name="Начать чат", exact=True).click()
    page.wait_for_url(re.compile(r"/chat/\d+$"))
    wait_for_line(page)
    yield page
    context.close()


@pytest.mark.slow
def test_who_has_used_up_other_replies_reads_what_they_need_before_asking(guest: Page, llm: LlmServer) -> None:
    reply, another = guest.locator(".message.assistant").last, guest.locator("[data-action=regenerate]")
    guest.get_by_role("textbox", name="Сообщение").fill("Добрый вечер!")
    llm.answer("Ответ 0")
    guest.get_by_role("button", name="Отправить", exact=True).click()
    for number in range(1, OTHER_REPLIES + 1):
        expect(reply.locator(".bubble")).to_have_text(f"Ответ {number - 1}")
        llm.answer(f"Ответ {number}")
        another.last.click()
    expect(reply.locator(".bubble")).to_have_text(f"Ответ {OTHER_REPLIES}")
    needs = reply.get_by_role("button", name="Другой ответ — после регистрации")
    expect(needs).to_be_visible()
    expect(another).to_have_count(0)
    expect(guest.get_by_role("textbox", name="Сообщение"), "messages are left").to_be_visible()
    needs.click()
    guest.wait_for_url(re.compile(r"/sign-up\?next=/chat/\d+$"))


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 360, 390])
def test_however_long_the_name_the_way_to_sign_up_stands_over_nothing(guest: Page, width: int) -> None:
    guest.set_viewport_size({"width": width, "height": 600})
    guest.locator(".chat-name").evaluate("name => { name.textContent = 'Константин-Вольфрам Задунайский ' .repeat(3) }")
    link = guest.locator(".frame-header").get_by_role("link", name="Регистрация")
    assert link.evaluate("link => link.scrollWidth <= link.clientWidth"), "its word has room"
    assert guest.evaluate("document.documentElement.scrollWidth") == width

"""Page object: a person at a browser: what they do, in the words of the pages."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.product import Product

PASSWORD = "тихий омут 42"
AT_ONCE = 30_000  # milliseconds; generous: several browsers may share the machine, and what is there is seen at once


class Person:
    """Somebody with a browser of their own (own cookies), Russian, at a desktop."""

    def __init__(self, browser: Browser, product: Product, name: str) -> None:
        self.name = name
        self.email = f"{name.lower()}@{product.host}"
        self.product = product
        self.context: BrowserContext = browser.new_context(
            locale="ru-RU", timezone_id="Europe/Moscow", viewport={"width": 1280, "height": 800}
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(AT_ONCE)

    def open(self, address: str) -> None:
        self.page.goto(self.product.url + address if address.startswith("/") else address)
        wait_for_line(self.page)

    def sign_up(self, *, username: str = "") -> None:
        self.open("/sign-up")
        self.page.get_by_label("Почта").fill(self.email)
        self.page.get_by_role("button", name="Отправить письмо").click()
        expect(self.page.get_by_role("heading", name="Письмо отправлено")).to_be_visible()
        link, _code = self.product.letters_to(self.email)[-1]
        self.open(link)
        self.page.get_by_label("Как вас называть").fill(self.name)
        if username:
            self.page.get_by_label("Имя пользователя").fill(username)
        self.page.get_by_label("Пароль").fill(PASSWORD)
        self.page.get_by_role("button", name="Готово").click()
        self.page.get_by_role("button", name="Пропустить").click()
        expect(self.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()

    def log_in(self) -> None:
        self.page.get_by_label("Почта или имя").fill(self.email)
        self.page.get_by_label("Пароль").fill(PASSWORD)
        self.page.get_by_role("button", name="Войти").click()

    def choose(self, name: str) -> None:
        """To the page of a character, which the gallery finds; its own page is for the tests of the gallery."""
        found = self.context.request.get(f"{self.product.url}/feed/gallery", params={"q": name}).json()["cards"]
        self.open(next(card["url"] for card in found if card["name"].startswith(name)))
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def choose_own(self, name: str) -> None:
        """To the page of one's own character of this name."""
        found = self.context.request.get(f"{self.product.url}/feed/gallery", params={"tab": "mine"}).json()["cards"]
        self.open(next(card["url"] for card in found if card["name"] == name))
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def tab(self, name: str) -> None:
        """Another part of the editor."""
        self.page.get_by_role("tab", name=name).click()

    def choose_photo(self, photo: Path) -> None:
        """Take it as it is proposed to be cut."""
        self.page.locator(".photo-picker input[type=file]").set_input_files(photo)
        self.page.get_by_role("dialog").get_by_role("button", name="Готово").click()
        expect(self.page.locator(".photo-frame img")).to_have_attribute("src", re.compile("/pictures/"))

    def save(self) -> None:
        """In the editor; on to the character's page."""
        self.page.get_by_role("button", name=re.compile("^(Сохранить|Опубликовать)$")).click()
        self.page.wait_for_url(re.compile(r"/characters/\d+(\?saved=\w+)?$"))
        wait_for_line(self.page)

    def begin_chat(self) -> None:
        self.page.get_by_role("button", name="Начать чат").click()
        self.page.wait_for_url(re.compile(r"/chat/\d+"))
        wait_for_line(self.page)
        expect(self.composer).to_be_visible()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Сообщение")

    def say(self, words: str) -> None:
        self.composer.fill(words)
        self.composer.press("Enter")

    @property
    def replies(self) -> Locator:
        return self.page.locator(".message.assistant")

    @property
    def last_reply(self) -> Locator:
        return self.replies.last

    def pick(self, message: Locator, action: str) -> None:
        """One of the actions behind the «⋯» of a message."""
        message.hover()
        message.get_by_role("button", name="Другие действия").click()
        self.page.get_by_role("menuitem", name=action).click()

    def last_words(self) -> str:
        """The last reply, word for word as it is shown."""
        return self.last_reply.locator(".bubble").inner_text()

    def leave(self) -> None:
        self.context.close()


def wait_for_line(page: Page) -> None:
    """Until what happens elsewhere is seen here too. What is done here need not wait: it is sent when the line stands.

    A page of plain HTML has no line.
    """
    page.wait_for_function("window.socket?.connected || !document.getElementById('app')")

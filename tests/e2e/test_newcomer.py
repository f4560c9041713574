"""A newcomer's journey: talk at once, sign up by the link in another browser, and go on talking."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.people import PASSWORD, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

REPLY = "Хорошо, что вы зашли."
CLICKS_TO_TALK, CLICKS_TO_AN_ACCOUNT = 1, 5


@dataclass
class Words:
    """Labels on the pages in one language."""

    begin: str
    message: str
    send: str
    sign_up: str
    address: str
    send_letter: str
    sent: str
    name: str
    password: str
    finish: str
    skip: str
    panel: str


RUSSIAN = Words(
    "Начать чат",
    "Сообщение",
    "Отправить",
    "Регистрация",
    "Почта",
    "Отправить письмо",
    "Письмо отправлено",
    "Как вас называть",
    "Пароль",
    "Готово",
    "Пропустить",
    "чтобы говорить дальше, нужна почта",
)
ENGLISH = Words(
    "Start chat",
    "Message",
    "Send",
    "Sign up",
    "Email",
    "Send email",
    "Check your email",
    "Your name",
    "Password",
    "Finish",
    "Skip",
    "you need an email address",
)
DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


class Newcomer:
    """Somebody with two browsers, and a count of their clicks."""

    def __init__(
        self, browser: Browser, product: Product, llm: LlmServer, words: Words, locale: str, *, is_phone: bool
    ) -> None:
        self.name = locale.lower()
        self.words = words
        self.product = product
        self._llm = llm
        self.clicks = 0
        size = PHONE if is_phone else DESKTOP
        self._browsers = [
            browser.new_context(locale=locale, viewport=size, has_touch=is_phone, is_mobile=is_phone) for _each in "ab"
        ]
        self.page: Page = self._browsers[0].new_page()

    def open(self, address: str) -> None:
        self.page.goto(self.product.url + address if address.startswith("/") else address)
        wait_for_line(self.page)

    def press(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def take_the_other_browser(self) -> None:
        self.page = self._browsers[1].new_page()

    def take_the_first_browser(self) -> None:
        self.page = self._browsers[0].pages[0]

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=self.words.message)

    def say(self, words: str, replies: int) -> None:
        """Send the words and wait until there are this many replies; the greeting is one, too."""
        self._llm.answer(REPLY)
        self.composer.fill(words)
        self.page.get_by_role("button", name=self.words.send, exact=True).click()
        expect(self.page.locator(".message.assistant")).to_have_count(replies)
        expect(self.page.locator(".message.assistant .bubble").last).to_have_text(REPLY)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def leave(self) -> None:
        for each in self._browsers:
            each.close()


@pytest.fixture(params=["ru-desktop", pytest.param("en-phone", marks=pytest.mark.slow)])
def newcomer(request: pytest.FixtureRequest, browser: Browser, product: Product, llm: LlmServer) -> Generator[Newcomer]:
    is_russian = request.param == "ru-desktop"
    words, locale = (RUSSIAN, "ru-RU") if is_russian else (ENGLISH, "en-US")
    newcomer = Newcomer(browser, product, llm, words, locale, is_phone=not is_russian)
    yield newcomer
    newcomer.leave()


def test_a_stranger_talks_at_once_and_keeps_the_talk(newcomer: Newcomer) -> None:
    words, email = newcomer.words, f"{newcomer.name}@{newcomer.product.host}"
    newcomer.open("/characters/1")
    newcomer.press(newcomer.button(words.begin))
    newcomer.page.wait_for_url(re.compile(r"/chat/\d+$"))
    expect(newcomer.composer).to_be_visible()
    assert newcomer.clicks == CLICKS_TO_TALK
    wait_for_line(newcomer.page)
    chat = newcomer.page.url
    for number, said in enumerate(("Добрый вечер!", "Как ваши дела?", "Мне пора."), start=2):
        expect(newcomer.page.get_by_text(words.panel)).to_be_hidden()
        newcomer.say(said, replies=number)

    expect(newcomer.page.get_by_text(words.panel)).to_be_visible()
    expect(newcomer.composer).to_be_hidden()
    expect(newcomer.page.locator(".message.user [data-action=edit]"), "nothing more could be sent").to_have_count(0)
    expect(newcomer.page.locator(".frame-header").get_by_role("link", name=words.sign_up)).to_be_visible()
    newcomer.clicks = 0
    newcomer.press(newcomer.page.locator(".trial-panel").get_by_role("link", name=words.sign_up))
    newcomer.page.get_by_label(words.address).fill(email)
    newcomer.press(newcomer.button(words.send_letter))
    expect(newcomer.page.get_by_role("heading", name=words.sent)).to_be_visible()

    newcomer.take_the_other_browser()
    link, _code = newcomer.product.letters_to(email)[-1]
    newcomer.open(link)
    newcomer.page.get_by_label(words.name).fill("Ира")
    newcomer.page.get_by_label(words.password).fill(PASSWORD)
    newcomer.press(newcomer.button(words.finish))
    newcomer.press(newcomer.button(words.skip))
    newcomer.page.wait_for_url(chat)
    assert newcomer.clicks <= CLICKS_TO_AN_ACCOUNT
    expect(newcomer.page.locator(".message.user")).to_have_count(3)
    expect(newcomer.page.get_by_text("Мне пора.")).to_be_visible()
    wait_for_line(newcomer.page)
    newcomer.say("А вот и я.", replies=5)

    newcomer.take_the_first_browser()
    newcomer.page.goto(chat)
    expect(newcomer.page).to_have_url(re.compile(r"/log-in\?next=/chat/\d+$"))


@pytest.mark.parametrize("newcomer", ["ru-desktop"], indirect=True)
def test_what_was_typed_is_there_after_the_sign_up(newcomer: Newcomer, llm: LlmServer) -> None:
    words, email = newcomer.words, f"typed@{newcomer.product.host}"
    newcomer.open("/characters/1")
    newcomer.button(words.begin).click()
    newcomer.page.wait_for_url(re.compile(r"/chat/\d+$"))
    wait_for_line(newcomer.page)
    chat = newcomer.page.url
    for number, said in enumerate(("Добрый вечер!", "Как ваши дела?"), start=2):
        newcomer.say(said, replies=number)
    llm.answer(REPLY, style="fine", fault="waits")  # its end takes the composer away
    newcomer.composer.fill("И ещё вопрос.")
    newcomer.button(words.send).click()
    expect(newcomer.composer).to_have_value("")
    newcomer.composer.fill("А вот чего я не знаю")
    llm.go_on()
    expect(newcomer.page.get_by_text(words.panel)).to_be_visible()
    newcomer.page.locator(".trial-panel").get_by_role("link", name=words.sign_up).click()
    newcomer.page.get_by_label(words.address).fill(email)
    newcomer.button(words.send_letter).click()
    _link, code = newcomer.product.letters_to(email)[-1]
    newcomer.page.get_by_label("Код из письма").press_sequentially(code)  # the sixth digit sends it
    newcomer.page.get_by_label(words.name).fill("Ира")
    newcomer.page.get_by_label(words.password).fill(PASSWORD)
    newcomer.button(words.finish).click()
    expect(newcomer.page.get_by_role("heading", name="Давайте познакомимся")).to_be_visible()
    expect(newcomer.page.get_by_label(words.name)).to_have_value("Ира")
    newcomer.page.get_by_label(words.name).press("Escape")
    newcomer.page.wait_for_url(chat)
    expect(newcomer.composer).to_have_value("А вот чего я не знаю")

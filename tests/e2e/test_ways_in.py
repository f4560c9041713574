"""Log-in by letter: its link, its code, a new password; and what a link gives away to others (nothing)."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive, begin_chat, make_character
from tests.e2e.people import PASSWORD, Person, wait_for_line
from tests.e2e.product import Product
from tests.mail_server import HOST, MailServer

NEW_PASSWORD = "лампа компас якорь"


def ask_for_letter(person: Person) -> None:
    person.open("/log-in/letter")
    send_letter(person)


def send_letter(person: Person) -> None:
    expect(person.page.get_by_role("heading", name="Войти по письму")).to_be_visible()
    person.page.get_by_label("Почта").fill(person.email)
    person.page.get_by_role("button", name="Отправить письмо").click()
    expect(person.page.get_by_role("heading", name="Письмо отправлено")).to_be_visible()


def is_in(person: Person) -> None:
    expect(person.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
    expect(person.page.get_by_role("link", name="Новый персонаж")).to_be_visible()


def is_out(person: Person) -> None:
    expect(person.page.get_by_role("banner").get_by_role("link", name="Регистрация")).to_be_visible()


def link_in(letter: EmailMessage) -> str:
    """The address behind the button of the letter's HTML."""
    html = letter.get_body(("html",))
    assert html
    found = re.search(r'href="([^"]+)"', html.get_content())
    assert found
    return found[1]


@pytest.mark.slow
def test_letters_come_by_a_real_mail_server(browser: Browser, tmp_path: Path) -> None:
    with MailServer() as server:
        product = Product(
            tmp_path,
            SMTP_HOST=HOST,
            SMTP_PORT=str(server.port),
            SMTP_SECURITY="none",
            MAIL_FROM="Беседа <beseda@example.test>",
        )
        product.start()
        ira = Person(browser, product, "Ira")
        ira.open("/sign-up")
        ira.page.get_by_label("Почта").fill(ira.email)
        ira.page.get_by_role("button", name="Отправить письмо").click()
        expect(ira.page.get_by_role("heading", name="Письмо отправлено")).to_be_visible()
        expect(ira.page.get_by_text("напечатано")).to_have_count(0)
        ira.open(link_in(server.wait_for_letter_to(ira.email)))
        ira.page.get_by_label("Как вас называть").fill("Ира")
        ira.page.get_by_label("Пароль").fill(PASSWORD)
        ira.page.get_by_role("button", name="Готово").click()
        ira.page.get_by_role("button", name="Пропустить").click()
        is_in(ira)

        ira.context.clear_cookies()
        ask_for_letter(ira)
        [_, letter] = server.wait_for(2)
        assert letter["From"] == "Беседа <beseda@example.test>"
        ira.open(link_in(letter))
        expect(ira.page.get_by_text(f"Ваш адрес: {ira.email}")).to_be_visible()
        ira.page.get_by_role("button", name="Войти", exact=True).click()
        is_in(ira)
        assert "beseda.mail" not in product.log.read_text(), "a letter was printed although it was sent"
        ira.leave()
        product.stop()


@pytest.mark.slow
def test_the_code_lets_one_in_where_the_letter_was_asked_for(person: Callable[[str], Person]) -> None:
    vera = person("Vera")
    arrive(vera)
    vera.context.clear_cookies()
    vera.open("/log-in")
    vera.page.get_by_role("link", name="Войдите по письму").click()
    send_letter(vera)
    _link, code = vera.product.letters_to(vera.email)[-1]
    vera.page.get_by_label("Код из письма").fill(code)
    expect(vera.page.get_by_text(f"Ваш адрес: {vera.email}")).to_be_visible()
    wait_for_line(vera.page)
    vera.page.get_by_role("button", name="Войти", exact=True).click()
    is_in(vera)


@pytest.mark.parametrize("way", ["password", "link", "code"])
def test_one_comes_back_to_the_very_place_that_the_address_named(person: Callable[[str], Person], way: str) -> None:
    olga = person(f"Olga-{way}")
    arrive(olga)
    place = f"{make_character(olga, 'Аглая', 'Хозяйка лавки.', is_public=False)}/edit#knowledge"
    olga.context.clear_cookies()
    olga.open(place)
    olga.page.wait_for_url("**/log-in?next=*%23knowledge")
    wait_for_line(olga.page)
    if way == "password":
        olga.log_in()
    else:
        olga.page.get_by_role("link", name="Войдите по письму").click()
        send_letter(olga)
        link, code = olga.product.letters_to(olga.email)[-1]
        if way == "link":
            olga.open(link)
        else:
            olga.page.get_by_label("Код из письма").fill(code)
        expect(olga.page.get_by_text(f"Ваш адрес: {olga.email}")).to_be_visible()
        wait_for_line(olga.page)
        olga.page.get_by_role("button", name="Войти", exact=True).click()
    olga.page.wait_for_url(place)
    expect(olga.page.get_by_role("tab", name="Знания")).to_have_attribute("aria-selected", "true")


@pytest.mark.loses_access
def test_one_whose_session_ends_comes_back_to_the_same_message(person: Callable[[str], Person]) -> None:
    nina = person("Nina-back")
    arrive(nina)
    begin_chat(nina)
    greeting = nina.page.locator(".message").first.get_attribute("id")
    nina.open(f"{nina.page.url}#{greeting}")
    place = nina.page.url
    # The server looks at open pages' sessions each half minute: if just now, it would lead to the log-in before Enter.
    nina.page.evaluate("window.leaving = true")
    with closing(sqlite3.connect(nina.product.data / "beseda.db", timeout=10)) as db, db:
        db.execute("DELETE FROM login_session WHERE user_id = (SELECT id FROM user WHERE email = ?)", (nina.email,))
    nina.composer.fill("Ещё одно.")
    nina.composer.press("Enter")
    nina.page.wait_for_url(f"**/log-in?next=*%23{greeting}")
    wait_for_line(nina.page)
    nina.log_in()
    nina.page.wait_for_url(place)
    expect(nina.composer).to_have_value("Ещё одно.")


@pytest.mark.slow
def test_a_new_password_puts_the_other_browser_out(person: Callable[[str], Person]) -> None:
    laptop, phone = person("Lena"), person("Lena")
    arrive(laptop)
    laptop.open("/")
    ask_for_letter(phone)
    phone.open(phone.product.letters_to(phone.email)[-1][0])
    phone.page.get_by_text("Задать новый пароль").click()
    phone.page.get_by_label("Новый пароль").fill("короток")
    phone.page.get_by_role("button", name="Сохранить и войти").click()
    expect(phone.page.get_by_text("не меньше 8 знаков")).to_be_visible()
    phone.page.get_by_label("Новый пароль").fill(NEW_PASSWORD)
    phone.page.get_by_label("Новый пароль").press("Enter")
    is_in(phone)
    is_out(laptop)
    laptop.open("/log-in")
    laptop.log_in()
    expect(laptop.page.get_by_text("Неверная почта, имя или пароль")).to_be_visible()
    laptop.page.get_by_label("Пароль").fill(NEW_PASSWORD)
    laptop.page.get_by_role("button", name="Войти", exact=True).click()
    is_in(laptop)


@pytest.mark.slow
@pytest.mark.expects_console("404 .*/log-in/")  # another browser's
def test_a_used_link_is_good_for_the_same_browser_for_a_moment_and_for_no_other(
    person: Callable[[str], Person],
) -> None:
    olya, other = person("Olya"), person("Other")
    arrive(olya)
    ask_for_letter(olya)
    link, _code = olya.product.letters_to(olya.email)[-1]
    for _ in range(2):
        olya.open(link)
        olya.page.get_by_role("button", name="Войти", exact=True).click()
        is_in(olya)
    answer = other.page.goto(link)
    assert answer
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"
    expect(other.page.get_by_text("Ссылка устарела или уже использована")).to_be_visible()


def test_links_lead_to_our_own_address_whatever_host_was_asked(person: Callable[[str], Person]) -> None:
    yana = person("Yana")
    yana.open(f"http://localhost:{yana.product.port}/sign-up")
    yana.page.get_by_label("Почта").fill(yana.email)
    yana.page.get_by_role("button", name="Отправить письмо").click()
    expect(yana.page.get_by_role("heading", name="Письмо отправлено")).to_be_visible()
    assert "//localhost" in yana.page.url
    [(link, _code)] = yana.product.letters_to(yana.email)
    assert link.startswith(f"{yana.product.url}/sign-up/")


def test_the_page_behind_a_link_is_told_to_nobody(person: Callable[[str], Person]) -> None:
    zoya = person("Zoya")
    for way in ("sign-up", "log-in"):
        headers = zoya.context.request.get(f"{zoya.product.url}/{way}/a-token").headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
    [mark] = [cookie for cookie in zoya.context.cookies() if cookie["name"] == "beseda_browser"]
    assert mark["httpOnly"]
    assert mark["sameSite"] == "Lax"
    zoya.open("/sign-up")
    [later] = [cookie for cookie in zoya.context.cookies() if cookie["name"] == "beseda_browser"]
    assert later["value"] == mark["value"], "the mark of a browser changes while a link lives"
    assert later["expires"] > time.time() + 364 * 24 * 3600


@pytest.mark.slow
def test_a_stranger_does_not_learn_who_has_an_account(person: Callable[[str], Person]) -> None:
    known, stranger = person("Known"), person("Stranger")
    arrive(known)
    known.context.clear_cookies()
    answers = []
    for each in (known, stranger):
        ask_for_letter(each)
        answers.append(each.page.locator("#content").inner_text().replace(each.email, "…"))
    assert answers[0] == answers[1]

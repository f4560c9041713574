"""What comes in from outside without a page of ours: other sites, programs, oversized files, wrong addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import APIRequestContext, Browser, expect

from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product


@pytest.fixture
def outside(person: Callable[[str], Person]) -> APIRequestContext:
    """A browser that nobody has logged in with."""
    return person("Outside").context.request


@pytest.fixture
def url(person: Callable[[str], Person]) -> str:
    return person("Nobody").product.url


def test_other_sites_may_not_post_here_nor_open_our_websocket(outside: APIRequestContext, url: str) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert outside.post(f"{url}/leave", headers=foreign).status == 403
    assert outside.post(f"{url}/enter", headers=foreign, data={"ticket": "x"}).status == 403
    socket = f"{url}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert outside.get(socket, headers=foreign).status == 403
    assert outside.post(f"{url}/preferences", headers={"Origin": url}, data={"theme": "dark"}).status == 204


def test_a_ticket_nobody_gave_opens_nothing(outside: APIRequestContext, url: str) -> None:
    answer = outside.post(f"{url}/enter", data={"ticket": "made up"})
    assert answer.status == 404
    assert "set-cookie" not in answer.headers


def test_pages_carry_the_headers_that_protect_them(outside: APIRequestContext, url: str) -> None:
    headers = outside.get(f"{url}/").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/nowhere", "/characters/999999", "/characters/abc", "/chat/x", "/pictures/../x"])
def test_a_wrong_address_gets_a_page_and_a_way_back(person: Callable[[str], Person], address: str) -> None:
    lost = person("Lost")
    answer = lost.page.goto(lost.product.url + address)
    assert answer
    assert answer.status == 404
    expect(lost.page.get_by_role("heading", name="Не найдено")).to_be_visible()
    lost.page.get_by_role("link", name="В галерею").click()
    expect(lost.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()


@pytest.mark.parametrize("address", ["/mine", "/chat", "/chat/1", "/characters/new", "/characters/1/edit"])
def test_pages_of_ones_own_ask_to_log_in_and_come_back(person: Callable[[str], Person], address: str) -> None:
    guest = person("Guest")
    guest.open(address)
    expect(guest.page.get_by_role("heading", name="Войти")).to_be_visible()
    assert guest.page.url.endswith(f"/log-in?next={address}")


def test_logging_in_never_leads_to_another_site(person: Callable[[str], Person]) -> None:
    gleb = person("Gleb")
    gleb.sign_up()
    gleb.page.context.clear_cookies()
    gleb.open("/log-in?next=//evil.example/x")
    gleb.log_in()
    expect(gleb.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
    assert gleb.page.url == f"{gleb.product.url}/"


def test_feeds_of_ones_own_are_closed_to_strangers(outside: APIRequestContext, url: str) -> None:
    for answer in (outside.get(f"{url}/feed/dialogs/1"), outside.post(f"{url}/feed/photos", data=b"x")):
        assert answer.status == 401
        assert answer.json()["error"] == "Войдите, пожалуйста."


def test_a_photo_is_limited_by_the_server_and_refused_in_plain_words(person: Callable[[str], Person]) -> None:
    taras = person("Taras")
    taras.sign_up()
    photos = f"{taras.product.url}/feed/photos"
    large = taras.context.request.post(photos, data=b"\0" * (5 * 1024 * 1024 + 1))
    assert large.status == 413
    assert large.json()["error"] == "Слишком много: здесь принимается не больше 5 МБ."
    page = taras.context.request.post(
        photos, data=b"<html><script>alert(1)</script>", headers={"Content-Type": "image/png"}
    )
    assert page.status == 422
    assert "не удалось прочитать" in page.json()["error"]


def test_logging_out_closes_the_other_open_page(person: Callable[[str], Person]) -> None:
    yura = person("Yura")
    yura.sign_up()
    other = yura.context.new_page()
    other.goto(f"{yura.product.url}/mine")
    wait_for_line(other)
    yura.page.get_by_role("button", name="Меню").click()
    yura.page.get_by_text("Выйти").click()
    expect(other.get_by_role("link", name="Регистрация")).to_be_visible()


def test_language_and_theme_are_kept(person: Callable[[str], Person]) -> None:
    kim = person("Kim")
    kim.open("/")
    kim.page.get_by_role("button", name="Меню").click()
    kim.page.get_by_text("English").click()
    expect(kim.page.get_by_role("heading", name="Who would you like to talk with?")).to_be_visible()
    expect(kim.page.get_by_text("8 characters")).to_be_visible()
    expect(kim.page.locator("html")).to_have_attribute("lang", "en-US")
    wait_for_line(kim.page)
    kim.page.get_by_role("button", name="Menu").click()
    kim.page.get_by_text("Theme: dark").click()
    expect(kim.page.locator("html")).to_have_attribute("data-theme", "dark")
    kim.page.reload()
    expect(kim.page.locator("body")).to_have_css("background-color", "rgb(22, 19, 15)")


def test_a_broken_page_says_so_plainly_and_leaves_a_reference(browser: Browser, demo_product: Product) -> None:
    ilya = Person(browser, demo_product, "Ilya")
    with closing(sqlite3.connect(demo_product.data / "beseda.db")) as database:
        database.execute('ALTER TABLE "character" RENAME TO "elsewhere"')
        database.commit()
    answer = ilya.page.goto(f"{demo_product.url}/characters/1")
    assert answer
    assert answer.status == 500
    expect(ilya.page.get_by_text("Что-то сломалось у нас.")).to_be_visible()
    reference = ilya.page.get_by_text("Номер для поддержки").inner_text().split()[-1]
    assert reference in demo_product.log.read_text()
    assert "Traceback" not in ilya.page.content()
    ilya.leave()

"""Session routes in the browser: log-in, log-out, preferences. What needs no browser: tests/ui/access/test_doors.py."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product


def test_logging_in_never_leads_to_another_site(person: Callable[[str], Person]) -> None:
    gleb = person("Gleb")
    arrive(gleb)
    gleb.context.clear_cookies()
    gleb.open("/log-in?next=//evil.example/x")
    gleb.log_in()
    expect(gleb.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
    assert gleb.page.url == f"{gleb.product.url}/"


def test_logging_out_closes_the_other_open_page(person: Callable[[str], Person]) -> None:
    yura = person("Yura")
    arrive(yura)
    yura.open("/")
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
    expect(kim.page.get_by_role("heading", name="Who would you like to talk to?")).to_be_visible()
    expect(kim.page.get_by_text(re.compile(r"^\d+ characters$"))).to_be_visible()
    expect(kim.page.locator("html")).to_have_attribute("lang", "en-US")
    wait_for_line(kim.page)
    kim.page.get_by_role("button", name="Menu").click()
    kim.page.get_by_text("Theme: dark").click()
    expect(kim.page.locator("html")).to_have_attribute("data-theme", "dark")
    kim.page.reload()
    expect(kim.page.locator("body")).to_have_css("background-color", "rgb(22, 19, 15)")


@pytest.mark.expects_console("500 .*/characters/")
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

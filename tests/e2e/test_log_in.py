"""Session routes in the browser: log-in, log-out, preferences. What needs no browser: tests/ui/access/test_doors.py."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line


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
    expect(other.get_by_role("banner").get_by_role("link", name="Регистрация")).to_be_visible()


@pytest.mark.slow
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

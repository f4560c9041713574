"""First admin: from the server's log to the rules of the house, which everybody reads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product


@pytest.fixture(scope="module")
def product(own_product: Product) -> Product:
    """One that has no admin yet."""
    return own_product


@pytest.mark.slow
@pytest.mark.expects_console(r"404.*first-admin")
def test_whoever_reads_the_log_becomes_the_admin_and_writes_the_rules(person: Callable[[str], Person]) -> None:
    first, second, stranger = person("First"), person("Second"), person("Stranger")
    [link] = re.findall(r"^ {2}(http\S+/first-admin/\S+)$", first.product.log.read_text("utf-8"), re.MULTILINE)
    arrive(first)
    second.open(link)
    second.page.get_by_role("main").or_(second.page.locator("#content")).get_by_role("link", name="Войти").click()
    expect(second.page).to_have_url(re.compile("next="))

    first.open(link)
    first.page.get_by_role("button", name="Стать администратором").click()
    expect(first.page.get_by_role("heading", name="Обзор")).to_be_visible()
    second.page.goto(link)
    expect(second.page.get_by_role("heading", name="Ссылка устарела")).to_be_visible()

    first.open("/rules")
    first.page.get_by_role("link", name="Изменить страницу").click()
    expect(first.page.get_by_role("heading", name="Страницы")).to_be_visible()
    wait_for_line(first.page)
    text = first.page.get_by_label("Текст")
    expect(text).to_have_value(re.compile("вымышленными персонажами"))
    text.fill("")
    first.page.get_by_role("button", name="Сохранить").click()
    expect(first.page.get_by_text("Напишите, что люди должны здесь прочитать.")).to_be_visible()
    text.fill("Не шуметь.\n\n## После одиннадцати\n\n- **никак** <b>не</b> шуметь")
    first.page.get_by_role("button", name="Сохранить").click()
    expect(first.page.get_by_text("First").last).to_be_visible()

    stranger.open("/")
    stranger.page.get_by_role("contentinfo").get_by_role("link", name="Правила").click()
    expect(stranger.page.get_by_role("heading", name="После одиннадцати")).to_be_visible()
    expect(stranger.page.get_by_role("listitem").filter(has_text="никак <b>не</b> шуметь")).to_be_visible()
    expect(stranger.page.get_by_text("вымышленными персонажами")).to_have_count(0)

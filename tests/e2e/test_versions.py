"""Versions in the editor: what changed is read word by word, and going back is undone at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import arrive, make_character
from tests.e2e.people import Person, wait_for_line

FIRST = "Ты — Марина, смотрительница маяка."
SECOND = "Ты — Марина, капитан буксира."


def rewrite(author: Person, edit: str, context: str) -> None:
    author.open(edit)
    author.page.get_by_label("Кто это (для модели)").fill(context)
    author.save()


@pytest.mark.slow
def test_an_author_reads_what_changed_goes_back_and_takes_that_back(person: Callable[[str], Person]) -> None:
    vera = person("Vera")
    arrive(vera)
    edit = make_character(vera, "Марина", FIRST) + "/edit"
    rewrite(vera, edit, SECOND)
    vera.open(edit)
    page = vera.page
    vera.tab("Публикация")
    page.get_by_role("button", name="Версии").click()
    window = page.get_by_role("dialog", name="Версии")
    expect(window.get_by_role("listitem")).to_have_count(1)
    expect(window.get_by_text(re.compile(r"^Изменено: Кто это \(для модели\)"))).to_be_visible()
    text = window.locator(".versions-text").first
    expect(text.locator("del")).to_have_text("убрано: смотрительница маяка")
    expect(text.locator("ins")).to_have_text("добавлено: капитан буксира")

    window.get_by_role("button", name="Вернуть эту версию").click()
    page.wait_for_url(re.compile(r"/edit\?restored=\d+$"))
    wait_for_line(page)
    context = page.get_by_label("Кто это (для модели)")
    expect(context).to_have_value(FIRST)
    page.get_by_role("status").get_by_role("button", name="Вернуть").click()
    page.wait_for_url(re.compile(r"/edit$"))
    wait_for_line(page)
    expect(context).to_have_value(SECOND)


@pytest.mark.slow
def test_what_is_typed_and_not_saved_is_said_to_be_lost_and_keys_do_it_all(person: Callable[[str], Person]) -> None:
    nora = person("Nora")
    arrive(nora)
    edit = make_character(nora, "Марина", FIRST) + "/edit"
    rewrite(nora, edit, SECOND)
    nora.open(edit)
    page = nora.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_label("Кто это (для модели)").fill("Недописано")
    nora.tab("Публикация")
    opener = page.get_by_role("button", name="Версии")
    opener.press("Enter")
    window = page.get_by_role("dialog", name="Версии")
    line = window.get_by_role("listitem").get_by_role("button")
    line.press("Enter")
    expect(window.get_by_text("Набранное и не сохранённое пропадёт.")).to_be_visible()
    window.get_by_role("button", name="К списку").press("Enter")
    expect(line).to_be_focused()
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(opener).to_be_focused()

    opener.press("Enter")
    line.press("Enter")
    window.get_by_role("button", name="Вернуть эту версию").press("Enter")
    page.wait_for_url(re.compile(r"/edit\?restored=\d+$"))
    wait_for_line(page)
    expect(page.get_by_label("Кто это (для модели)")).to_have_value(FIRST)
    expect(page.get_by_text("Это ваш черновик")).to_be_hidden()

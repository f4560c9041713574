"""Knowledge, as others write on and answers are slow: no word that was typed is lost, nor put over another's unseen."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.books.entry_form import EntryForm
from tests.e2e.arrivals import arrive
from tests.e2e.editor.books import names, open_knowledge, rows
from tests.e2e.people import Person, wait_for_line

NUMBERS = count(1)
TOLD = "Что узнаёт модель"


@pytest.fixture
def author(person: Callable[[str], Person]) -> Person:
    zoya = person(f"Zoya{next(NUMBERS)}")
    zoya.page.on("dialog", lambda asks: asks.accept())  # to leave a page with something unsaved
    arrive(zoya)
    return zoya


def window(page: Page) -> Locator:
    return page.locator("dialog.book-entry")


def told(page: Page) -> Locator:
    return window(page).get_by_label(TOLD)


def save(page: Page) -> None:
    window(page).get_by_role("button", name="Сохранить").click()


def second_tab(page: Page) -> Page:
    other = page.context.new_page()
    other.on("dialog", lambda asks: asks.accept())
    other.goto(page.url)
    wait_for_line(other)
    return other


def is_done(page: Page) -> None:
    expect(page.locator(".book")).to_have_attribute("aria-busy", "false")


def test_what_is_typed_while_an_entry_is_being_saved_stays_in_its_window(author: Person) -> None:
    page = open_knowledge(author, "Зоя", [EntryForm(keys=("лес",), content="Лес.")])
    rows(page).first.get_by_role("button").first.click()
    told(page).fill("Лес густой")
    author.product.freeze()
    told(page).press("Control+s")
    told(page).press_sequentially(" и тёмный")
    author.product.thaw()
    expect(rows(page).first).to_contain_text("Лес густой")
    is_done(page)
    expect(told(page)).to_have_value("Лес густой и тёмный")
    save(page)
    expect(window(page)).to_be_hidden()
    expect(rows(page).first).to_contain_text("Лес густой и тёмный")
    expect(rows(page).first).not_to_contain_text("не сохранено")


@pytest.mark.slow
def test_a_second_new_entry_is_typed_while_the_first_is_being_saved(author: Person) -> None:
    page = open_knowledge(author, "Зина", [EntryForm(keys=("лес",))])
    add = page.get_by_role("button", name="+ Запись")
    add.click()
    told(page).fill("Первая")
    author.product.freeze()
    save(page)
    page.keyboard.press("Escape")
    add.click()
    told(page).fill("Вторая")
    author.product.thaw()
    expect(rows(page)).to_have_count(2)
    is_done(page)
    expect(told(page)).to_have_value("Вторая")
    save(page)
    expect(rows(page)).to_have_count(3)
    expect(window(page)).to_be_hidden()


@pytest.mark.slow
def test_the_answer_for_one_entry_leaves_the_window_of_another_alone(author: Person) -> None:
    page = open_knowledge(author, "Злата", [EntryForm(keys=("лес",)), EntryForm(keys=("река",), content="Река.")])
    for typed, is_refused in (("Лес густой.", False), ("Слишком. " * 9_000, True)):
        rows(page).first.get_by_role("button").first.click()
        told(page).fill(typed)
        author.product.freeze()
        save(page)
        page.keyboard.press("Escape")
        rows(page).nth(1).get_by_role("button").first.click()
        author.product.thaw()
        expect(told(page)).to_have_value("Река.")
        is_done(page)
        expect(window(page)).to_be_visible()
        expect(window(page).get_by_role("alert")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator(".book-main").get_by_role("alert")).to_have_count(int(is_refused))
    expect(rows(page).first).to_contain_text("не сохранено")


@pytest.mark.slow
def test_what_was_typed_in_an_entry_deleted_elsewhere_becomes_a_new_one_or_is_thrown_away(author: Person) -> None:
    page = open_knowledge(author, "Зара", [EntryForm(keys=(word,)) for word in ("лес", "река", "море")])
    other = second_tab(page)
    rows(page).nth(1).get_by_role("button").first.click()
    told(page).fill("Река глубокая.")
    page.keyboard.press("Escape")
    rows(page).first.get_by_role("button").first.click()
    told(page).fill("Лес густой.")
    other.get_by_role("checkbox", name="Выбрать: лес").check()
    other.get_by_role("checkbox", name="Выбрать: река").check()
    other.get_by_role("group", name="Выбрано: 2").get_by_role("button", name="Удалить").click()
    expect(rows(other)).to_have_count(1)
    is_done(other)
    save(page)
    expect(window(page).get_by_role("alert").first).to_contain_text("Эту запись тем временем удалили.")
    save(page)
    expect(window(page)).to_be_hidden()
    expect(rows(page).filter(has_text="Лес густой.")).to_have_count(1)
    page.reload()
    wait_for_line(page)
    orphan = page.get_by_role("status").filter(has_text="Не сохранено, а записи больше нет: «Река глубокая.»")
    orphan.get_by_role("button", name="Сделать новой записью").click()
    expect(told(page)).to_have_value("Река глубокая.")
    page.keyboard.press("Escape")
    orphan.get_by_role("button", name="Удалить черновик").click()
    expect(orphan).to_have_count(0)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('book-drafts')).length") == 0
    assert names(page) == ["море", "лес"]


@pytest.mark.slow
def test_of_two_windows_the_second_sees_what_the_first_saved_before_writing_over_it(author: Person) -> None:
    page = open_knowledge(author, "Зефир", [EntryForm(keys=("лес",), content="Лес.")])
    other = second_tab(page)
    for tab, typed in ((page, "Лес густой."), (other, "Лес редкий.")):
        rows(tab).first.get_by_role("button").first.click()
        told(tab).fill(typed)
    save(page)
    expect(window(page)).to_be_hidden()
    for _ in range(2):
        save(other)
        expect(window(other).get_by_role("alert").first).to_contain_text("Эту запись тем временем изменили")
    other.keyboard.press("Escape")
    rows(other).first.get_by_role("button").first.click()
    expect(told(other)).to_have_value("Лес редкий.")
    notice = window(other).get_by_role("status").filter(has_text="изменили в другом окне")
    expect(notice).to_contain_text("Лес густой.")
    notice.get_by_role("button", name="Вернуть как было").click()
    expect(told(other)).to_have_value("Лес густой.")

"""Lorebook editor: a book is written, tried out, reordered and found again; nothing typed is lost; thousands scroll."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from domain.books.entry_form import EntryForm
from tests.e2e.arrivals import arrive
from tests.e2e.editor.books import add_entry, names, open_knowledge, rows
from tests.e2e.people import Person, wait_for_line

FINGER = 44
MANY = 2_000
NUMBERS = count(1)


@pytest.fixture
def author(person: Callable[[str], Person]) -> Person:
    vera = person(f"Vera{next(NUMBERS)}")
    vera.page.on("dialog", lambda asks: asks.accept())  # to leave a page with something unsaved
    arrive(vera)
    return vera


def look_again(page: Page) -> None:
    """Reload the page once the server has handled every request."""
    expect(page.locator(".book")).to_have_attribute("aria-busy", "false")
    page.reload()
    wait_for_line(page)


def try_out(page: Page, words: str) -> Locator:
    """Type `words` into the probe; returns the entries that fire, one line each."""
    page.get_by_label("Напишите или вставьте реплику").fill(words)
    return page.locator("ol.book-fired > li")


def test_a_book_is_written_tried_put_in_order_and_found_again(author: Person) -> None:
    page = open_knowledge(author, "Аглая")
    expect(page.get_by_text("Записей пока нет.")).to_be_visible()
    add_entry(page, "Москва, столица", "Аглая родилась в Москве.")
    add_entry(page, "кот", "Кота зовут Бегемот.")
    add_entry(page, "чай", "Чай пьют из блюдец.")
    assert names(page) == ["Москва, столица", "кот", "чай"]

    fired = try_out(page, "Вчера я был в Москве, который раз.")
    expect(fired).to_have_count(1)
    expect(fired).to_contain_text("«Москва» — здесь «Москве»")
    expect(try_out(page, "Погода хороша.")).to_have_count(0)
    expect(page.get_by_text("Ничего не сработало.")).to_be_visible()

    page.get_by_role("button", name="чай").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("status").filter(has_text="«чай» теперь 2-я из 3")).to_be_attached()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name="чай")).to_be_focused()
    assert names(page) == ["чай", "Москва, столица", "кот"]
    page.get_by_role("switch", name="Включена: Москва, столица").click()
    expect(page.get_by_role("switch", name="Включена: Москва, столица")).not_to_be_checked()
    expect(try_out(page, "Вчера я был в Москве с котом.")).to_have_count(1)
    expect(page.locator("ul.book-fired > li")).to_contain_text("выключена")

    look_again(page)
    expect(rows(page)).to_have_count(3)
    assert names(page) == ["чай", "Москва, столица", "кот"]
    expect(page.get_by_role("switch", name="Включена: Москва, столица")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Включена: кот")).to_be_checked()


@pytest.mark.slow
def test_a_row_is_drawn_to_its_place_and_esc_lets_it_go_where_it_was(author: Person) -> None:
    page = open_knowledge(author, "Яна", [EntryForm(keys=(word,)) for word in ("один", "два", "три", "четыре")])
    expect(rows(page)).to_have_count(4)

    def draw(name: str, onto: str) -> None:
        handle = rows(page).filter(has_text=name).locator(".book-handle").bounding_box()
        there = rows(page).filter(has_text=onto).bounding_box()
        assert handle
        assert there
        page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        page.mouse.down()
        page.mouse.move(handle["x"], there["y"] + there["height"] - 2, steps=5)
        expect(page.locator(".book-gap")).to_be_visible()

    draw("один", "три")
    page.keyboard.press("Escape")
    page.mouse.up()
    assert names(page) == ["один", "два", "три", "четыре"]
    draw("один", "три")
    page.mouse.up()
    expect(page.locator(".book-gap")).to_have_count(0)
    assert names(page) == ["два", "три", "один", "четыре"]
    look_again(page)
    expect(rows(page)).to_have_count(4)
    assert names(page) == ["два", "три", "один", "четыре"]


@pytest.mark.slow
def test_what_was_typed_waits_in_the_entry_and_what_was_deleted_comes_back(author: Person) -> None:
    page = open_knowledge(author, "Борис", [EntryForm(keys=("лес",), content="Лес густой."), EntryForm(keys=("река",))])
    page.get_by_role("button", name="лес").focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog", name="Изменить запись")
    window.get_by_label("Что узнаёт модель").fill("Лес густой и тёмный.")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(rows(page).first.get_by_role("button")).to_be_focused()
    expect(rows(page).first).to_contain_text("не сохранено")
    page.reload()
    wait_for_line(page)
    page.get_by_role("button", name="лес").click()
    expect(window.get_by_label("Что узнаёт модель")).to_have_value("Лес густой и тёмный.")
    window.get_by_role("button", name="Сохранить").click()
    expect(window).to_be_hidden()
    expect(rows(page).first).to_contain_text("Лес густой и тёмный.")
    expect(rows(page).first).not_to_contain_text("не сохранено")

    page.get_by_role("checkbox", name="Выбрать все").check()
    page.get_by_role("button", name="Выключить").click()
    expect(page.get_by_role("switch", name="Включена: река")).not_to_be_checked()
    page.get_by_role("group", name="Выбрано: 2").get_by_role("button", name="Удалить").click()
    expect(page.get_by_text("Записей пока нет.")).to_be_visible()
    expect(page.get_by_role("button", name="Вернуть")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first.get_by_role("button", name="лес")).to_be_focused()
    assert names(page) == ["лес", "река"]


def test_an_entry_says_that_a_line_of_its_text_decides_where_it_stands(author: Person) -> None:
    entry = EntryForm(keys=("лес",), content="@@unheard of\n@@@depth 2\n@@scan_depth 7\nЛес.")
    page = open_knowledge(author, "Пётр", [entry])
    page.get_by_role("button", name="лес").click()
    window = page.get_by_role("dialog", name="Изменить запись")
    expect(window.get_by_text("Это решает строка в начале текста: @@@depth 2")).to_be_visible()
    window.get_by_text("Ещё", exact=True).click()
    expect(window.get_by_text("Это решает строка в начале текста: @@scan_depth 7")).to_be_visible()
    window.get_by_label("Что узнаёт модель").fill("Лес.")
    expect(window.get_by_text("Это решает строка")).to_have_count(0)


def test_a_row_says_which_keys_can_never_fire_until_they_can(author: Person) -> None:
    broken, told = "/маяк(/", "Ключ «/маяк(/»: скобка ( не закрыта."
    page = open_knowledge(author, "Рита", [EntryForm(keys=(word,), content="О нём.") for word in (broken, "кот")])
    flawed = rows(page).filter(has_text="проверьте ключи")
    expect(flawed).to_have_count(1)
    expect(flawed).to_contain_text(told)
    flawed.get_by_role("button", name=broken).click()
    window = page.get_by_role("dialog", name="Изменить запись")
    expect(window.get_by_text(told)).to_be_visible()
    window.get_by_role("button", name=f"Убрать ключ: {broken}").click()
    expect(window.get_by_text(told)).to_be_hidden()
    window.get_by_label("Ключи", exact=True).fill("маяк")
    window.get_by_role("button", name="Сохранить").click()
    expect(window).to_be_hidden()
    expect(rows(page)).to_have_count(2)
    expect(flawed).to_have_count(0)


@pytest.mark.slow
def test_two_thousand_entries_open_scroll_and_are_searched_with_few_rows_in_the_page(author: Person) -> None:
    many = [EntryForm(keys=(f"город{n}",), content=f"Город номер {n}. " + "Улицы узки. " * 20) for n in range(MANY)]
    many[1_234] = EntryForm(keys=("город1234",), content="Слова. " * 60 + "Здесь зарыт клад.")
    page = open_knowledge(author, "Вечный", many)
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(MANY + 1))
    assert rows(page).count() < 60
    page.get_by_role("button", name="город0", exact=True).focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name=f"город{MANY - 1}", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name=f"город{MANY - 1}", exact=True)).to_be_in_viewport()
    assert rows(page).count() < 60
    page.get_by_role("searchbox", name="Поиск по записям").fill("зарыт клад")
    expect(page.get_by_text(f"Найдено: 1 из {MANY:,}".replace(",", "\xa0"))).to_be_visible()
    assert names(page) == ["город1234"]


@pytest.mark.slow
@pytest.mark.expects_console("422 .*/book/file")
def test_a_book_comes_in_from_a_file_and_leaves_as_one(author: Person, tmp_path: Path) -> None:
    page = open_knowledge(author, "Мира")
    told = {"keys": ["пролив"], "content": "В проливе два течения.", "extensions": {"x/own": 1}, "enabled": True}
    book = {"spec": "lorebook_v3", "data": {"name": "Море", "extensions": {}, "entries": [told]}}
    file = tmp_path / "sea.json"
    file.write_text(json.dumps(book), "utf-8")
    for expected in (1, 2):
        page.locator(".book-tools input[type=file]").set_input_files(file)
        expect(rows(page)).to_have_count(expected)
    expect(page.get_by_role("status").filter(has_text="запись")).not_to_have_count(0)
    broken = tmp_path / "broken.json"
    broken.write_text("{", "utf-8")
    page.locator(".book-tools input[type=file]").set_input_files(broken)
    expect(page.locator(".book-main").get_by_role("alert")).to_be_visible()
    dropped = page.evaluate_handle(
        "(text) => { const data = new DataTransfer(); data.items.add(new File([text], 'sea.json')); return data }",
        json.dumps(book),
    )
    page.dispatch_event(".book-main", "dragover", {"dataTransfer": dropped})
    expect(page.get_by_text("Отпустите файл, чтобы добавить его записи")).to_be_visible()
    page.dispatch_event(".book-main", "drop", {"dataTransfer": dropped})
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("dialog")).to_have_count(0)
    rows(page).first.get_by_role("button").first.click()
    page.dispatch_event("dialog.book-entry", "drop", {"dataTransfer": dropped})
    expect(page.locator("dialog.book-entry").get_by_role("alert")).to_contain_text("Сначала закройте запись")
    page.keyboard.press("Escape")
    expect(rows(page)).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="В файл").click()
    written = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [each["extensions"] for each in written["data"]["entries"]] == [{"x/own": 1}] * 3


def test_a_new_character_is_saved_and_its_book_begun_without_losing_a_word(author: Person) -> None:
    page = author.page
    author.open("/characters/new")
    page.get_by_label("Имя", exact=True).fill("Глеб")
    author.tab("Знания")
    page.get_by_role("button", name="Сохранить и продолжить здесь").click()
    expect(page.get_by_role("alert").filter(has_text="Не сохранено")).to_contain_text("Пол: ")
    author.tab("Главное")
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Глеб")
    page.get_by_label("Пол").select_option("мужской")
    page.get_by_label("Кто это (для модели)").fill("Кузнец.")
    author.tab("Знания")
    page.get_by_role("button", name="Сохранить и продолжить здесь").click()
    page.wait_for_url(re.compile(r"/characters/\d+/edit#knowledge"))
    wait_for_line(page)
    add_entry(page, "молот", "Молот зовут Громом.")
    assert names(page) == ["молот"]


@pytest.mark.slow
def test_a_world_is_made_named_attached_deleted_and_brought_back(author: Person) -> None:
    page = author.page
    author.open("/worlds")
    page.get_by_role("button", name="Новый мир").click()
    window = page.get_by_role("dialog", name="Новый мир")
    window.get_by_role("button", name="Создать").click()
    expect(window.get_by_role("alert")).to_be_visible()
    window.get_by_label("Название мира").fill("Приморье")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Приморье")).to_be_visible()
    wait_for_line(page)
    page.get_by_role("button", name="Переименовать").click()
    renaming = page.get_by_role("dialog", name="Переименовать")
    renaming.get_by_label("Название мира").fill("")
    page.keyboard.press("Enter")
    expect(renaming.get_by_role("alert")).to_be_visible()
    page.keyboard.press("Escape")
    add_entry(page, "маяк", "Маяк стоит на мысу.")
    expect(try_out(page, "Мы шли к маяку.")).to_have_count(1)
    told = {"keys": ["бухта"], "content": "В бухте мель.", "extensions": {}, "enabled": True}
    book = json.dumps({"spec": "lorebook_v3", "data": {"extensions": {}, "entries": [told]}}).encode()
    sent = FilePayload(name="sea.json", mimeType="application/json", buffer=book)
    page.locator(".book-tools input[type=file]").set_input_files(sent)
    expect(rows(page)).to_have_count(2)

    open_knowledge(author, "Дарья")
    page.get_by_text("Миры", exact=True).click()
    page.get_by_label("Присоединить мир").click()
    page.get_by_role("option", name="Приморье").click()
    expect(page.get_by_role("button", name="Отсоединить: Приморье")).to_be_visible()
    author.open("/worlds")
    expect(page.get_by_text("С этим миром: Дарья")).to_be_visible()
    page.get_by_role("button", name="Удалить «Приморье»").click()
    expect(page.get_by_text("Миров пока нет.")).to_be_visible()
    expect(page.get_by_role("button", name="Новый мир")).to_be_focused()
    page.get_by_role("button", name="Вернуть").click()
    expect(page.get_by_role("link", name="Приморье")).to_be_visible()


@pytest.mark.slow
def test_on_a_phone_nothing_scrolls_sideways_and_a_finger_meets_what_it_aims_at(author: Person) -> None:
    entries = [
        EntryForm(keys=("слово" * 30,), content="Слова. " * 90),
        EntryForm(title="Законы мира", keys=("слово",), is_constant=True),
    ]
    author.page.set_viewport_size({"width": 390, "height": 844})
    page = open_knowledge(author, "Ева", entries)
    expect(rows(page)).to_have_count(2)
    page.get_by_role("checkbox", name="Выбрать: Законы мира").check()
    expect(page.get_by_text("Выбрать все", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in (".book-switch", ".book-search", ".book-tool-row .button", ".book-chosen button"):
        box = page.locator(control).first.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= FINGER, control
    rows(page).first.click()
    window = page.get_by_role("dialog", name="Изменить запись")
    expect(window.get_by_role("button", name="Сохранить")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    window.get_by_role("button", name="Закрыть").click()
    page.get_by_role("button", name="Выше").click()
    expect(page.get_by_role("status").filter(has_text="«Законы мира» теперь 1-я из 2")).to_be_attached()
    assert names(page)[0] == "слово"

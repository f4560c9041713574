"""Admin pages as they are used: who gets in, what the numbers say, lists, the audit log, announcements."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.pages import Page

ADMINS = ("Vera", "Galina", "Rita", "Zoya", "Kira")
MANY = 60
COUNTED_WITHIN = 60  # seconds
"""More than a page of a list holds."""
NOTE_WHAT_IS_SAID = """() => {
  window.said = [];
  const status = document.querySelector(".admin-checks [role=status]");
  const note = new MutationObserver(() => window.said.push(status.textContent));
  note.observe(status, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def product(llm: LlmServer, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Generator[Product]:
    """With more people than a page of a list holds, whom it counts as it starts."""
    product = Product(tmp_path_factory.mktemp("product"), API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url)
    product.data.mkdir()
    copy(migrated_file, product.data / "beseda.db")
    for number in range(MANY):
        sql(
            product,
            "INSERT INTO user (display_name, email, email_key, language, created_at)"
            " VALUES (?, ?, ?, 'ru', datetime('now', '-2 days'))",
            f"Житель {number:02}",
            *[f"citizen{number}@example.test"] * 2,
        )
    product.start()
    wait_until_counted(product)
    yield product
    product.stop()


def wait_until_counted(product: Product) -> None:
    """The lists show whom the server has counted, some seconds after its start."""
    give_up = time.monotonic() + COUNTED_WITHIN
    with closing(sqlite3.connect(product.data / "beseda.db", timeout=10)) as database:
        while database.execute("SELECT COUNT(*) FROM standing").fetchone()[0] < MANY:
            assert time.monotonic() < give_up, "nobody is counted"
            time.sleep(0.05)


@pytest.fixture
def somebody(person: Callable[[str], Person]) -> Callable[[str], Person]:
    """People who are logged in; those of `ADMINS` are admins."""

    def come(name: str) -> Person:
        newcomer = person(name)
        arrive(newcomer, is_admin=name in ADMINS)
        return newcomer

    return come


def sql(product: Product, command: str, *values: object) -> None:
    with closing(sqlite3.connect(product.data / "beseda.db", timeout=10)) as database, database:
        database.execute(command, values)


def open_menu(person: Person) -> Locator:
    person.page.get_by_role("button", name="Меню").click()
    return person.page.locator(".q-menu")


def tile(admin: Person, name: str) -> Locator:
    return admin.page.locator(".tile").filter(has=admin.page.get_by_text(name, exact=True))


def rows(admin: Person) -> Locator:
    return admin.page.locator(".admin-table tbody tr")


@pytest.mark.slow
@pytest.mark.expects_console("404 .*/admin")
def test_strangers_find_nothing_here_and_the_page_goes_with_the_rights(
    somebody: Callable[[str], Person], product: Product
) -> None:
    anna, vera = somebody("Anna"), somebody("Vera")
    anna.open("/")
    expect(open_menu(anna).get_by_text("Профиль")).to_be_visible()
    expect(anna.page.get_by_text("Администрирование")).to_have_count(0)
    anna.open("/admin/state")
    expect(anna.page.get_by_role("heading", name="Не найдено")).to_be_visible()

    vera.open("/")
    open_menu(vera).get_by_text("Администрирование").click()
    expect(vera.page.get_by_role("heading", name="Обзор")).to_be_visible()
    vera.open("/admin/state")
    expect(vera.page.get_by_text("SQLite")).to_be_visible()
    sql(product, "UPDATE user SET is_admin = 0 WHERE email = ?", vera.email)
    vera.page.get_by_role("button", name="Обновить").click()
    expect(vera.page.get_by_text("Это только для администраторов.")).to_be_visible()
    expect(vera.page.get_by_text("SQLite")).to_have_count(0)


@pytest.mark.slow
def test_the_overview_counts_what_was_done_and_leads_to_it(somebody: Callable[[str], Person], llm: LlmServer) -> None:
    boris = somebody("Boris")
    begin_chat(boris)
    for words, answer in (("Добрый день!", "И вам доброго."), ("Как дела?", "Штиль, слава богу.")):
        llm.answer(answer)
        boris.say(words)
        expect(boris.last_reply).to_contain_text(answer)
        expect(boris.page.get_by_role("button", name="Остановить")).to_have_count(0)

    galina = somebody("Galina")
    galina.open("/admin?period=24h")
    expect(tile(galina, "Сообщения").locator(".tile-value")).to_have_text("2")
    expect(tile(galina, "Разговаривали").locator(".tile-value")).to_have_text("1")
    expect(tile(galina, "Новые диалоги").locator(".tile-value")).to_have_text("1")
    top = galina.page.get_by_role("table", name="Персонаж", exact=True)
    expect(top.get_by_role("row", name="Тихон Рогозин")).to_contain_text("2")
    galina.page.get_by_text("Показать таблицей").first.click()
    hours = galina.page.get_by_role("table", name="Сообщения и люди")
    expect(hours.get_by_role("row")).to_have_count(1 + 24)
    assert sum(int(count) for count in hours.locator("tbody td:nth-child(2)").all_inner_texts()) == 2

    galina.open("/admin?since=2025-01-01&until=2026-06-01")
    expect(galina.page.get_by_role("alert")).to_contain_text("не длиннее 366 дней")
    galina.open("/admin?period=24h")

    boris.say("А что нового?")
    galina.page.get_by_role("switch", name="Обновлять автоматически").check()
    expect(tile(galina, "Сообщения").locator(".tile-value")).to_have_text("3")
    expect(tile(galina, "Разговаривали")).to_have_attribute("href", re.compile("spoken_since=.*spoken_until="))
    tile(galina, "Сообщения").click()
    expect(rows(galina)).to_have_count(1)
    expect(rows(galina)).to_contain_text("Boris × Тихон Рогозин")


@pytest.mark.slow
def test_people_are_sorted_found_and_paged(somebody: Callable[[str], Person]) -> None:
    rita = somebody("Rita")
    rita.open("/admin/users?search=Житель&sort=name_key")
    expect(rita.page.get_by_text(f"{MANY} пользователей")).to_be_visible()
    expect(rows(rita)).to_have_count(50)
    expect(rows(rita).first).to_contain_text("Житель 00")
    head = rita.page.get_by_role("columnheader", name="Имя")
    expect(head).to_have_attribute("aria-sort", "ascending")

    rita.page.get_by_role("button", name="Дальше").click()
    expect(rows(rita)).to_have_count(10)
    expect(rows(rita).first).to_contain_text("Житель 50")
    rita.page.go_back()
    expect(rows(rita)).to_have_count(50)

    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(rows(rita).first).to_contain_text("Житель 59")
    rita.page.reload()
    expect(rows(rita).first).to_contain_text("Житель 59")

    rita.page.get_by_role("searchbox", name="Поиск").last.fill("citizen7@")
    expect(rows(rita)).to_have_count(1)
    expect(rows(rita)).to_contain_text("2 дня назад")
    rows(rita).first.click()
    expect(rita.page.get_by_role("heading", name="Житель 07")).to_be_visible()
    expect(rita.page.locator(".admin-facts").first).to_contain_text(re.compile(r"Язык\s*русский"))

    rita.page.set_viewport_size({"width": 390, "height": 844})
    rita.open("/admin/users")
    expect(rows(rita).first).to_be_in_viewport()
    filters, role = rita.page.get_by_role("button", name="Фильтры"), rita.page.get_by_role("combobox", name="Роль")
    expect(role).to_be_hidden()
    filters.click()
    expect(filters).to_have_attribute("aria-expanded", "true")
    role.select_option(label="администраторы")
    expect(rows(rita).filter(has_text="Житель")).to_have_count(0)
    filters.click()
    expect(role).to_be_hidden()
    expect(rita.page.get_by_role("button", name="Фильтры 1")).to_be_visible()


@pytest.mark.slow
def test_what_an_admin_does_stands_in_the_journal_and_goes_into_a_file(
    somebody: Callable[[str], Person], tmp_path: Path
) -> None:
    lena, zoya = somebody("Lena"), somebody("Zoya")
    lena.open("/chat")
    with closing(sqlite3.connect(lena.product.data / "beseda.db", timeout=10)) as database:
        (lena_id,) = database.execute("SELECT id FROM user WHERE email = ?", (lena.email,)).fetchone()
    zoya.open(f"/admin/users/{lena_id}")
    zoya.page.get_by_role("button", name="Завершить сессии").click()
    zoya.page.get_by_label("Причина (для журнала)").fill("=1+1 потеряла телефон")
    zoya.page.get_by_role("dialog").get_by_role("button", name="Завершить сессии").click()
    expect(lena.page.get_by_role("banner").get_by_role("link", name="Регистрация")).to_be_visible()

    zoya.open(f"/admin/journal?action=user.signed_out&person={lena_id}")
    expect(rows(zoya)).to_have_count(1)
    expect(rows(zoya)).to_contain_text("завершение сессий")
    expect(rows(zoya)).to_contain_text("потеряла телефон")
    rows(zoya).get_by_text("1 значение").click()
    expect(rows(zoya)).to_contain_text("Сессии: 1 → 0")

    with zoya.page.expect_download() as saving:
        zoya.page.get_by_role("button", name="Сохранить таблицей").click()
    file = tmp_path / "journal.csv"
    saving.value.save_as(file)
    text = file.read_text("utf-8-sig")
    assert text.count("user.signed_out") == 1, "what is filtered is taken along filtered"
    assert ",'=1+1 потеряла телефон," in text, "no spreadsheet may take it for a formula"


@pytest.mark.slow
def test_the_server_is_checked_by_a_key_line_by_line(
    person: Callable[[str], Person], product: Product, llm: LlmServer
) -> None:
    yana = person("Yana")
    arrive(yana)
    sql(product, "UPDATE user SET is_admin = 1 WHERE email = ?", yana.email)
    yana.open("/admin/state")
    yana.page.evaluate(NOTE_WHAT_IS_SAID)
    llm.answer("Благодарю, хорошо.", style="fine", fault="waits")
    check = yana.page.get_by_role("button", name="Проверить всё")
    check.press("Enter")
    check.press("Enter")  # while it is at work
    panel = yana.page.locator(".admin-checks")
    expect(panel.get_by_role("status")).to_have_text("Проверяем…")
    llm.go_on()
    expect(panel.get_by_role("status")).to_have_text("Проверено: работает, но есть что учесть.")
    expect(panel.locator(".mark", has_text="учтите")).not_to_have_count(0)
    expect(check).to_be_focused()
    said = yana.page.evaluate("said")
    assert said[0] == "Проверяем…"
    assert len(said) == 2, "one check, though it was asked for twice"
    subjects = ["База данных", "Модель", "Почта", "Диск", "Резервные копии", "Часы", "Адрес для людей"]
    assert panel.locator(".admin-finding .what").all_inner_texts() == subjects
    expect(panel.get_by_role("listitem").filter(has_text="Модель")).to_contain_text("yandexgpt")


@pytest.mark.slow
def test_the_state_page_shows_the_last_backup_and_turns_red_when_it_is_late(
    person: Callable[[str], Person], product: Product
) -> None:
    lada = person("Lada")
    arrive(lada, is_admin=True)
    lada.open("/admin/state")
    card = lada.page.locator(".admin-card").filter(has=lada.page.get_by_role("heading", name="Резервные копии"))
    expect(card).to_contain_text("не сделано ни одной копии")
    made = "INSERT INTO backup (key, made_at, size) VALUES (?, datetime('now', ?), 5000000)"
    sql(product, made, "a", "-30 hours")
    lada.page.get_by_role("button", name="Обновить").click()
    expect(card.locator(".mark.bad")).to_have_text("Последней копии больше 26 часов.")
    sql(product, made, "b", "-1 hours")
    lada.page.get_by_role("button", name="Обновить").click()
    expect(card).to_contain_text("час назад")
    expect(card.locator(".mark.bad")).to_have_count(0)


@pytest.mark.slow
def test_an_announcement_reaches_everybody_who_is_there_and_can_be_put_away(
    somebody: Callable[[str], Person],
) -> None:
    nina, kira = somebody("Nina"), somebody("Kira")
    nina.open("/")
    words = "В полночь Беседа уснёт на пять минут."
    kira.open("/admin/announcements")
    kira.page.get_by_role("button", name="Новое объявление").click()
    kira.page.get_by_label("По-русски").fill(words)
    kira.page.keyboard.press("Escape")
    expect(kira.page.get_by_role("dialog")).to_have_count(0)
    kira.page.get_by_role("button", name="Новое объявление").click()
    expect(kira.page.get_by_label("По-русски")).to_have_value(words)
    kira.page.get_by_label("С (пусто").fill("0001-01-01T00:00")
    kira.page.get_by_role("button", name="Объявить").click()
    expect(kira.page.get_by_text("Это не дата.")).to_be_visible()
    kira.page.get_by_label("С (пусто").fill("")
    kira.page.get_by_role("button", name="Объявить").dblclick()  # as people do
    said = nina.page.locator(".announcement").filter(has_text=words)
    expect(said).to_be_visible()
    url = nina.product.url
    first = Page.read(url, {}, nina.context.request.get(f"{url}/chat").text())
    assert words in str(first.elements), "it pushes nothing down later"

    nina.page.set_viewport_size({"width": 390, "height": 780})
    nina.open("/characters/new")
    expect(said).to_be_visible()
    assert nina.page.evaluate("document.documentElement.scrollWidth") == 390, "it pushes no page out of the window"
    close = said.get_by_role("button", name="Убрать").bounding_box()
    assert close
    assert min(close["width"], close["height"]) >= 44
    said.get_by_role("button", name="Убрать").click()
    expect(said).to_have_count(0)
    nina.open("/chat")
    expect(nina.page.get_by_role("heading", name="Мои чаты")).to_be_visible()
    expect(said).to_have_count(0)

    kira.page.get_by_role("button", name="Завершить", exact=True).click()
    expect(kira.page.get_by_text("закончилось")).to_be_visible()
    expect(kira.page.locator("aside .announcement")).to_have_count(0)

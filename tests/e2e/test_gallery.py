"""Gallery: search, filters, links one comes back to; what people do with a character they found."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.sample_data.fill import fill
from storage.database import Database
from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

MORE_THAN_TWO_PAGES = 150


@pytest.fixture(scope="module")
def product(llm: LlmServer, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Generator[Product]:
    """With many made-up characters beside the eight."""
    product = Product(tmp_path_factory.mktemp("product"), API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url)
    product.data.mkdir()
    database = copy(migrated_file, product.data / "beseda.db")
    with ThreadPoolExecutor() as beside:  # Playwright's loop runs in this thread
        beside.submit(lambda: asyncio.run(_people_the_gallery(f"sqlite:///{database}"))).result()
    product.start()
    yield product
    product.stop()


async def _people_the_gallery(url: str) -> None:
    database = Database(url)
    await fill(database, MORE_THAN_TWO_PAGES, 0, lambda _added: None)
    await database.close()


def card(page: Page, name: str) -> Locator:
    return page.locator(".card", has=page.get_by_role("link", name=name, exact=True))


def cards(page: Page) -> Locator:
    return page.locator(".card:has(.card-link)")


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox", name="Поиск в галерее").fill(words)


def look_at(person: Person, name: str) -> None:
    """Find somebody and open their page."""
    person.open("/")
    search(person.page, name)
    card(person.page, name).get_by_role("link", name=name, exact=True).click()
    expect(person.page.get_by_role("heading", name=name)).to_be_visible()
    wait_for_line(person.page)


@pytest.mark.slow
def test_somebody_is_found_by_other_forms_of_a_word_and_in_the_wrong_layout(person: Callable[[str], Person]) -> None:
    stranger = person("Stranger")
    page = stranger.page
    stranger.open("/")
    expect(page.get_by_role("navigation", name="Галерея")).to_have_count(0)
    for words in ("букинистку", "Аглаей", "fukfz"):
        search(page, words)
        expect(card(page, "Аглая Ветрова")).to_be_visible()
        expect(cards(page)).not_to_have_count(48)
    expect(page).to_have_url(re.compile(r"/\?q=fukfz$"))
    stranger.open(page.url)
    expect(card(page, "Аглая Ветрова")).to_be_visible()
    search(page, "сепулькарий")
    expect(page.get_by_text("Никого такого не нашлось.")).to_be_visible()
    page.get_by_role("button", name="Показать всех").click()
    expect(cards(page)).to_have_count(48)


@pytest.mark.slow
def test_coming_back_from_a_character_finds_the_same_place(person: Callable[[str], Person]) -> None:
    vera = person("Vera")
    arrive(vera)
    page = vera.page
    vera.open("/")
    page.get_by_label("Пол").select_option("female")
    with page.expect_response(re.compile(r"sort=name.*gender=female|gender=female.*sort=name")):
        page.get_by_label("Сортировка").select_option("name")
    expect(page).to_have_url(re.compile(r"\?sort=name&gender=female$"))
    expect(page.locator(".card-gallery")).to_have_attribute("aria-busy", "false")  # else it moves what is scrolled to
    expect(page.locator(".card-mark.gender").get_by_text("♂")).to_have_count(0)
    expect(cards(page).first).to_contain_text(re.compile("Аглая Ветрова|Aglaya Vetrova"))
    cards(page).nth(47).scroll_into_view_if_needed()
    expect(cards(page).nth(55)).to_be_attached()
    far = cards(page).nth(52)
    far.scroll_into_view_if_needed()
    name, height = far.get_by_role("link").first.inner_text(), page.evaluate("scrollY")
    far.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    star = page.get_by_role("button", name=f"В избранном: {name}")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(card(page, name).first).to_be_in_viewport()
    expect(card(page, name).first.get_by_role("link").first).to_be_focused()
    starred = page.get_by_role("button", name="В избранном", pressed=True)
    expect(starred).to_have_count(1)  # what was done there shows here
    assert abs(page.evaluate("scrollY") - height) < 4
    page.evaluate("scrollTo(0, 0)")
    page.go_back()  # the order, then the filter: each was a step
    page.go_back()
    expect(page).to_have_url(f"{vera.product.url}/")
    expect(page.locator(".card-mark.gender").get_by_text("♂").first).to_be_visible()


@pytest.mark.slow
def test_interests_are_wanted_then_unwanted_then_forgotten(person: Callable[[str], Person]) -> None:
    lev = person("Lev")
    page = lev.page
    lev.open("/")
    card(page, "Тихон Рогозин").get_by_role("button", name="маяк").click()
    expect(page).to_have_url(re.compile(r"with="))
    expect(card(page, "Тихон Рогозин")).to_be_visible()
    expect(card(page, "Аглая Ветрова")).to_have_count(0)
    page.get_by_role("button", name="маяк: с этим интересом").click()
    expect(card(page, "Тихон Рогозин")).to_have_count(0)
    expect(cards(page)).to_have_count(48)
    page.get_by_role("button", name="маяк: без этого интереса").click()
    expect(page).to_have_url(f"{lev.product.url}/")
    chips = page.get_by_role("toolbar", name="Интересы").get_by_role("button")
    chips.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(chips.nth(1)).to_be_focused()
    chips.nth(1).click(button="right")
    page.get_by_role("menuitem", name="без этого").click()
    expect(page).to_have_url(re.compile(r"without="))
    expect(chips.nth(1)).to_be_focused()

    lev.open("/?" + "&".join(f"with=интерес {number}" for number in range(8)))
    page.get_by_role("searchbox", name="Интерес", exact=True).fill("маяк")
    ninth = page.get_by_role("button", name="маяк: без условия")
    expect(ninth).to_be_disabled()
    page.get_by_role("searchbox", name="Интерес", exact=True).fill("")
    page.get_by_role("button", name="интерес 7: с этим интересом").click()
    page.get_by_role("searchbox", name="Интерес", exact=True).fill("маяк")
    ninth.click()
    expect(page.get_by_role("button", name="маяк: с этим интересом")).to_be_visible()


@pytest.mark.slow
def test_the_readers_language_comes_first_and_the_filter_comes_off(person: Callable[[str], Person]) -> None:
    anna = person("Anna-2")
    page = anna.page
    anna.context.add_cookies([{"name": "beseda_language", "value": "en", "url": anna.product.url}])
    anna.open("/")
    expect(card(page, "Aglaya Vetrova")).to_be_visible()
    expect(card(page, "Аглая Ветрова")).to_have_count(0)
    page.get_by_role("button", name="Remove filter: in English").click()
    expect(page).to_have_url(re.compile(r"\?language=any$"))
    page.get_by_role("searchbox", name="Search the gallery").fill("Аглая Ветрова")
    expect(card(page, "Аглая Ветрова").get_by_text("RU", exact=True)).to_be_visible()
    card(page, "Аглая Ветрова").get_by_role("link").first.click()
    page.get_by_role("link", name="Beseda").last.click()
    expect(page).to_have_url(re.compile(r"/\?author=\d+$"))
    expect(cards(page)).to_have_count(16)


@pytest.mark.slow
def test_a_favourite_is_found_again(person: Callable[[str], Person]) -> None:
    mila = person("Mila")
    arrive(mila)
    page = mila.page
    mila.open("/?tab=favourites")
    expect(page.get_by_text("В избранном пока пусто.")).to_be_visible()
    mila.open("/?q=ЖУК-4")
    card(page, "ЖУК-4").hover()
    with page.expect_response(re.compile("/favourite$")):
        card(page, "ЖУК-4").get_by_role("button", name="В избранном").click()
    page.get_by_role("link", name="Избранное").click()
    search(page, "")
    expect(cards(page)).to_have_count(1)
    expect(card(page, "ЖУК-4").get_by_role("button", name="В избранном")).to_have_attribute("aria-pressed", "true")


def test_by_keyboard_alone(person: Callable[[str], Person]) -> None:
    oleg = person("Oleg")
    arrive(oleg)
    page = oleg.page
    oleg.open("/")
    expect(cards(page)).to_have_count(48)
    page.keyboard.press("/")
    page.keyboard.type("Варька Латунь")
    expect(cards(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Варька Латунь")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Варька Латунь")).to_be_focused()
    more = page.get_by_role("button", name="Действия: Варька Латунь")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.get_by_role("link", name="Варька Латунь").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Варька Латунь")).to_be_visible()


@pytest.mark.slow
def test_who_has_talked_rates_and_everybody_sees_it(person: Callable[[str], Person], llm: LlmServer) -> None:
    nina = person("Nina")
    arrive(nina)
    page = nina.page
    look_at(nina, "Инок Лукиан")
    expect(page.get_by_text("Поставить оценку можно после разговора.")).to_be_visible()
    nina.begin_chat()
    llm.answer("Мир дому твоему.")
    nina.say("Здравствуйте!")
    expect(nina.last_reply).to_contain_text("Мир дому твоему.")
    look_at(nina, "Инок Лукиан")
    expect(page.get_by_role("link", name="Продолжить")).to_be_visible()
    page.get_by_role("radio", name="8 из 10", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Спасибо, оценка учтена.")).to_be_visible()
    expect(page.get_by_text("★ 9 · 1 оценка")).to_be_visible()

    stranger = person("Stranger-2")
    stranger.open("/?q=Лукиан")
    expect(card(stranger.page, "Инок Лукиан")).to_contain_text("★ 9")
    page.get_by_role("button", name="Убрать оценку").press("Enter")
    expect(page.get_by_text("Оценка убрана.")).to_be_visible()
    expect(page.get_by_role("radio", name="1 из 10", exact=True)).to_be_focused()

    with closing(sqlite3.connect(nina.product.data / "beseda.db", timeout=10)) as db, db:
        db.execute("UPDATE user SET is_read_only = 1 WHERE display_name = 'Nina'")
    page.keyboard.press("Space")
    expect(page.get_by_text("Пока вам можно только читать.")).to_be_visible()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    nina.open("/characters/new")
    expect(page.get_by_role("heading", name="Новый персонаж")).to_be_visible()
    expect(page.get_by_label("Имя", exact=True)).to_have_count(0)  # told before the form, not after it


@pytest.mark.slow
def test_a_report_is_taken_once(person: Callable[[str], Person]) -> None:
    gleb = person("Gleb")
    arrive(gleb)
    page = gleb.page
    look_at(gleb, "ЖУК-4")
    for said in ("Спасибо. Администраторы посмотрят.", "Вы уже пожаловались"):
        page.get_by_role("button", name="Пожаловаться").click()
        window = page.get_by_role("dialog")
        expect(window.get_by_role("button", name="Отправить жалобу")).to_be_disabled()
        window.get_by_role("radio", name="Реклама или обман").click()
        window.get_by_label("Подробности").fill("Продаёт реактор.")
        window.get_by_role("button", name="Отправить жалобу").click()
        expect(page.get_by_text(said)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.slow
def test_a_shared_link_shows_a_picture_and_a_private_one_nothing(person: Callable[[str], Person]) -> None:
    yana, stranger = person("Yana"), person("Stranger-3")
    arrive(yana)
    look_at(yana, "Тихон Рогозин")
    picture = yana.page.locator("meta[property='og:image']").get_attribute("content")
    assert picture
    seen = stranger.context.request.get(picture)
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.body()[:2] == b"\xff\xd8"

    with closing(sqlite3.connect(yana.product.data / "beseda.db", timeout=10)) as db, db:
        made = db.execute(
            "INSERT INTO character (owner_id, name, gender, teaser, bio, greeting, context, interests, is_public,"
            " age_mark, created_at, updated_at) SELECT id, 'Тайна', 'female', '', '', '', 'c', '[]', 0, '12+',"
            " created_at, created_at FROM user WHERE display_name = 'Yana'"
        )
        hidden = f"{yana.product.url}/characters/{made.lastrowid}"
    assert stranger.context.request.get(hidden).status == 404
    assert stranger.context.request.get(f"{hidden}/preview.jpg").status == 404
    yana.open(hidden)
    expect(yana.page.get_by_text("Личный")).to_be_visible()
    expect(yana.page.locator("meta[property^='og:']")).to_have_count(0)

    yana.page.get_by_role("button", name="Действия: Тайна").press("Enter")
    yana.page.get_by_role("menuitem", name="Удалить").click()
    yana.page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    expect(yana.page.get_by_text("Персонаж удалён.")).to_be_visible()
    expect(yana.page.get_by_text("Здесь пока никого нет.")).to_be_visible()
    yana.page.get_by_role("button", name="Вернуть").click()
    expect(card(yana.page, "Тайна")).to_be_visible()

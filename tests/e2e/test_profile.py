"""Profile, as people use it: who they are, where they are logged in, and deleting the account."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Dialog, Locator, expect

from tests.domain.pictures.photos import a_photo
from tests.e2e.arrivals import arrive, begin_chat, enter
from tests.e2e.people import PASSWORD, Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

NEW_PASSWORD = "омут ещё тише 43"


@pytest.fixture
def somebody(person: Callable[[str], Person]) -> Callable[[str], Person]:
    """People who are logged in."""

    def come(name: str) -> Person:
        newcomer = person(name)
        arrive(newcomer)
        return newcomer

    return come


@pytest.fixture
def second_browser(browser: Browser, product: Product) -> Callable[[Person], Person]:
    """The same person at another machine."""

    def come(owner: Person) -> Person:
        other = Person(browser, product, owner.name)
        enter(other)
        other.open("/profile")
        return other

    return come


def section(person: Person, title: str) -> Locator:
    return person.page.locator("section").filter(has=person.page.get_by_role("heading", name=title, exact=True))


def is_out(person: Person) -> None:
    """The open page has closed: what stands there now is what strangers see."""
    expect(person.page.get_by_role("banner").get_by_role("link", name="Регистрация")).to_be_visible()


@pytest.mark.slow
def test_an_interest_that_was_typed_is_saved_without_enter(somebody: Callable[[str], Person]) -> None:
    lada = somebody("Lada")
    lada.open("/profile")
    lada.page.get_by_label("Другой интерес").fill("маяки")
    lada.page.get_by_role("button", name="Сохранить").click()
    expect(lada.page.get_by_text("Сохранено.")).to_be_visible()
    lada.page.reload()
    expect(lada.page.get_by_role("button", name="маяки")).to_have_attribute("aria-pressed", "true")


@pytest.mark.slow
def test_a_page_asks_before_what_was_typed_there_is_lost_and_not_once_it_is_saved(
    somebody: Callable[[str], Person],
) -> None:
    mila = somebody("Mila")
    mila.open("/profile")
    page, asked = mila.page, list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    about, home = page.get_by_label("О себе"), page.get_by_role("link", name="Беседа", exact=True)
    about.click()
    page.keyboard.type("Развожу кактусы.")
    home.click(no_wait_after=True)
    expect(page.get_by_role("heading", name="Профиль")).to_be_visible()
    expect(about).to_have_value("Развожу кактусы.")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Сохранено.")).to_be_visible()
    home.click()
    page.wait_for_url(f"{mila.product.url}/")
    assert asked == ["beforeunload"]


@pytest.mark.slow
def test_people_say_who_they_are_and_it_is_seen_in_the_menu_and_by_characters(
    somebody: Callable[[str], Person], llm: LlmServer
) -> None:
    zoya = somebody("Zoya")
    zoya.open("/")
    zoya.page.get_by_role("button", name="Меню").click()
    zoya.page.get_by_text("Профиль").click()
    with zoya.page.expect_file_chooser() as chooser:
        zoya.page.get_by_role("button", name="Выбрать фото").click()
    chooser.value.set_files({"name": "я.png", "mimeType": "image/png", "buffer": a_photo()})
    zoya.page.get_by_role("dialog", name="Что будет видно на фото").get_by_role("button", name="Готово").click()
    face = re.compile(r"/pictures/\w+/face\.webp")
    expect(zoya.page.get_by_role("img", name="Фото")).to_have_attribute("src", face)
    zoya.page.get_by_label("О себе").fill("Люблю море.")
    zoya.page.get_by_label("Как вас называть").fill(" ")
    zoya.page.get_by_role("button", name="Сохранить").click()
    expect(zoya.page.get_by_text("Напишите, как вас называть.")).to_be_visible()
    expect(zoya.page.get_by_label("О себе")).to_have_value("Люблю море.")
    zoya.page.get_by_label("Как вас называть").fill("Зоя Маяк")
    zoya.page.get_by_role("button", name="Сохранить").click()
    expect(zoya.page.get_by_text("Сохранено.")).to_be_visible()
    expect(zoya.page.get_by_text("11 / 1 000")).to_be_visible()
    zoya.choose("Аглая")
    zoya.begin_chat()
    expect(zoya.page.get_by_role("button", name="Меню").locator("img")).to_have_attribute("src", face)
    zoya.say("Добрый вечер")
    expect(zoya.page.locator(".message.user").last).to_contain_text("Зоя Маяк")
    expect(zoya.last_reply).to_contain_text("Хорошо, что ты здесь.")
    told = "О собеседнике:\nИмя: Зоя Маяк\nО себе: Люблю море."
    assert any(told in request.body["messages"][0]["content"] for request in llm.asked)


@pytest.mark.breaks_the_line
def test_what_is_typed_without_a_connection_is_kept_to_the_last_letter(somebody: Callable[[str], Person]) -> None:
    faina = somebody("Faina")
    faina.open("/profile")
    faina.context.set_offline(True)
    faina.page.wait_for_function("!window.socket.connected")
    typed = "Люблю море и старые маяки. " * 12 + "И чай."
    faina.page.get_by_label("О себе").press_sequentially(typed)
    faina.context.set_offline(False)
    wait_for_line(faina.page)
    faina.page.get_by_role("button", name="Сохранить").click()
    expect(faina.page.get_by_text("Сохранено.")).to_be_visible()
    expect(faina.page.get_by_text("слишком быстро")).to_have_count(0)
    faina.open("/profile")
    expect(faina.page.get_by_label("О себе")).to_have_value(typed)


@pytest.mark.slow
def test_whatever_is_far_too_long_is_refused_beside_its_field_and_never_said_to_be_saved(
    somebody: Callable[[str], Person],
) -> None:
    yana = somebody("Yana")
    yana.open("/profile")
    about, name = yana.page.get_by_label("О себе"), yana.page.get_by_label("Как вас называть")
    about.fill("Я" * 30_000)
    name.fill("Я" * 3_000)
    yana.page.get_by_role("button", name="Сохранить").click()
    expect(yana.page.locator(".q-field", has=about)).to_contain_text("Не больше 1000 знаков")
    expect(yana.page.locator(".q-field", has=name)).to_contain_text("не больше 64 знаков")
    expect(yana.page.get_by_text("Сохранено.")).to_have_count(0)
    expect(about).to_have_value("Я" * 30_000)
    about.fill("Коротко.")
    name.fill("Яна")
    yana.page.get_by_role("button", name="Сохранить").click()
    expect(yana.page.get_by_text("Сохранено.")).to_be_visible()


@pytest.mark.slow
def test_ending_all_other_sessions_closes_their_open_pages(
    somebody: Callable[[str], Person], second_browser: Callable[[Person], Person]
) -> None:
    lev = somebody("Lev")
    elsewhere = second_browser(lev)
    begin_chat(elsewhere, "Аглая Ветрова")
    [session] = [cookie["value"] for cookie in lev.context.cookies() if cookie["name"] == "beseda"]
    lev.context.clear_cookies(name="beseda")
    lev.open("/log-in?next=/profile")
    lev.context.add_cookies([{"name": "beseda", "value": session, "url": lev.product.url}])  # in by another tab
    lev.log_in()  # anew: the session that this browser had before ends
    devices = section(lev, "Мои устройства").get_by_role("listitem")
    expect(devices).to_have_count(2)
    expect(devices.first).to_contain_text("это устройство")
    lev.page.get_by_role("button", name="Выйти на остальных устройствах").click()
    is_out(elsewhere)
    expect(devices).to_have_count(1)
    elsewhere.open("/profile")
    expect(elsewhere.page.get_by_role("heading", name="Войти")).to_be_visible()
    elsewhere.leave()


def test_a_page_whose_session_ended_while_it_was_away_asks_to_log_in_and_comes_back(
    somebody: Callable[[str], Person],
) -> None:
    """As when another instance of the server has logged the person out."""
    vera = somebody("Vera")
    vera.open("/profile#delete")
    place = vera.page.url
    with closing(sqlite3.connect(vera.product.data / "beseda.db")) as database:
        database.execute("DELETE FROM login_session")
        database.commit()
    vera.page.evaluate("window.socket.disconnect().connect()")
    vera.page.wait_for_url("**/log-in?next=*%23delete")
    is_out(vera)
    wait_for_line(vera.page)
    vera.log_in()
    vera.page.wait_for_url(place)


@pytest.mark.slow
def test_a_new_password_closes_the_pages_of_whoever_had_the_old_one(
    somebody: Callable[[str], Person], second_browser: Callable[[Person], Person]
) -> None:
    nina = somebody("Nina")
    nina.open("/")
    elsewhere = second_browser(nina)
    keys = section(elsewhere, "Вход и безопасность")
    keys.get_by_label("Нынешний пароль").first.fill("не тот пароль")
    keys.get_by_label("Новый пароль").fill(NEW_PASSWORD)
    keys.get_by_role("button", name="Сменить пароль").click()
    expect(keys.get_by_text("Это не ваш нынешний пароль.")).to_be_visible()
    expect(keys.get_by_label("Новый пароль")).to_have_value(NEW_PASSWORD)
    keys.get_by_label("Нынешний пароль").first.fill(PASSWORD)
    keys.get_by_role("button", name="Сменить пароль").click()
    expect(elsewhere.page.get_by_text("Пароль изменён.")).to_be_visible()
    is_out(nina)
    elsewhere.page.reload()
    expect(elsewhere.page.get_by_role("heading", name="Профиль")).to_be_visible()
    elsewhere.leave()


@pytest.mark.slow
def test_a_new_address_is_confirmed_by_the_code_or_the_link_of_its_letter(somebody: Callable[[str], Person]) -> None:
    rita = somebody("Rita")
    rita.open("/profile")
    keys = section(rita, "Вход и безопасность")

    def ask(email: str) -> tuple[str, str]:
        form = keys.locator("form", has=rita.page.get_by_label("Новая почта"))
        form.get_by_label("Новая почта").fill(email)
        form.get_by_role("textbox", name="Нынешний пароль").fill(PASSWORD)
        keys.get_by_role("button", name="Сменить почту").click()
        expect(keys.get_by_text(f"Мы написали на {email}")).to_be_visible()
        return rita.product.letters_to(email)[-1]

    _link, code = ask("margarita@example.test")
    keys.get_by_label("Код из письма").fill(code)
    expect(keys.get_by_text("Ваш адрес: margarita@example.test")).to_be_visible()
    link, _code = ask("rita.m@example.test")
    rita.open(link)
    rita.page.get_by_role("button", name="Подтвердить почту").click()
    expect(keys.get_by_text("Ваш адрес: rita.m@example.test")).to_be_visible()


@pytest.mark.slow
def test_a_deleted_account_is_gone_with_its_open_pages(
    somebody: Callable[[str], Person], second_browser: Callable[[Person], Person]
) -> None:
    foma = somebody("Foma")
    elsewhere = second_browser(foma)
    foma.open("/profile")
    foma.page.get_by_text("Удалить аккаунт").click()
    with foma.page.expect_download() as everything:
        foma.page.get_by_role("link", name="Сначала скачать мои данные").click()
    assert set(ZipFile(everything.value.path()).namelist()) == {"profile.json"}
    foma.page.get_by_label("Ваш пароль").fill("не тот пароль")
    foma.page.get_by_role("button", name="Удалить мой аккаунт").click()
    foma.page.get_by_role("button", name="Удалить", exact=True).click()
    expect(foma.page.get_by_text("Это не ваш пароль.")).to_be_visible()
    foma.page.get_by_label("Ваш пароль").fill(PASSWORD)
    foma.page.get_by_role("button", name="Удалить мой аккаунт").click()
    foma.page.get_by_role("button", name="Удалить", exact=True).click()
    expect(foma.page.get_by_role("heading", name="До свидания")).to_be_visible()
    is_out(foma)
    is_out(elsewhere)
    elsewhere.open("/log-in")
    elsewhere.log_in()
    expect(elsewhere.page.get_by_text("Неверная почта, имя или пароль.")).to_be_visible()
    elsewhere.leave()


@pytest.mark.slow
def test_theme_and_language_are_chosen_there_without_losing_what_was_typed(somebody: Callable[[str], Person]) -> None:
    egor = somebody("Egor")
    egor.page.set_viewport_size({"width": 320, "height": 640})  # a laptop at 400 %
    egor.open("/profile")
    egor.page.get_by_label("О себе").fill("Пишу с опечатками.")
    assert egor.page.evaluate("document.scrollingElement.scrollWidth") == 320
    egor.page.get_by_role("radio", name="тёмная").click()
    expect(egor.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(egor.page.get_by_label("О себе")).to_have_value("Пишу с опечатками.")
    egor.page.get_by_role("radio", name="English").click()
    expect(egor.page.get_by_role("heading", name="Profile")).to_be_visible()
    expect(egor.page.get_by_label("About me")).to_have_value("Пишу с опечатками.")
    expect(egor.page.locator("html")).to_have_attribute("data-theme", "dark")

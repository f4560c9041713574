"""Card import and export: cards are dropped, pasted, many at once; and leave as complete as they came."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect

from domain.cards.read_card import read_card
from tests.domain.cards.card_files import charx, png, v2, v3
from tests.domain.pictures.photos import a_photo
from tests.e2e.arrivals import arrive
from tests.e2e.cards.dropping import carried, drop, hover, paste, paste_text
from tests.e2e.cards.import_window import BOOK, named, rows_of, window_of
from tests.e2e.people import Person, wait_for_line
from tests.llm_server import LlmServer

SCRIPT = "<img src=x onerror=alert(1)> **О ней**"
CHARACTER = re.compile(r"/characters/\d+$")


def told(card: bytes) -> dict[str, Any]:
    """The data of a card, without its dates."""
    data: dict[str, Any] = read_card(card).card["data"]
    return {name: value for name, value in data.items() if name not in {"modification_date", "creation_date"}}


def export(person: Person) -> tuple[str, bytes]:
    """Export the character whose page is open as a PNG: its file name and its bytes."""
    person.page.get_by_role("button", name="Действия:").click()
    person.page.get_by_role("menuitem", name="Экспорт").click()
    with person.page.expect_download() as coming:
        person.page.get_by_role("dialog", name="Экспорт:").get_by_role("link", name="Скачать").click()
    return coming.value.suggested_filename, coming.value.path().read_bytes()


@pytest.mark.slow
def test_a_foreign_card_comes_in_talks_is_changed_in_one_field_and_goes_out_equal_but_for_that(
    person: Callable[[str], Person], llm: LlmServer
) -> None:
    ira = person("Ira")
    arrive(ira)
    page = ira.page
    ira.open("/")
    drop(page, {"Аглая.png": named("Аглая", character_book=BOOK)})
    window = window_of(ira)
    expect(window.get_by_role("heading", name="Аглая")).to_be_visible()
    expect(window.get_by_label("Пол")).to_have_value("female")
    expect(window).to_contain_text("угадано по тегам")
    expect(window.get_by_label("Возрастная отметка")).to_have_value("18+")
    expect(window.get_by_text("Глаша", exact=True)).to_be_visible()
    window.get_by_text("Книга", exact=False).last.click()
    window.locator(".import-text summary").click()
    expect(window.get_by_text("На Арбате у неё вторая лавка.")).to_be_visible()
    window.get_by_label("Возрастная отметка").select_option("12+")
    window.get_by_text("Сохранено для экспорта").click()
    expect(window.get_by_text("extensions.другая программа")).to_be_visible()
    window.get_by_role("button", name="Импортировать").click()
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_visible()
    window.get_by_role("link", name="Начать чат").click()
    page.wait_for_url(re.compile(r"/chat/\d+"))
    wait_for_line(page)
    expect(ira.last_reply).to_contain_text("Проходите!")
    llm.answer("С мёдом.")
    ira.say("Чаю, а потом на Арбат?")
    expect(ira.last_reply).to_contain_text("С мёдом.")
    asked = "".join(each["content"] for each in llm.asked[-1].body["messages"])
    for each in ("Хозяйка лавки.", "тёплая", "Вечер.", "Чаю?\nГлаша: С мёдом.", "На Арбате у неё вторая лавка."):
        assert each in asked

    ira.choose_own("Аглая")
    expect(page.get_by_text("12+")).to_be_visible()
    _name, first = export(ira)
    page.get_by_role("link", name="Изменить").click()
    wait_for_line(page)
    ira.tab("Характер")
    page.get_by_label("Черты характера").fill("строгая")
    ira.save()
    name, second = export(ira)
    assert name == "Аглая.png"
    assert told(second) == told(first) | {"personality": "строгая"}
    ira.open("/")
    drop(page, {name: second})
    window.get_by_role("button", name="Импортировать").click()
    window.get_by_role("link", name="Открыть").click()
    page.wait_for_url(CHARACTER)
    wait_for_line(page)
    assert told(export(ira)[1]) == told(second)


@pytest.mark.slow
@pytest.mark.expects_console("422 .*/feed/cards/preview")
def test_of_many_files_a_broken_one_is_told_of_and_the_others_come_in(person: Callable[[str], Person]) -> None:
    oleg = person("Oleg")
    arrive(oleg)
    page = oleg.page
    oleg.open("/?tab=mine")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Импорт карточек").click()
    archive = charx(
        v3(name="Тихон", assets=[{"type": "icon", "name": "main", "uri": "embeded://a.png", "ext": "png"}]),
        {"a.png": a_photo()},
    )
    files = {
        "Пётр.png": named("Пётр"),
        "битая.png": png(),
        "Тихон.charx": archive,
        "книга.json": json.dumps({"spec": "lorebook_v3", "data": BOOK | {"name": "Арбат"}}).encode(),
        "Вера.json": json.dumps(v2(name="Вера", creator_notes=SCRIPT)).encode(),
    }
    chosen: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": data} for name, data in files.items()]
    chooser.value.set_files(chosen)
    window, rows = window_of(oleg), rows_of(oleg)
    expect(window.get_by_role("status").last).to_contain_text("Прочитано: 5 из 5. Не вышло: 1.")
    expect(rows.first).to_contain_text("В этой картинке нет персонажа")
    expect(rows.filter(has_text="Тихон").locator("img")).to_have_attribute("src", re.compile("^data:image/webp"))

    rows.filter(has_text="Вера").get_by_role("button", name="Вера", exact=True).press("Enter")
    expect(window.or_(page.get_by_role("dialog", name="Вера")).get_by_text("Добрый вечер.")).to_be_hidden()
    page.get_by_text("Другие приветствия").click()
    expect(page.get_by_text("Добрый вечер.")).to_be_visible()
    page.get_by_text("Заметки автора").click()
    expect(page.get_by_text(SCRIPT)).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows.filter(has_text="Вера").get_by_role("button", name="Вера", exact=True)).to_be_focused()
    rows.filter(has_text="Пётр").get_by_role("button", name="Не брать: Пётр").click()
    window.get_by_role("button", name="Импортировать всё (3)").click()
    expect(window.get_by_role("status").last).to_contain_text("Импортировано: 3 из 4. Не вышло: 1.")
    expect(rows.filter(has_text="Арбат").get_by_role("link")).to_have_attribute("href", re.compile(r"^/worlds/\d+$"))
    page.keyboard.press("Escape")
    expect(page.locator(".card-name")).to_have_count(2)
    assert sorted(page.locator(".card-name").all_inner_texts()) == ["Вера", "Тихон"]
    expect(page.get_by_role("button", name="Импорт карточек")).to_be_focused()


def test_a_card_is_pasted_as_text_and_other_texts_are_not(person: Callable[[str], Person]) -> None:
    lida = person("Lida")
    arrive(lida)
    lida.open("/")
    for note in (
        "Дорогая Марина, пишу тебе из Самары.",
        "Name: Марина\nТелефон в записной книжке.",
        "Context: вчерашняя встреча\nРешили ждать весны.",
    ):
        paste_text(lida.page, note)
        expect(window_of(lida)).to_be_hidden()
    paste_text(lida.page, "name: Аглая\ngreeting: Проходите!\ncontext: Хозяйка лавки.\n")
    expect(window_of(lida).get_by_text("Можно импортировать.")).to_be_visible()
    expect(window_of(lida).get_by_role("heading", name="Аглая")).to_be_visible()


@pytest.mark.slow
def test_the_focus_goes_on_from_a_pressed_button_that_is_gone(person: Callable[[str], Person]) -> None:
    sofia = person("Sofia")
    arrive(sofia)
    page = sofia.page
    page.set_viewport_size({"width": 390, "height": 600})
    sofia.open("/")
    drop(page, {"Аглая.png": named("Аглая")})
    window = window_of(sofia)
    expect(window.get_by_text("Можно импортировать.")).to_be_visible()
    window.get_by_text("Сохранено для экспорта").scroll_into_view_if_needed()
    window.get_by_role("button", name="Импортировать").press("Enter")
    expect(window.get_by_role("link", name="Начать чат")).to_be_focused()
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_in_viewport()
    page.keyboard.press("Escape")
    drop(page, {"1.png": named("Первая"), "2.png": named("Вторая")})
    window.get_by_role("button", name="Импортировать всё (2)").press("Enter")
    expect(window.get_by_role("link", name="К моим персонажам")).to_be_focused()


def test_files_that_come_in_the_moment_in_which_the_window_closes_are_taken(person: Callable[[str], Person]) -> None:
    raisa = person("Raisa")
    arrive(raisa)
    page = raisa.page
    raisa.open("/")
    drop(page, {"1.png": named("Первая")})
    expect(window_of(raisa).get_by_text("Можно импортировать.")).to_be_visible()
    page.evaluate(
        """(clipboardData) => {
          document.querySelector("dialog.card-import").close();
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        carried(page, {"2.png": named("Вторая")}),
    )
    expect(window_of(raisa).get_by_role("heading", name="Вторая")).to_be_visible()
    expect(window_of(raisa).get_by_text("Можно импортировать.")).to_be_visible()


def test_nothing_is_lost_without_a_question(person: Callable[[str], Person]) -> None:
    nina = person("Nina")
    arrive(nina)
    page = nina.page
    nina.open("/")
    hover(page, {"a.png": b""})
    expect(page.get_by_text("Отпустите карточки здесь")).to_be_visible()
    page.dispatch_event("body", "dragleave")
    expect(page.get_by_text("Отпустите карточки здесь")).to_be_hidden()
    paste(page, {"Аглая.png": named("Аглая")})
    window = window_of(nina)
    expect(window.get_by_text("Можно импортировать.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(window.get_by_text("Ещё не импортировано: 1")).to_be_visible()
    expect(window.get_by_role("button", name="Вернуться")).to_be_focused()
    page.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Аглая")).to_be_visible()
    window.get_by_role("button", name="Не брать").click()
    expect(window).to_be_hidden()
    assert page.url == nina.product.url + "/"


def test_the_text_of_a_card_is_pasted_like_a_file(person: Callable[[str], Person]) -> None:
    yana = person("Yana")
    arrive(yana)
    page = yana.page
    yana.open("/")
    yana.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("(card) => navigator.clipboard.writeText(card)", json.dumps(v3(name="Аглая")))
    page.keyboard.press("Control+V")
    expect(window_of(yana).get_by_role("heading", name="Аглая")).to_be_visible()


@pytest.mark.slow
def test_a_card_dropped_on_the_editor_becomes_a_character_and_what_was_typed_stays(
    person: Callable[[str], Person],
) -> None:
    sveta = person("Sveta")
    arrive(sveta)
    page = sveta.page
    sveta.open("/characters/new")
    page.get_by_label("Имя", exact=True).fill("Набранное")
    expect(page.get_by_text("черновик сохранён")).to_be_visible()
    drop(page, {"Аглая.png": named("Аглая")})
    window_of(sveta).get_by_role("button", name="Импортировать").click()
    page.once("dialog", lambda question: question.accept())
    window_of(sveta).get_by_role("link", name="Изменить").click()
    page.wait_for_url(re.compile(r"/characters/\d+/edit$"))
    wait_for_line(page)
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Аглая")
    sveta.open("/characters/new")
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Набранное")
    paste(page, {"фото.png": a_photo()})
    expect(page.get_by_role("dialog", name="Что будет видно на фото")).to_be_visible()


def test_a_stranger_is_told_to_sign_up(person: Callable[[str], Person]) -> None:
    stranger = person("Stranger")
    stranger.open("/")
    drop(stranger.page, {"Аглая.png": named("Аглая")})
    window = window_of(stranger)
    expect(window.get_by_text("сначала зарегистрируйтесь")).to_be_visible()
    expect(window.get_by_role("link", name="Регистрация")).to_have_attribute("href", "/sign-up?next=/%3Ftab%3Dmine")

"""Editor: nothing typed is lost, what was written reaches the model, and strangers see none of it."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Dialog, expect

from tests.domain.pictures.photos import BLUE, RED, is_near, saved
from tests.e2e.arrivals import arrive, make_character
from tests.e2e.people import Person, wait_for_line
from tests.llm_server import LlmServer

KEPT = re.compile(r"черновик сохранён в \d\d:\d\d")
TOLD = {
    "Главное": {"Кто это (для модели)": "Ты — {{char}}, смотрительница маяка."},
    "Характер": {
        "Черты характера": "Молчалива, но тепла.",
        "Обстоятельства": "{{user}} приплыл за солью.",
    },
    "Модель": {"Последнее указание": "Отвечай в двух фразах."},
    "Публикация": {"Заметки автора": "Говорите с ней о море."},
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Red on the left, blue on the right, twice as wide as high."""
    picture = Image.new("RGB", (1600, 800), RED)
    picture.paste(BLUE, (800, 0, 1600, 800))
    file = tmp_path / "photo.jpg"
    file.write_bytes(saved(picture, "JPEG"))
    return file


def fill_everything(author: Person) -> None:
    page = author.page
    page.get_by_label("Имя", exact=True).fill("Марина")
    page.get_by_label("Пол").select_option("женский")
    page.get_by_label("Возрастная отметка").select_option("16+")
    author.tab("Публикация")
    page.get_by_label("В одной строке").fill("Маяк на краю света")
    page.get_by_label("Интересы").fill("море")
    page.keyboard.press("Enter")
    page.get_by_label("Интересы").fill("чайки, #Соль")
    page.get_by_label("О персонаже").fill("Двадцать лет на маяке.")
    for tab, fields in TOLD.items():
        author.tab(tab)
        for label, text in fields.items():
            page.get_by_label(label).fill(text)
    author.tab("Модель")
    page.get_by_label("Как в настройках: 0,6").uncheck()
    page.get_by_role("spinbutton", name="Смелость ответов").fill("0.9")
    page.get_by_label("Как в настройках: 1 500").uncheck()
    page.get_by_role("spinbutton", name="Длина ответа").fill("300")
    author.tab("Речь")
    page.get_by_label("Приветствие", exact=True).fill("*Зажигает лампу.* {{user}}, я {{char:рад|рада}}!")
    for words in ("Тихо сегодня.", "Опять шторм."):
        page.get_by_role("button", name="Ещё одно приветствие").click()
        page.keyboard.insert_text(words)
    page.get_by_role("button", name="Выше").last.click()
    page.get_by_role("button", name="Пример диалога").click()
    page.get_by_role("textbox", name="Говорит: собеседник").fill("Не страшно?")
    page.get_by_role("textbox", name="Говорит: персонаж").fill("Страшно там, где людно.")
    more = page.get_by_role("button", name="+ Реплика")
    more.press("Enter")
    page.keyboard.insert_text("Вот как?")
    more.press("Enter")
    page.get_by_role("button", name="Убрать реплику").last.press("Enter")
    expect(more).to_be_focused()


def test_a_character_with_every_field_is_left_found_again_and_talked_with(
    person: Callable[[str], Person], llm: LlmServer, photo: Path
) -> None:
    vera = person("Vera")
    arrive(vera)
    page = vera.page
    vera.open("/characters/new")
    page.locator(".photo-picker input[type=file]").set_input_files(photo)
    for _ in range(12):
        page.get_by_role("application", name="Видимая часть фото").press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".photo-frame img")).to_have_attribute("src", re.compile("/pictures/"))
    shown = vera.context.request.get(page.locator(".photo-frame img").evaluate("image => image.src")).body()
    assert is_near(Image.open(io.BytesIO(shown)).getpixel((20, 600)), BLUE), "the right half was chosen by keys"
    fill_everything(vera)
    expect(page.locator(".preview-bubble")).to_have_text("Зажигает лампу. Vera, я рада!")
    expect(page.get_by_role("status").filter(has_text=KEPT)).to_be_visible()

    vera.open("/")
    vera.open("/characters/new")
    expect(page.get_by_text("Здесь ваш черновик")).to_be_visible()
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Марина")
    vera.tab("Речь")
    expect(page.get_by_role("textbox", name="Ещё одно приветствие").first).to_have_value("Опять шторм.")
    page.get_by_role("button", name="Сохранить и начать чат").click()
    page.wait_for_url(re.compile(r"/chat/\d+"))
    expect(vera.last_reply).to_contain_text("Зажигает лампу. Vera, я рада!")
    wait_for_line(page)
    llm.answer("Здравствуй.")
    vera.say("Добрый вечер!")
    expect(vera.last_reply).to_contain_text("Здравствуй.")

    asked = llm.asked[-1].body
    system, newest = asked["messages"][0]["content"], asked["messages"][-1]["content"]
    told = ("Ты — Марина, смотрительница маяка.", "Молчалива, но тепла.", "Vera приплыл за солью.", "Двадцать лет")
    for each in (*told, "море, чайки, Соль", "Страшно там, где людно.\nVera: Вот как?", "Vera, я рада!"):
        assert each in system
    assert "Говорите с ней о море" not in str(asked), "notes are for people"
    assert newest.startswith("Добрый вечер!")
    assert "Отвечай в двух фразах." in newest
    assert (asked["temperature"], asked.get("max_tokens") or asked.get("max_completion_tokens")) == (0.9, 300)
    vera.open("/characters/new")
    expect(page.get_by_label("Имя", exact=True)).to_have_value("")


def test_errors_lead_to_their_fields_and_nothing_typed_is_lost(person: Callable[[str], Person]) -> None:
    boris = person("Boris")
    arrive(boris)
    page = boris.page
    boris.open("/characters/new")
    page.get_by_label("Имя", exact=True).fill("Ж" * 65)
    boris.tab("Публикация")
    page.get_by_label("О персонаже").click()
    page.evaluate("window.socket.io.engine.close()")
    page.keyboard.insert_text("О себе, пока связи нет. ")
    page.get_by_role("button", name="Сохранить", exact=True).click()
    summary = page.get_by_role("alert").filter(has_text="Не сохранено")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Имя: Не больше 64 знаков, лишних: 1.")
    expect(summary).to_contain_text("Пол: ")
    expect(page.get_by_label("О персонаже")).to_have_value("О себе, пока связи нет. ")
    summary.get_by_role("link", name="Кто это (для модели)").click()
    expect(page.get_by_role("tab", name="Главное")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Кто это (для модели)")).to_be_focused()
    expect(page.get_by_role("tab", name="Главное, здесь есть ошибки")).to_be_visible()

    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Беседа", exact=True).click(no_wait_after=True)
    expect(page.get_by_label("Кто это (для модели)")).to_be_visible()
    assert asked == ["beforeunload"]
    page.get_by_label("Имя", exact=True).fill("Боря")
    page.get_by_label("Пол").select_option("мужской")
    page.get_by_role("button", name="Заполнить по образцу").click()
    expect(page.get_by_label("Кто это (для модели)")).to_have_value(re.compile("держит маяк"))
    boris.save()
    expect(page.get_by_role("heading", name="Боря")).to_be_visible()
    expect(page.get_by_text("Сохранено, но не опубликовано: Боря.")).to_be_visible()


@pytest.mark.slow
def test_a_stranger_sees_neither_a_private_character_nor_its_picture(
    person: Callable[[str], Person], photo: Path
) -> None:
    anna, stranger = person("Anna"), person("Stranger")
    arrive(anna)
    arrive(stranger)
    address = make_character(anna, "Тайна", "Ты — тайна.", is_public=False)
    anna.open(f"{address}/edit")
    anna.choose_photo(photo)
    anna.save()
    picture = anna.page.locator(".portrait-large").evaluate("image => image.src")
    assert "/pictures/" in picture
    face = picture.replace("large", "face")
    for size in (picture, face):
        assert anna.context.request.get(size).status == 200
        assert stranger.context.request.get(size).status == 404
    assert stranger.context.request.get(address).status == 404
    anna.open(f"{address}/edit")
    anna.page.get_by_label("Видят все").check()
    anna.page.get_by_role("button", name="Опубликовать").click()
    expect(anna.page.get_by_text("Теперь в галерее: Тайна.")).to_be_visible()
    shown = stranger.context.request.get(face)
    assert (shown.status, shown.headers["cache-control"]) == (200, "private, max-age=31536000, immutable")


@pytest.mark.slow
def test_two_tabs_save_what_was_changed_in_each(person: Callable[[str], Person]) -> None:
    lena = person("Lena")
    arrive(lena)
    address = make_character(lena, "Мира", "Ты — Мира.")
    other = lena.context.new_page()
    other.goto(f"{address}/edit")
    other.get_by_role("tab", name="Публикация").click()
    other.get_by_label("О персонаже").fill("Живёт у моря.")
    lena.open(f"{address}/edit")
    lena.page.get_by_label("Имя", exact=True).fill("Мирра")
    lena.save()
    other.get_by_role("button", name="Сохранить", exact=True).click()
    expect(other.get_by_role("heading", name="Мирра")).to_be_visible()
    expect(other.get_by_text("Живёт у моря.")).to_be_visible()

    other.goto(f"{address}/edit")
    lena.open(f"{address}/edit")
    other.get_by_label("Имя", exact=True).fill("Мирослава")
    lena.page.get_by_label("Имя", exact=True).fill("Мира")
    lena.save()
    other.get_by_role("button", name="Сохранить", exact=True).click()
    expect(other.get_by_label("Имя", exact=True)).to_have_accessible_description(re.compile("изменили в другом окне"))
    expect(other.get_by_label("Имя", exact=True)).to_have_value("Мирослава")
    other.get_by_role("button", name="Сохранить", exact=True).click()
    expect(other.get_by_role("heading", name="Мирослава")).to_be_visible()


@pytest.mark.slow
def test_an_old_draft_says_what_was_saved_since_and_the_author_chooses(person: Callable[[str], Person]) -> None:
    rita = person("Rita")
    arrive(rita)
    address, page = make_character(rita, "Мира", "Ты — Мира."), rita.page
    page.on("dialog", lambda asks: asks.accept())  # to leave a page with something unsaved
    rita.open(f"{address}/edit#publication")
    about, tagline = page.get_by_label("О персонаже"), page.get_by_label("В одной строке")
    about.fill("Живёт у моря.")
    expect(page.get_by_text("черновик сохранён")).to_be_attached()
    with closing(sqlite3.connect(rita.product.data / "beseda.db", timeout=10)) as db, db:  # a program of hers
        told = ("Живёт в горах.", "Смотрит вдаль", address.rpartition("/")[2])
        db.execute("UPDATE character SET bio = ?, teaser = ? WHERE id = ?", told)
    page.reload()
    wait_for_line(page)
    note = page.get_by_role("alert").filter(has_text="персонажа изменили")
    expect(note.get_by_role("link")).to_have_text(["О персонаже"])
    expect(about).to_have_value("Живёт у моря.")
    expect(tagline).to_have_value("Смотрит вдаль")
    page.get_by_role("button", name="Сохранить", exact=True).click()
    expect(about).to_have_accessible_description(re.compile("изменили в другом окне"))

    page.reload()
    wait_for_line(page)
    note.get_by_text("Показать сохранённое").click()
    expect(note.get_by_text("Живёт в горах.")).to_be_visible()
    note.get_by_label("Как сохранено сейчас").check()
    expect(about).to_have_value("Живёт в горах.")
    note.get_by_label("Из черновика").check()
    expect(about).to_have_value("Живёт у моря.")
    rita.save()
    expect(page.get_by_text("Живёт у моря.")).to_be_visible()
    expect(page.get_by_text("Смотрит вдаль")).to_be_visible()


def test_what_the_model_proposes_is_taken_only_when_the_author_takes_it(
    person: Callable[[str], Person], llm: LlmServer
) -> None:
    olga = person("Olga")
    arrive(olga)
    page = olga.page
    olga.open("/characters/new")
    page.get_by_label("Имя", exact=True).fill("Тихон")
    context = page.get_by_role("textbox", name="Кто это (для модели)")
    context.fill("Ты — Тихон, лесник, и говоришь ты мало, очень мало.")
    for words, button, left in (
        ("Ты — лесник.", "Оставить как было", "Ты — Тихон, лесник, и говоришь ты мало, очень мало."),
        ("Ты — Тихон, молчаливый лесник.", "Заменить", "Ты — Тихон, молчаливый лесник."),
    ):
        llm.answer(words)
        page.get_by_role("button", name="Помощь модели").first.click()
        page.get_by_role("menuitem", name="Сократить").click()
        offered = page.get_by_role("dialog", name="Кто это (для модели): Сократить")
        expect(offered).to_contain_text(words)
        offered.get_by_role("button", name=button).click()
        expect(offered).not_to_be_visible()
        expect(context).to_have_value(left)

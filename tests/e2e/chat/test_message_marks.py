"""Thumbs, hiding from the model, and the menu of a message: with a mouse, with keys, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line
from tests.llm_server import LlmServer

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture
def talker(person: Callable[[str], Person], llm: LlmServer, request: pytest.FixtureRequest) -> Person:
    """Somebody in a chat with Tikhon, with two versions of its only reply."""
    somebody = person(re.sub(r"\W", "", request.node.name)[-24:])
    arrive(somebody)
    somebody.page.set_viewport_size(request.param)
    somebody.choose("Тихон Рогозин")
    somebody.begin_chat()
    llm.answer("Первый ответ.")
    somebody.say("Мой вопрос")
    expect(somebody.last_reply).to_contain_text("Первый ответ.")
    expect(somebody.page.get_by_role("button", name="Отправить")).to_be_visible()
    return somebody


def thumb(reply: Locator, name: str) -> Locator:
    return reply.get_by_role("button", name=name)


def open_menu(talker: Person, message: Locator) -> Locator:
    message.hover()
    message.get_by_role("button", name="Другие действия").click()
    return talker.page.get_by_role("menu", name="Другие действия")


@pytest.mark.slow
@pytest.mark.parametrize("talker", [DESKTOP], indirect=True)
def test_an_open_menu_follows_what_another_tab_does_with_the_message(talker: Person) -> None:
    address = talker.page.url
    menu = open_menu(talker, talker.page.locator(".message.user"))
    menu.get_by_role("menuitem", name="Закрепить").press("End")
    other = talker.context.new_page()
    other.goto(address)
    wait_for_line(other)
    other.locator(".message.user").hover()
    other.locator(".message.user").get_by_role("button", name="Другие действия").click()
    other.get_by_role("menuitem", name="Закрепить").click()
    expect(menu.get_by_role("menuitem", name="Открепить")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Закрепить")).to_have_count(0)
    expect(other.get_by_role("menu", name="Другие действия")).to_be_hidden()
    other.locator(".message.user").get_by_role("button", name="Другие действия").click()
    other.get_by_role("menuitem", name="Удалить").click()
    other.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    expect(menu).to_be_hidden()


@pytest.mark.parametrize(
    "talker",
    [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)],
    indirect=True,
)
def test_a_reply_gets_a_thumb_and_words_are_hidden_from_the_model_and_shown_again(
    talker: Person, llm: LlmServer
) -> None:
    page, reply = talker.page, talker.last_reply
    good, bad = thumb(reply, "Хороший ответ"), thumb(reply, "Плохой ответ")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[aria-live=polite]").first).to_have_text("Спасибо, оценка учтена.")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(good).to_have_attribute("aria-pressed", "false")
    page.reload()
    wait_for_line(page)
    expect(bad).to_have_attribute("aria-pressed", "true")
    bad.press("Enter")
    expect(bad).to_have_attribute("aria-pressed", "false")
    expect(bad).to_be_focused()

    question = page.locator(".message.user")
    talker.pick(question, "Скрыть от модели")
    expect(question).to_contain_text("Скрыто от модели")
    expect(question.get_by_role("button", name="Другие действия")).to_be_focused()
    expect(page.locator("[aria-live=polite]").first).to_have_text("Модель больше не читает это сообщение.")
    llm.answer("Второй ответ.")
    talker.say("Ещё вопрос")
    expect(talker.last_reply).to_contain_text("Второй ответ.")
    told = [message["content"] for message in llm.asked[-1].body["messages"]]
    assert told[-1] == "Ещё вопрос"
    assert not [words for words in told if "Мой вопрос" in words]
    question.first.get_by_role("button", name="Показать").click()
    expect(question.first).not_to_contain_text("Скрыто от модели")
    expect(question.first.get_by_role("button", name="Другие действия")).to_be_focused()


@pytest.mark.parametrize("talker", [DESKTOP], ids=["desktop"], indirect=True)
def test_the_menu_of_a_message_is_walked_by_keys_and_gives_the_focus_back(talker: Person) -> None:
    page = talker.page
    more = talker.last_reply.get_by_role("button", name="Другие действия")
    more.press("Enter")
    items = page.get_by_role("menu", name="Другие действия").get_by_role("menuitem")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(items.first).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name="Удалить")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("talker", [PHONE], ids=["phone"], indirect=True)
def test_on_a_phone_versions_and_actions_share_a_line_and_the_rest_is_in_the_menu(
    talker: Person, llm: LlmServer
) -> None:
    llm.answer("Другой ответ на то же.")
    talker.last_reply.get_by_role("button", name="Другой ответ").click()
    expect(talker.last_reply).to_contain_text("Другой ответ на то же.")
    row = talker.last_reply.locator(".message-row")
    expect(row.locator("[data-action]:enabled")).to_have_count(5)  # back, another, copy, regenerate, more
    tops = {box["y"] for each in row.locator("button").all() if (box := each.bounding_box())}
    assert len(tops) == 1
    menu = open_menu(talker, talker.last_reply)
    names = [
        "Изменить",
        "Хороший ответ",
        "Плохой ответ",
        "Новый чат с этого места",
        "Закрепить в памяти",
        "Скрыть от модели",
        "Пожаловаться",
        "Удалить",
    ]
    expect(menu.get_by_role("menuitem")).to_have_text(names)
    menu.get_by_role("menuitem", name="Хороший ответ").click()
    expect(talker.page.get_by_text("Спасибо, оценка учтена.")).to_be_visible()  # which the next menu goes by
    open_menu(talker, talker.last_reply)
    menu.get_by_role("menuitem", name="Убрать оценку").click()
    expect(talker.page.get_by_text("Оценка убрана.")).to_be_visible()
    open_menu(talker, talker.last_reply)
    expect(menu.get_by_role("menuitem", name="Хороший ответ")).to_be_visible()

"""Ways back: whatever one does in a conversation, what was said stays in reach."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person
from tests.llm_server import LlmServer


@pytest.fixture
def talker(person: Callable[[str], Person], llm: LlmServer, request: pytest.FixtureRequest) -> Person:
    somebody = person(re.sub(r"\W", "", request.node.name)[-24:])
    arrive(somebody)
    begin_chat(somebody)
    for words, reply in (("Раз", "*Кивает.* Один."), ("Два", "Двойка.")):
        llm.answer(reply)
        somebody.say(words)
        expect(somebody.last_reply).to_contain_text(reply.split()[-1])
        expect(somebody.page.get_by_role("button", name="Отправить")).to_be_visible()
    return somebody


@pytest.mark.slow
def test_what_one_has_said_stays_in_reach(talker: Person, llm: LlmServer) -> None:
    page, last = talker.page, talker.last_reply
    talker.pick(last, "Удалить")
    page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    expect(page.get_by_role("button", name="Получить ответ")).to_be_visible()
    llm.answer("Снова двойка.")
    talker.composer.press("Control+Enter")
    expect(last).to_contain_text("Снова двойка.")
    expect(page.get_by_role("button", name="Получить ответ")).to_have_count(0)
    expect(page.locator(".message.user").last).to_contain_text("Два")

    llm.answer("Единица.")
    talker.replies.nth(1).hover()
    talker.replies.nth(1).get_by_role("button", name="Другой ответ").click()
    expect(last).to_contain_text("Единица.")
    expect(last).to_contain_text("Чат пошёл дальше в другом варианте.")
    page.get_by_role("button", name="Вернуться к нему").click()
    expect(last).to_contain_text("Снова двойка.")

    last.get_by_role("button", name="Изменить").click()
    box = last.get_by_role("textbox", name="Изменить")
    expect(box).to_have_value("Снова двойка.")
    box.fill("Пусть будет *три*.")
    last.get_by_role("button", name="Сохранить").click()
    expect(last.locator("em")).to_have_text("три")
    expect(last).to_contain_text("Изменено вами")
    expect(last.locator(".siblings span")).to_have_text("2/2")

    page.get_by_role("banner").get_by_role("button", name="Действия: Тихон Рогозин").click()
    page.get_by_role("menuitem", name="Переименовать").click()
    page.get_by_role("textbox", name="Название чата").fill("Счёт")
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner").get_by_role("link", name="Счёт")).to_be_visible()
    expect(page).to_have_title(re.compile("^Счёт"))

    talker.open("/deleted")
    line = page.get_by_role("listitem").filter(has_text="Двойка.")
    expect(line).to_contain_text("Сообщение · Счёт")
    line.get_by_role("button", name="Вернуть").click()
    expect(page.get_by_text("ничего не удалено")).to_be_visible()


def test_the_keys_are_told_on_a_question_mark(talker: Person) -> None:
    page = talker.page
    window = page.get_by_role("dialog", name="Клавиши")
    talker.composer.press("Control+Slash")
    expect(window).to_contain_text("другой ответ")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(talker.composer).to_be_focused()
    talker.composer.press("?")
    expect(talker.composer).to_have_value(re.compile(r"^\?$"))
    expect(window).to_be_hidden()

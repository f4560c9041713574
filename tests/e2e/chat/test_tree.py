"""Message tree in the browser: other replies, other words, deleting, going on, long conversations."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.chat.long_talk import talk_for_long
from tests.e2e.people import Person
from tests.llm_server import LlmServer

LONG_TALK = 200


@pytest.fixture
def talker(person: Callable[[str], Person], llm: LlmServer, request: pytest.FixtureRequest) -> Person:
    """Somebody in a fresh chat with Tikhon, one question and its answer into it."""
    somebody = person(re.sub(r"\W", "", request.node.name)[-24:])
    arrive(somebody)
    begin_chat(somebody)
    llm.answer("Первый ответ.")
    somebody.say("Первый вопрос")
    expect(somebody.last_reply).to_contain_text("Первый ответ.")
    expect(somebody.page.get_by_role("button", name="Отправить")).to_be_visible()
    return somebody


def siblings(message: Locator) -> Locator:
    return message.locator(".siblings span")


def question(talker: Person) -> Locator:
    return talker.page.locator(".message.user").last


def test_another_reply_and_other_words_stand_beside_the_old(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    llm.answer("Второй ответ.")
    talker.last_reply.get_by_role("button", name="Другой ответ").click()
    expect(talker.last_reply).to_contain_text("Второй ответ.")
    expect(siblings(talker.last_reply)).to_have_text("2/2")
    back = talker.last_reply.get_by_role("button", name="Предыдущий вариант")
    expect(back).to_be_enabled()  # once the reply is over; a key, unlike a click, does not wait for that
    back.press("Enter")
    expect(talker.last_reply).to_contain_text("Первый ответ.")
    expect(siblings(talker.last_reply)).to_have_text("1/2")
    expect(talker.last_reply.get_by_role("button", name="Следующий вариант")).to_be_focused()
    page.reload()
    expect(talker.last_reply).to_contain_text("Первый ответ.")  # the chosen path is kept

    question(talker).hover()
    question(talker).get_by_role("button", name="Изменить").click()
    box = page.get_by_role("textbox", name="Изменить")
    expect(box).to_be_focused()
    expect(box).to_have_value("Первый вопрос")
    box.fill("Передумал")
    box.press("Escape")
    expect(question(talker)).to_contain_text("Первый вопрос")
    question(talker).get_by_role("button", name="Изменить").click()
    llm.answer("Ответ на новое.")
    box.fill("Вопрос иначе")
    box.press("Control+Enter")
    expect(question(talker)).to_contain_text("Вопрос иначе")
    expect(siblings(question(talker))).to_have_text("2/2")
    expect(talker.last_reply).to_contain_text("Ответ на новое.")
    question(talker).get_by_role("button", name="Предыдущий вариант").click()
    expect(question(talker)).to_contain_text("Первый вопрос")
    expect(talker.last_reply).to_contain_text("Первый ответ.")  # the branch last read there
    expect(page.locator(".message")).to_have_count(3)


def test_the_keys_of_an_empty_composer_walk_the_tree(talker: Person, llm: LlmServer) -> None:
    llm.answer("Второй ответ.")
    talker.composer.press("Control+Enter")
    expect(talker.last_reply).to_contain_text("Второй ответ.")
    expect(talker.page.get_by_role("button", name="Отправить")).to_be_visible()
    talker.composer.press("ArrowLeft")
    expect(talker.last_reply).to_contain_text("Первый ответ.")
    talker.composer.press("ArrowRight")
    expect(talker.last_reply).to_contain_text("Второй ответ.")
    talker.composer.press("ArrowUp")
    box = talker.page.get_by_role("textbox", name="Изменить")
    expect(box).to_be_focused()
    box.press("Escape")
    expect(talker.composer).to_be_focused()


def test_deleting_asks_once_and_can_be_taken_back(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    llm.answer("Ещё ответ.")
    talker.say("Ещё вопрос")
    expect(talker.last_reply).to_contain_text("Ещё ответ.")
    expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    first = page.locator(".message.user").first
    talker.pick(first, "Удалить")
    expect(page.get_by_role("button", name="Отмена")).to_be_focused()
    page.keyboard.press("Escape")
    expect(first.get_by_role("button", name="Другие действия")).to_be_focused()
    expect(page.locator(".message")).to_have_count(5)
    talker.pick(first, "Удалить")
    page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    expect(page.locator(".message")).to_have_count(1)
    page.get_by_role("button", name="Вернуть").click()
    expect(page.locator(".message")).to_have_count(5)
    expect(talker.last_reply).to_contain_text("Ещё ответ.")


@pytest.mark.slow
def test_deleting_an_edited_message_says_that_it_stands_as_it_was_before(talker: Person, llm: LlmServer) -> None:
    """Whoever reads nothing but “deleted” and sees a message there thinks that it has failed."""
    page = talker.page
    llm.answer("Ответ на новое.")
    question(talker).get_by_role("button", name="Изменить").click()
    editor = page.get_by_role("textbox", name="Изменить")
    editor.fill("Вопрос иначе")
    editor.press("Control+Enter")
    expect(talker.last_reply).to_contain_text("Ответ на новое.")
    expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    talker.pick(question(talker), "Удалить")
    page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    expect(question(talker)).to_contain_text("Первый вопрос")
    notice = page.get_by_role("status").filter(has_text="прежний вариант")
    expect(notice).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 640})
    box = notice.bounding_box()
    assert box
    assert box["x"] >= 0, "all of it can be read on a phone"
    assert box["x"] + box["width"] <= 360
    page.get_by_role("button", name="Вернуть").click()
    expect(question(talker)).to_contain_text("Вопрос иначе")


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_the_notice_of_a_deletion_leaves_the_last_message_to_be_used(talker: Person, width: int) -> None:
    page = talker.page
    page.set_viewport_size({"width": width, "height": 480})  # the talk is longer than that
    page.reload()  # a menu that is open when the window's size changes closes
    talker.pick(talker.last_reply, "Удалить")
    page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    notice = page.get_by_role("status").filter(has=page.get_by_role("button", name="Вернуть"))
    last = question(talker)
    last.get_by_role("button", name="Изменить").click()
    expect(page.get_by_role("textbox", name="Изменить")).to_be_focused()
    page.keyboard.press("Escape")
    over, under = notice.bounding_box(), last.bounding_box()
    assert over
    assert under
    assert under["y"] + under["height"] <= over["y"], "the notice lies below the message and its buttons"


@pytest.mark.slow
def test_another_chat_begins_with_the_same_past(talker: Person, llm: LlmServer) -> None:
    page, before = talker.page, talker.page.url
    llm.answer("Второй ответ.")
    talker.say("Второй вопрос")
    expect(talker.last_reply).to_contain_text("Второй ответ.")
    talker.pick(talker.replies.nth(1), "Новый чат с этого места")
    expect(page.locator(".message")).to_have_count(3)
    expect(talker.last_reply).to_contain_text("Первый ответ.")
    assert page.url != before
    llm.answer("Другой ответ.")
    talker.say("Другой вопрос")
    expect(talker.last_reply).to_contain_text("Другой ответ.")
    talker.open(before)
    expect(page.locator(".message")).to_have_count(5)


@pytest.mark.slow
def test_a_stopped_reply_goes_on(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    llm.answer(" ".join(f"Слово{n}." for n in range(1, 61)), style="fine", fault="waits")
    talker.say("Расскажи")
    llm.go_on(6)
    expect(talker.last_reply).to_contain_text("Слово2.")
    talker.composer.press("Escape")
    expect(talker.last_reply).to_contain_text("Остановлено вами")
    kept = talker.last_words()
    llm.answer("И вот чем кончилось.")
    talker.last_reply.get_by_role("button", name="Продолжить").click()
    expect(talker.last_reply).to_contain_text("И вот чем кончилось.")
    expect(page.get_by_text("Остановлено вами")).to_have_count(0)
    assert talker.last_words().startswith(kept)
    expect(page.locator(".message")).to_have_count(5)


@pytest.mark.slow
def test_several_greetings_are_siblings_of_the_first_words(person: Callable[[str], Person]) -> None:
    vera = person("Veragreets")
    arrive(vera)
    vera.open("/characters/new")
    page = vera.page
    page.get_by_label("Имя", exact=True).fill("Двуликая")
    page.get_by_label("Пол").select_option("женский")
    page.get_by_label("Кто это (для модели)").fill("Ты — Двуликая.")
    vera.tab("Речь")
    page.get_by_label("Приветствие", exact=True).fill("Доброе утро!")
    page.get_by_role("button", name="Ещё одно приветствие").click()
    page.get_by_role("textbox", name="Ещё одно приветствие").fill("Добрый вечер!")
    vera.save()
    vera.begin_chat()
    expect(vera.last_reply).to_contain_text("Доброе утро!")
    expect(siblings(vera.last_reply)).to_have_text("1/2")
    vera.last_reply.get_by_role("button", name="Следующий вариант").click()
    expect(vera.last_reply).to_contain_text("Добрый вечер!")
    page.reload()
    expect(vera.last_reply).to_contain_text("Добрый вечер!")


@pytest.mark.slow
def test_a_long_talk_opens_at_its_end_and_older_words_come_without_a_jump(talker: Person) -> None:
    page = talker.page
    ids = talk_for_long(talker, LONG_TALK)
    page.reload()
    expect(talker.last_reply).to_contain_text(f"Сказанное {LONG_TALK}.")
    assert page.locator(".message").count() <= 60, "only a window of the talk is in the page"

    scroll = page.locator(".chat-scroll")
    read = page.locator(f"#m{ids[-40]}")
    read.scroll_into_view_if_needed()
    where = "message => (document.querySelector('.chat-scroll').scrollTop = 400, message.getBoundingClientRect().top)"
    before = read.evaluate(where)
    expect(page.locator(f"#m{ids[-60]}")).to_be_attached()
    after = read.evaluate("message => message.getBoundingClientRect().top")
    assert abs(after - before) < 2, "the words being read stay where they are"
    for first in (ids[-100], ids[-150], ids[0]):
        scroll.press("Home")
        expect(page.locator(f"#m{first}")).to_be_attached()
    scroll.press("Home")
    expect(page.locator(".message").first).to_contain_text("Двести восемь")
    assert page.locator(".message").count() <= 151, "and what is far away is let go"

    wanted = ids[60]
    talker.open(f"{page.url.split('#')[0]}#m{wanted}")
    page.reload()
    expect(page.locator(f"#m{wanted}")).to_be_in_viewport()
    page.get_by_role("button", name="К последним").click()
    expect(talker.last_reply).to_contain_text(f"Сказанное {LONG_TALK}.")
    expect(talker.last_reply).to_be_in_viewport()

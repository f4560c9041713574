"""Outages around a conversation: the network breaks, the server is stopped, the database or the model is away.

Reloads, a second tab and a killed server: test_conversation.py. `LONG_TESTS=1` adds a minute without network.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.database import WAIT
from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.line import Line
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

STORY = " ".join(f"Слово{n}." for n in range(1, 61))
LAST = "Слово60."
QUEUED = 4 * WAIT
"""Seconds within which who writes is refused while the file is locked: what runs in the background and their own draft
may be ahead of them, and each waits for the lock by itself.
"""


def dialog_with_tikhon(browser: Browser, product: Product, name: str) -> Person:
    person = Person(browser, product, name)
    arrive(person)
    begin_chat(person)
    return person


@contextmanager
def locked(product: Product) -> Generator[None]:
    """Nobody else can write to the database, as while another program copies it."""
    with closing(sqlite3.connect(product.data / "beseda.db", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield


def kept(product: Product, person: Person) -> list[tuple[str, str, str]]:
    """(role, state, text) of every message of the dialog on the person's screen, as the database has them."""
    with sqlite3.connect(product.data / "beseda.db") as database:
        rows = database.execute(
            "SELECT role, state, text FROM message WHERE dialog_id = ? ORDER BY id", (person.page.url.split("/")[-1],)
        )
        return list(rows)


def check_that_it_shows_what_is_kept(product: Product, person: Person, page: Page) -> None:
    expect(page.locator(".message.assistant").last).to_contain_text(LAST, timeout=60_000)
    expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    _greeting, *texts = page.locator(".message .bubble").all_inner_texts()
    assert texts == [text for _role, _state, text in kept(product, person)[1:]]


@pytest.fixture
def line() -> Generator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.mark.slow
@pytest.mark.breaks_the_line
@pytest.mark.parametrize(
    "outages",
    [
        pytest.param((1, 10), id="1 s and 10 s"),
        pytest.param(
            (60,), id="60 s", marks=pytest.mark.skipif("LONG_TESTS" not in os.environ, reason="takes over a minute")
        ),
    ],
)
def test_a_page_without_network_in_mid_reply_comes_back_to_the_whole_of_it(
    browser: Browser, llm: LlmServer, line: Line, tmp_path: Path, outages: tuple[int, ...]
) -> None:
    """A3"""
    product = Product(tmp_path, API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url, PUBLIC_URL=line.url)
    line.target = product.port
    product.start()
    product.url = line.url
    olga = dialog_with_tikhon(browser, product, "Olga")
    for n, seconds in enumerate(outages, start=1):
        llm.answer(STORY, style="fine", pause=0.02)
        olga.say(f"Расскажи, я пропаду на {seconds} с")
        expect(olga.page.locator(".message")).to_have_count(1 + 2 * n)
        expect(olga.last_reply).to_contain_text("Слово5.")
        with line.cut():
            time.sleep(seconds)
        check_that_it_shows_what_is_kept(product, olga, olga.page)
    olga.page.reload()
    check_that_it_shows_what_is_kept(product, olga, olga.page)
    assert [text for role, _state, text in kept(product, olga) if role == "assistant"][1:] == [STORY] * len(outages)
    olga.leave()
    product.stop()


@pytest.mark.slow
def test_tabs_and_devices_agree_and_take_turns(browser: Browser, product: Product, llm: LlmServer) -> None:
    """A4"""
    first = dialog_with_tikhon(browser, product, "Vera")
    elsewhere = Person(browser, product, "Vera")
    elsewhere.open("/log-in")
    elsewhere.log_in()
    elsewhere.page.wait_for_url(f"{product.url}/")
    tab = first.context.new_page()
    for page in (tab, elsewhere.page):
        page.goto(first.page.url)
        wait_for_line(page)
        expect(page.get_by_role("textbox", name="Сообщение")).to_be_visible()

    llm.answer(STORY, style="fine", fault="waits")
    first.composer.fill("Говорю с телефона")
    elsewhere.composer.fill("Говорю из дома")
    first.composer.press("Enter")
    elsewhere.composer.press("Enter")
    llm.go_on(12)
    for page in (first.page, tab, elsewhere.page):
        expect(page.locator(".message.assistant").last).to_contain_text("Слово5.")
    expect(elsewhere.page.get_by_text("предыдущий ответ ещё пишется")).to_be_visible()
    expect(elsewhere.composer).to_have_value("Говорю из дома")
    llm.go_on()
    for page in (first.page, tab, elsewhere.page):
        check_that_it_shows_what_is_kept(product, first, page)
    expect(first.page.locator(".message")).to_have_count(3)

    llm.answer(STORY)
    elsewhere.composer.press("Enter")
    for page in (first.page, tab, elsewhere.page):
        expect(page.locator(".message")).to_have_count(5)
        check_that_it_shows_what_is_kept(product, first, page)
    assert [text for role, _state, text in kept(product, first) if role == "user"] == [
        "Говорю с телефона",
        "Говорю из дома",
    ]
    first.leave()
    elsewhere.leave()


@pytest.mark.slow
@pytest.mark.breaks_the_line
def test_a_server_being_stopped_lets_replies_end_and_marks_the_rest(
    browser: Browser, llm: LlmServer, tmp_path: Path
) -> None:
    """A2"""
    grace = 5
    product = Product(tmp_path, API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url, SHUTDOWN_GRACE=str(grace))
    product.start()
    quick, stuck = [dialog_with_tikhon(browser, product, name) for name in ("Kira", "Stas")]
    llm.answer("Первое. Второе. Третье.", fault="stall")
    stuck.say("Расскажи, не торопясь")
    expect(stuck.last_reply).to_contain_text("Второе.")
    llm.answer(STORY, fault="waits")
    quick.say("Расскажи покороче")
    llm.go_on(10)
    expect(quick.last_reply).to_contain_text("Слово5.")

    began = time.monotonic()
    product.begin_to_stop()
    llm.go_on()
    expect(quick.page.get_by_text("Нет связи.")).to_be_visible()
    quick.composer.fill("Ты ещё здесь?")
    assert product.ended() == 0
    assert time.monotonic() - began < grace + 40, "by design, no more; two minutes if it waited for who is stuck"
    assert kept(product, quick)[1:] == [("user", "done", "Расскажи покороче"), ("assistant", "done", STORY)]
    assert kept(product, stuck)[1:] == [
        ("user", "done", "Расскажи, не торопясь"),
        ("assistant", "interrupted", "Первое. Второе. "),
    ]

    product.start()
    expect(stuck.last_reply).to_contain_text("Ответ прервался", timeout=60_000)
    expect(stuck.last_reply).to_contain_text("Первое. Второе.")
    expect(quick.last_reply).to_contain_text(LAST, timeout=60_000)
    expect(quick.composer).to_have_value("Ты ещё здесь?")
    expect(quick.page.get_by_text("Нет связи.")).to_have_count(0)
    for each in (quick, stuck):
        each.leave()
    product.stop()


@pytest.mark.slow
@pytest.mark.breaks_the_line
def test_what_is_said_to_a_server_that_is_down_goes_by_itself_once_it_is_back(
    browser: Browser, llm: LlmServer, tmp_path: Path
) -> None:
    product = Product(tmp_path, API_KEY="a-key", FOLDER_ID="b1gfolder", BASE_URL=llm.url)
    product.start()
    lena = dialog_with_tikhon(browser, product, "Lena")
    product.kill()
    expect(lena.page.get_by_text("Нет связи. Написанное сохранено")).to_be_visible()
    lena.say("Ты здесь?")
    llm.answer("Здесь.")
    product.start()
    expect(lena.last_reply).to_contain_text("Здесь.", timeout=60_000)
    expect(lena.composer).to_have_value("")
    expect(lena.page.get_by_text("Нет связи.")).to_have_count(0)
    assert [text for role, _state, text in kept(product, lena) if role == "user"] == ["Ты здесь?"], "and once"
    lena.leave()
    product.stop()


@pytest.mark.slow
def test_words_that_cannot_be_kept_stay_in_the_box(browser: Browser, product: Product, llm: LlmServer) -> None:
    """D1"""
    inna = dialog_with_tikhon(browser, product, "Inna")
    alert = inna.page.get_by_role("alert").filter(has_text="Сохранить не удалось")
    with locked(product):
        inna.say("Не потеряй это")
        expect(alert).to_be_visible(timeout=QUEUED * 1000)
    expect(inna.composer).to_have_value("Не потеряй это")
    assert len(kept(product, inna)) == 1, "nothing half written"

    llm.answer(STORY)
    inna.composer.press("Enter")
    expect(alert).to_be_hidden()
    check_that_it_shows_what_is_kept(product, inna, inna.page)
    expect(inna.page.locator(".message")).to_have_count(3)

    llm.answer(STORY)
    with locked(product):
        inna.say("И это.")
        inna.page.keyboard.insert_text(" А это ещё нет.")
    expect(inna.composer).to_have_value("А это ещё нет.")  # what was sent is not sent once more with it
    expect(inna.page.locator(".message")).to_have_count(5)
    check_that_it_shows_what_is_kept(product, inna, inna.page)

    # The server looks at open pages' sessions each half minute: if just now, it would lead to the log-in before Enter.
    inna.page.evaluate("window.leaving = true")
    with closing(sqlite3.connect(product.data / "beseda.db", isolation_level=None)) as database:
        database.execute("UPDATE login_session SET expires_at = created_at")
    inna.composer.press("Enter")
    expect(inna.page.get_by_role("button", name="Войти")).to_be_visible()
    inna.log_in()
    expect(inna.composer).to_have_value("А это ещё нет.")
    inna.leave()


@pytest.mark.slow
def test_an_unreachable_model_leaves_everything_else_in_order(browser: Browser, tmp_path: Path) -> None:
    """L16"""
    product = Product(tmp_path, API_KEY="a-key", BASE_URL="http://model.invalid/v1", LLM_MODEL="some-model")
    product.start()
    lev = dialog_with_tikhon(browser, product, "Lev")
    lev.say("Есть кто живой?")
    expect(lev.last_reply).to_contain_text(
        "временно недоступен", timeout=60_000
    )  # some networks take long to know no such name
    elsewhere = Person(browser, product, "Lev")
    elsewhere.open(lev.page.url)
    elsewhere.log_in()
    expect(elsewhere.page.locator(".message.user")).to_contain_text("Есть кто живой?")
    expect(elsewhere.last_reply).to_contain_text("временно недоступен")
    expect(elsewhere.page.get_by_role("button", name="Повторить")).to_be_visible()
    for each in (lev, elsewhere):
        each.leave()
    assert product.stop() == 0

"""Two instances on one PostgreSQL: whoever looks at one sees what happens in the other."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from itertools import count

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.people import AT_ONCE, PASSWORD, Person, wait_for_line
from tests.e2e.product import Product
from tests.instances.conftest import seconds_until
from tests.llm_server import LlmServer
from tests.postgres import Server

pytestmark = pytest.mark.slow

TEXT = "Море сегодня тихое. А маяк горит ровно, и видно далеко. "
ADMIN = "admin@instances.test"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'beseda bus'"


numbers = count(1)


@pytest.fixture(scope="module")
def database(postgres: Server) -> str:
    return postgres.create("instances")


@pytest.fixture(scope="module")
def instances(
    llm: LlmServer, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[Product, Product]]:
    folder = tmp_path_factory.mktemp("instances")
    settings = {"BASE_URL": llm.url, "LLM_MODEL": "m", "DATABASE_URL": database, "ADMIN_EMAILS": ADMIN}
    a = Product(folder, INSTANCE="a", **settings)
    b = a.another("b")
    a.start()
    b.start()
    yield a, b
    for each in (a, b):
        each.stop()


@pytest.fixture
def ira(browser: Browser, instances: tuple[Product, Product]) -> Generator[Person]:
    """Somebody new for each test, who comes in by the first instance."""
    instances[0].host = f"{next(numbers)}.example.test"
    person = Person(browser, instances[0], "Ira")
    person.sign_up()
    yield person
    person.leave()


@pytest.fixture
def ada(browser: Browser, instances: tuple[Product, Product]) -> Generator[Person]:
    """The admin, the same for each test, who comes in by the first instance."""
    instances[0].host = "instances.test"
    ada = Person(browser, instances[0], "Admin")
    account = {"login": ada.email, "password": PASSWORD}
    if httpx.post(f"{instances[0].url}/api/auth/login", json=account, timeout=30).is_error:
        ada.sign_up()
    else:
        ada.open("/log-in")
        ada.log_in()
        expect(ada.page).to_have_url(f"{instances[0].url}/")
    yield ada
    ada.leave()


@pytest.fixture
def admin(ada: Person, instances: tuple[Product, Product]) -> Generator[httpx.Client]:
    """The admin's program, at the second instance."""
    with httpx.Client(base_url=instances[1].url, timeout=30) as client:
        tokens = client.post("/api/auth/login", json={"login": ada.email, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        yield client


def at(other: Product, context: BrowserContext, address: str) -> Page:
    """One more page of the same browser, by the other instance."""
    page = context.new_page()
    page.goto(other.url + address)
    wait_for_line(page)
    return page


def cut_the_bus(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(CUT)


def address_of(page: Page) -> str:
    return "/" + page.url.split("/", 3)[3]


def test_a_page_follows_what_the_other_instance_writes_to_the_last_letter(
    ira: Person, instances: tuple[Product, Product], llm: LlmServer
) -> None:
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    elsewhere = at(instances[1], ira.context, address_of(ira.page))
    llm.answer(TEXT * 6, style="fine", fault="waits")
    ira.say("Как море?")
    llm.go_on(6)
    question = elsewhere.locator(".message.user")
    expect(question).to_contain_text("Как море?")
    reply = elsewhere.locator(".message.assistant").last
    expect(reply).to_contain_text("Море сегодня тихое.")
    expect(elsewhere.get_by_role("button", name="Остановить")).to_be_visible()
    llm.go_on()
    expect(elsewhere.get_by_role("button", name="Остановить")).to_have_count(0, timeout=60_000)
    expect(reply.locator(".bubble")).to_have_text((TEXT * 6).strip())
    expect(ira.last_reply.locator(".bubble")).to_have_text((TEXT * 6).strip())


def test_stop_works_in_either(ira: Person, instances: tuple[Product, Product], llm: LlmServer) -> None:
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    elsewhere = at(instances[1], ira.context, address_of(ira.page))
    llm.answer(fault="endless", style="fine", pause=0.05)
    ira.say("Рассказывай")
    expect(elsewhere.locator(".message.assistant").last).to_contain_text("Хорошо")
    elsewhere.get_by_role("button", name="Остановить").click()
    for page in (elsewhere, ira.page):
        expect(page.locator(".message.assistant").last).to_contain_text("Остановлено вами")
        expect(page.get_by_role("button", name="Остановить")).to_have_count(0)


def test_the_list_of_chats_changes_in_both(ira: Person, instances: tuple[Product, Product], llm: LlmServer) -> None:
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    elsewhere = at(instances[1], ira.context, "/chat")
    llm.answer("Тихо.")
    ira.say("Есть кто?")
    expect(elsewhere.locator(".dialog-snippet").first).to_contain_text("Тихо.")


def test_who_logs_out_in_one_leaves_in_the_other(ira: Person, instances: tuple[Product, Product]) -> None:
    elsewhere = at(instances[1], ira.context, "/profile")
    ira.page.get_by_role("button", name="Меню").click()
    ira.page.get_by_text("Выйти").click()
    expect(elsewhere.get_by_role("banner").get_by_role("link", name="Регистрация")).to_be_visible()
    assert address_of(elsewhere) == "/log-in?next=/profile"


@pytest.mark.loses_access
def test_who_is_blocked_in_one_reads_why_in_the_other_and_the_reply_stops(
    ira: Person, admin: httpx.Client, instances: tuple[Product, Product], llm: LlmServer
) -> None:
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    elsewhere = at(instances[1], ira.context, "/chat")
    llm.answer(fault="endless", style="fine", pause=0.02)
    ira.say("Расскажите длинную историю")
    expect(ira.last_reply).to_contain_text("море")
    (person_id,) = [each["id"] for each in admin.get("/api/admin/users").json() if each["email"] == ira.email]
    admin.post(f"/api/admin/users/{person_id}/block", json={"blocked": True}).raise_for_status()
    for page in (ira.page, elsewhere):
        page.wait_for_url("**/blocked", timeout=AT_ONCE)
    expect(ira.page.get_by_role("heading", name="Ваш аккаунт заблокирован")).to_be_visible()


def test_a_report_in_one_is_decided_in_the_other_and_whoever_reported_learns_of_it(
    ira: Person, ada: Person, instances: tuple[Product, Product]
) -> None:
    queue = at(instances[1], ada.context, "/admin/reports")
    expect(queue.get_by_text("Здесь пусто.")).to_be_visible()
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    ira.pick(ira.last_reply, "Пожаловаться")
    ira.page.get_by_role("radio", name="Реклама").click()
    ira.page.get_by_role("button", name="Отправить жалобу").click()
    expect(queue.locator(".admin-badge:visible")).to_have_text("1")
    expect(queue.locator(".queue-card")).to_contain_text("Тихон Рогозин")
    queue.keyboard.press("r")
    queue.get_by_role("dialog").get_by_role("button", name="Отклонить").click()
    expect(queue.get_by_text("Здесь пусто.")).to_be_visible()
    expect(ira.page.locator(".standing")).to_contain_text("Нарушений не нашлось")


def test_what_is_announced_in_one_stands_on_every_page_of_the_other(
    ira: Person, ada: Person, instances: tuple[Product, Product]
) -> None:
    ira.open("/chat")
    elsewhere = at(instances[1], ada.context, "/admin/announcements")
    elsewhere.get_by_role("button", name="Новое объявление").click()
    elsewhere.get_by_label("По-русски").fill("В полночь Беседа уснёт на пять минут.")
    elsewhere.get_by_role("button", name="Объявить").click()
    expect(ira.page.locator(".announcement")).to_contain_text("уснёт на пять минут")


def test_a_cut_bus_is_mended_and_pages_catch_up(
    ira: Person, instances: tuple[Product, Product], llm: LlmServer, database: str
) -> None:
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    elsewhere = at(instances[1], ira.context, address_of(ira.page))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'beseda bus'"
        )
    llm.answer("Тихо и ясно.")
    ira.say("Как там?")
    expect(elsewhere.locator(".message.assistant").last).to_contain_text("Тихо и ясно.")
    for product in instances:
        seconds_until(is_mended, product)


def is_mended(product: Product) -> bool:
    """Whether its bus was down, and up again each time: twice, if the machine has stood still for seconds."""
    log = product.log.read_text()
    return 0 < log.count("bus between instances is down") == log.count("bus between instances is up again")


def test_what_an_instance_missed_while_it_stood_still_its_pages_show_afterwards(
    ira: Person, instances: tuple[Product, Product], llm: LlmServer, database: str
) -> None:
    """Its line is cut meanwhile, so that nothing waits for it there either."""
    ira.choose("Тихон Рогозин")
    ira.begin_chat()
    elsewhere = at(instances[1], ira.context, address_of(ira.page))
    listed = at(instances[1], ira.context, "/chat")
    expect(listed.locator(".dialog-snippet").first).not_to_be_empty()
    os.kill(instances[1].pid, signal.SIGSTOP)
    try:
        cut_the_bus(database)
        llm.answer("Пока вы спали, море успокоилось.")
        ira.say("Что нового?")
        expect(ira.last_reply).to_contain_text("море успокоилось.")
        expect(ira.page.get_by_role("button", name="Остановить")).to_have_count(0)
    finally:
        os.kill(instances[1].pid, signal.SIGCONT)
    expect(elsewhere.locator(".message.user")).to_contain_text("Что нового?")
    expect(elsewhere.locator(".message.assistant").last).to_contain_text("море успокоилось.")
    expect(listed.locator(".dialog-snippet").first).to_contain_text("море успокоилось.")

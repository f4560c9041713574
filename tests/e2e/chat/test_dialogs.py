"""Dialog list in the browser: name, pin, find, throw away and take back, export and import."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

SEA = "Вчера на берегу нашлось кое-что: у моря лежал Ёжик."


def saved(name: str, *talk: tuple[int, int | None, str, str]) -> dict[str, object]:
    """A file with a talk of (id, parent, role, text), read to its last message."""
    moment = "2026-01-01T12:00:00+00:00"
    keys = ("id", "parent_id", "role", "text")
    return {
        "format": "beseda-dialog",
        "version": 1,
        "character": {"id": 1, "name": name},
        "title": "",
        "started_at": moment,
        "messages": [dict(zip(keys, each, strict=True)) | {"state": "done", "created_at": moment} for each in talk],
        "leaf_id": talk[-1][0],
    }


TALKS = (
    saved(
        "Тихон Рогозин",
        (1, None, "assistant", "Заходите. Ежи вышли к морю, у моря тихо."),
        (2, 1, "user", "Что нового?"),
        (3, 2, "assistant", SEA),
        (4, 2, "assistant", "Туман, и только."),
    ),
    saved("Аглая Ветрова", (1, None, "assistant", "Здравствуйте.")),
)


@pytest.fixture(scope="module")
def somebody(browser: Browser, product: Product) -> Generator[Person]:
    somebody = Person(browser, product, "Lidia")
    arrive(somebody)
    yield somebody
    somebody.leave()


@pytest.fixture
def talker(somebody: Person) -> Generator[Person]:
    """Somebody with two chats: one with Tikhon, who gave two answers, and one with Aglaya, which is open."""
    send = somebody.context.request.post
    for talk in TALKS:
        address = send(f"{somebody.product.url}/feed/dialogs/import", data=talk).json()["url"]
    somebody.open(address)
    yield somebody
    wait_for_line(somebody.page)
    somebody.page.goto("about:blank")  # no page may still ask for what is now gone
    with sqlite3.connect(somebody.product.data / "beseda.db", timeout=10) as rows:
        rows.execute("UPDATE dialog SET deleted_at = started_at")


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Чаты").get_by_role("listitem").filter(has_text=name)


def listens(page: Page) -> None:
    """Wait until a page just come to hears its person."""
    wait_for_line(page)


def choose(page: Page, name: str, action: str) -> None:
    """From the menu of a line, by the keyboard."""
    line(page, name).get_by_role("button", name=f"Действия: {name}").press("Enter")
    page.get_by_role("menuitem", name=action, exact=True).press("Enter")


def test_a_drawer_over_the_chat_takes_the_focus_closes_with_esc_and_gives_it_back(talker: Person) -> None:
    page, before = talker.page, talker.page.viewport_size
    assert before
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()  # drawers take some moments to notice another width
    wait_for_line(page)
    about = page.get_by_role("button", name="О персонаже")
    about.press("Enter")
    expect(page.locator(".q-drawer--right")).to_be_in_viewport()
    expect(about).to_be_focused()  # there is room beside the chat
    about.press("Enter")
    expect(page.locator(".q-drawer--right")).not_to_be_in_viewport()

    page.set_viewport_size({"width": 800, "height": 700})
    page.reload()
    wait_for_line(page)
    for name, side in (("О персонаже", "right"), ("Чаты", "left")):
        opener, drawer = page.get_by_role("button", name=name, exact=True), page.locator(f".q-drawer--{side}")
        opener.press("Enter")
        expect(drawer).to_be_in_viewport()
        expect(drawer.locator(":focus")).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawer).not_to_be_in_viewport()
        expect(opener).to_be_focused()
    page.set_viewport_size(before)


@pytest.mark.slow
def test_a_menu_stays_open_beside_a_chat_that_scrolls_and_goes_with_its_own_list(talker: Person) -> None:
    page = talker.page
    line(page, "Тихон Рогозин").get_by_role("button").press("Enter")
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    page.get_by_role("log").dispatch_event("scroll")
    expect(menu).to_be_visible()
    page.locator("dialog.dialog-rename").dispatch_event("close")  # of a window that was open before, and tells so late
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    line(page, "Тихон Рогозин").locator("xpath=ancestor::nav").dispatch_event("scroll")
    expect(menu).to_be_hidden()


def test_a_chat_is_renamed_and_pinned_and_every_open_list_follows(talker: Person, llm: LlmServer) -> None:
    page = talker.page
    other = talker.context.new_page()
    other.goto(f"{talker.product.url}/chat")
    expect(line(other, "Тихон Рогозин")).to_be_visible()

    choose(page, "Тихон Рогозин", "Переименовать")
    field = page.get_by_role("textbox", name="Название чата")
    expect(field).to_be_focused()
    field.fill("я" * 101)
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("100")
    field.fill("Про море")
    field.press("Enter")
    expect(field).to_be_hidden()
    for each in (page, other):
        expect(line(each, "Про море")).to_be_visible()
        expect(line(each, "Тихон Рогозин")).to_have_count(0)

    choose(page, "Про море", "Закрепить")
    for each in (page, other):
        expect(each.get_by_role("heading", name="Закреплённые")).to_be_visible()
        expect(each.get_by_role("listitem").first).to_contain_text("Про море")
    expect(line(page, "Про море").get_by_role("button")).to_be_focused()  # the line has moved, and the focus with it
    choose(page, "Про море", "Переименовать")
    field.fill("Передумал")
    field.press("Escape")
    expect(line(page, "Про море").get_by_role("button")).to_be_focused()
    choose(page, "Про море", "Открепить")
    for each in (page, other):
        expect(each.get_by_role("heading", name="Закреплённые")).to_have_count(0)

    llm.answer("И я здесь.")
    talker.say("А я здесь")
    expect(line(other, "Аглая Ветрова")).to_contain_text("И я здесь.")
    expect(line(other, "Аглая Ветрова")).not_to_contain_text("печатает")
    other.close()


@pytest.mark.expects_console("ERR_FAILED")
def test_an_answer_that_comes_late_does_not_undo_what_happened_meanwhile(talker: Person) -> None:
    page = talker.page
    held: list[Route] = []
    expect(line(page, "Аглая Ветрова")).to_be_visible()  # or its own request would be the one that fails
    page.route("**/feed/dialogs", lambda route: route.abort(), times=1)
    page.reload()
    retry = page.get_by_role("button", name="Повторить")
    expect(retry).to_be_visible()
    page.route("**/feed/dialogs", lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks what it is given
    with page.expect_request("**/feed/dialogs"):
        retry.press("Enter")
    older = talker.context.request.get(f"{talker.product.url}/feed/dialogs").body()
    retry.press("Enter")  # the network is slow, so once more
    other = talker.context.new_page()
    other.goto(f"{talker.product.url}/chat")
    choose(other, "Аглая Ветрова", "Переименовать")
    other.get_by_role("textbox", name="Название чата").fill("Про чай")
    other.keyboard.press("Enter")
    expect(line(other, "Про чай")).to_be_visible()
    other.close()
    held[0].fulfill(body=older, content_type="application/json")
    expect(line(page, "Про чай")).to_be_visible()
    expect(line(page, "Аглая Ветрова")).to_have_count(0)


@pytest.mark.slow
def test_words_are_found_whatever_their_case_and_lead_to_their_message(talker: Person) -> None:
    page = talker.page
    page.keyboard.press("Control+k")
    field = page.get_by_role("searchbox", name="Искать в чатах")
    expect(field).to_be_focused()
    page.keyboard.type("МОРЯ еж")
    expect(page.get_by_text("Найден 1 чат")).to_be_visible()
    expect(line(page, "Тихон Рогозин")).to_contain_text("у моря лежал Ёжик")
    expect(line(page, "Аглая")).to_have_count(0)
    field.press("Escape")
    expect(line(page, "Аглая Ветрова")).to_be_visible()
    field.fill("дирижабль")
    expect(page.get_by_text("Ничего не найдено.")).to_be_visible()
    field.fill("лежали, ежика")
    expect(line(page, "Тихон Рогозин").locator("mark")).to_have_text(["лежал", "Ёжик"])
    field.fill("МОРЯ еж")
    expect(line(page, "Тихон Рогозин")).to_be_visible()
    field.press("ArrowDown")
    expect(line(page, "Тихон Рогозин").get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/chat/\d+#m\d+"))
    expect(talker.last_reply).to_contain_text("у моря лежал Ёжик")  # though another reply was read last

    found = page.get_by_role("group", name="Найдено в этом чате")
    expect(found).to_contain_text("2 из 2")
    found.get_by_role("button", name="Предыдущее место").click()
    expect(found).to_contain_text("1 из 2")
    expect(page.locator(".message.lit")).to_contain_text("Ежи вышли к морю")
    found.get_by_role("button", name="Следующее место").press("Enter")
    expect(page.locator(".message.lit")).to_contain_text("у моря лежал Ёжик")
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    expect(page.get_by_role("textbox", name="Сообщение")).to_be_focused()

    wait_for_line(page)
    page.goto(f"{talker.product.url}/chat")
    field.fill("")
    expect(line(page, "Аглая Ветрова")).to_be_visible()
    field.fill("Тихон")
    field.press("Enter")  # faster than anything was found: not to the first of all
    page.wait_for_url(re.compile(r"/chat/\d+"))
    expect(page.get_by_role("banner")).to_contain_text("Тихон Рогозин")
    expect(talker.last_reply).to_contain_text("у моря лежал Ёжик")


@pytest.mark.slow
def test_a_deleted_chat_can_be_taken_back_from_its_list_and_from_its_own_page(talker: Person) -> None:
    page = talker.page
    choose(page, "Тихон Рогозин", "Удалить")
    question = page.get_by_role("dialog").filter(has_text="Удалить чат «Тихон Рогозин»?")
    expect(question.get_by_role("button", name="Отмена")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(line(page, "Тихон Рогозин")).to_be_visible()
    choose(page, "Тихон Рогозин", "Удалить")
    question.get_by_role("button", name="Удалить").click()
    expect(line(page, "Тихон Рогозин")).to_have_count(0)
    expect(line(page, "Аглая Ветрова").get_by_role("link")).to_be_focused()
    page.get_by_role("button", name="Вернуть").click()
    expect(line(page, "Тихон Рогозин")).to_be_visible()

    other = talker.context.new_page()
    other.goto(page.url)
    expect(other.locator(".message")).not_to_have_count(0)
    wait_for_line(other)
    page.get_by_role("banner").get_by_role("button", name="Действия: Аглая Ветрова").click()
    page.get_by_role("menuitem", name="Удалить").click()
    page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    expect(page.get_by_role("heading", name="Мои чаты")).to_be_visible()
    expect(line(page, "Тихон Рогозин")).to_be_visible()
    expect(line(page, "Аглая Ветрова")).to_have_count(0)
    listens(page)
    with other.expect_response("**/feed/dialogs/*") as answer:
        other.evaluate("dispatchEvent(new Event('online'))")
    assert answer.value.status == 204, "the console stays silent about what was deleted meanwhile"
    expect(other.locator(".message")).not_to_have_count(0)
    other.close()
    page.get_by_role("button", name="Вернуть").click()
    expect(line(page, "Аглая Ветрова")).to_be_visible()
    assert page.url.endswith("/chat"), "a reload must not offer it again"


@pytest.mark.slow
@pytest.mark.expects_console("422 .*/feed/dialogs/import")  # a file that is no dialog
def test_a_chat_is_taken_along_and_comes_back_with_all_its_branches(talker: Person, tmp_path: Path) -> None:
    page = talker.page
    choose(page, "Тихон Рогозин", "Переименовать")
    page.get_by_role("textbox", name="Название чата").fill("Море: день 1/2")
    page.get_by_role("button", name="Сохранить").click()
    expect(line(page, "Море: день 1/2")).to_be_visible()
    files: dict[str, Path] = {}
    for action, kind in (("С разметкой (Markdown)", "md"), ("Текст", "txt"), ("Для переноса (JSON)", "json")):
        with page.expect_download() as download:
            choose(page, "Море: день 1/2", action)
        assert download.value.suggested_filename == f"Море день 1 2.{kind}"
        files[kind] = tmp_path / kind
        download.value.save_as(files[kind])
    for kind in ("md", "txt"):
        words = files[kind].read_text("utf-8")
        assert words.index("Что нового?") < words.index("Туман, и только.")
        assert "Ёжик" not in words, "the branch that is read, as it is read"

    page.goto(f"{talker.product.url}/chat")
    page.locator("input[type=file]").set_input_files(files["txt"])
    expect(page.get_by_role("alert")).to_have_text("Этот файл — не чат, скачанный из «Беседы».")
    page.locator("input[type=file]").set_input_files(files["json"])
    page.wait_for_url(re.compile(r"/chat/\d+$"))
    expect(talker.last_reply).to_contain_text("Туман, и только.")
    expect(page.locator(".message")).to_have_count(3)
    expect(talker.last_reply.locator(".siblings span")).to_have_text("2/2")
    listens(page)
    talker.last_reply.get_by_role("button", name="Предыдущий вариант").click()
    expect(talker.last_reply).to_contain_text("Ёжик")


def test_the_doors_of_the_list_open_to_nobody_else(talker: Person, browser: Browser) -> None:
    url, dialog = talker.product.url, talker.page.url.rsplit("/", 1)[1]
    stranger = browser.new_context()
    for address in ("/feed/dialogs", "/feed/dialogs?search=море", f"/export/dialogs/{dialog}.json"):
        assert stranger.request.get(url + address).status == 401
    assert stranger.request.post(f"{url}/feed/dialogs/import", data=TALKS[0]).status == 401
    stranger.close()
    mine = talker.context.request
    evil = {"Origin": "https://evil.example"}
    assert mine.post(f"{url}/feed/dialogs/import", data=TALKS[0], headers=evil).status == 403
    assert mine.get(f"{url}/export/dialogs/{dialog}.exe").status == 404
    assert mine.get(f"{url}/export/dialogs/999999999999999.md").status == 404


@pytest.mark.slow
def test_the_way_back_to_a_long_branch_shows_the_place_where_it_parts(somebody: Person) -> None:
    talk = [(n, n - 1 or None, "user" if n % 2 else "assistant", f"Слово {n}.") for n in range(1, 201)]
    file = saved("Тихон Рогозин", (201, 9, "assistant", "Другая ветка."), *talk)
    loaded = somebody.context.request.post(f"{somebody.product.url}/feed/dialogs/import", data=file).json()
    somebody.open(loaded["url"])
    with sqlite3.connect(somebody.product.data / "beseda.db", timeout=10) as db:
        (tenth,) = db.execute("SELECT max(id) FROM message WHERE text = 'Слово 10.'").fetchone()
    somebody.open(f"{loaded['url']}#m{tenth}")
    somebody.page.reload()
    wait_for_line(somebody.page)
    messages = somebody.page.locator(".message")
    parting = messages.filter(has_text="Слово 10.")
    parting.locator("[aria-label$=' вариант']:enabled").first.click()
    expect(messages.last).to_contain_text("Другая ветка.")
    messages.last.locator("[aria-label$=' вариант']:enabled").first.click()
    expect(parting).to_be_in_viewport()

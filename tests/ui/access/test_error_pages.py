"""Error pages: whatever goes wrong at an address, a page with one sentence, in the reader's language and our words."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.conftest import MIGRATED
from tests.e2e.product import Product
from tests.postgres import Server
from tests.ui.access.conftest import NOBODY, PERSON, WAIT, World, session_of
from tests.ui.api.conftest import Town

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ru"}
OF_THE_FRAMEWORK = (
    "Await ui.context",
    "response_timeout",
    "This page doesn't exist",
    "Server error",
    "Traceback",
    "Method",
)
ADDRESSES = {
    ("GET", "/nowhere"): 404,
    ("GET", "/enter"): 404,
    ("GET", "/characters/none"): 404,
    ("GET", "/docs/none"): 404,
    ("GET", "/_nicegui/none"): 404,
    ("GET", "/pictures/none/small.webp"): 404,
    ("POST", "/log-in"): 405,
    ("DELETE", "/"): 405,
    ("PUT", "/export/dialogs/1.md"): 404,
    ("GET", "/export/dialogs/one.md"): 422,
    ("GET", "/portraits/a.svg?look=red"): 422,
    ("POST", "/leave"): 413,
}


def check_that_it_is_a_page_of_ours(answer: httpx.Response) -> str:
    """Returns the page's sentence."""
    assert answer.headers["content-type"].startswith("text/html"), answer.text
    assert not [words for words in OF_THE_FRAMEWORK if words in answer.text]
    assert "default-src" in answer.headers["content-security-policy"]
    [sentence] = re.findall('<p class="lead">(.+?)</p>', answer.text)
    assert re.match("[А-ЯЁ]", sentence), "in the reader's language"
    return str(sentence)


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_every_refusal_is_a_page_for_whoever_goes_there(world: World, method: str, path: str) -> None:
    status = ADDRESSES[method, path]
    body = bytes(100_000) if status == 413 else b""
    with world.visitor(NOBODY) as somebody:  # no other test has chosen a language for them
        answer = somebody.request(method, path, headers=BROWSER, content=body)
    assert answer.status_code == status
    check_that_it_is_a_page_of_ours(answer)


@pytest.mark.parametrize(
    ("role", "letter", "again"),
    [
        (NOBODY, "sign-up", "/sign-up"),
        (NOBODY, "log-in", "/log-in/letter"),
        (PERSON, "log-in", "/log-in/letter"),
        (PERSON, "profile/email", "/profile"),
    ],
)
def test_the_page_of_a_dead_link_leads_to_where_one_asks_for_another_letter(
    world: World, role: str, letter: str, again: str
) -> None:
    with world.visitor(role) as somebody:
        answer = somebody.get(f"/{letter}/made-up", headers=BROWSER)
        assert "новое письмо" in check_that_it_is_a_page_of_ours(answer)
        assert '<h1 class="title">Ссылка устарела</h1>' in answer.text
        [onward] = re.findall('href="([^"]+)">Прислать новую</a>', answer.text)
        assert onward == again
        assert somebody.get(onward, headers=BROWSER).status_code == 200


def test_an_editor_of_somebody_elses_character_is_refused_as_what_it_is(world: World) -> None:
    """A private one cannot be told from one that does not exist."""
    with world.visitor(PERSON) as somebody:
        public, private, none = (
            somebody.get(f"/characters/{number}/edit", headers=BROWSER)
            for number in (world.public, world.private, 9_999_999)
        )
    assert (public.status_code, private.status_code) == (403, 404)
    assert check_that_it_is_a_page_of_ours(public) == "Изменить персонажа может только его автор."
    assert '<h1 class="title">Не найдено</h1>' not in public.text
    assert private.text == none.text


def test_components_are_refused_in_the_shape_they_can_show(world: World) -> None:
    for answer in (
        world.visitors[PERSON].get("/feed/dialogs/none", headers=BROWSER),
        world.visitors[NOBODY].get("/feed/dialogs"),
        world.visitors[NOBODY].post("/enter", content=bytes(100_000)),
        world.visitors[NOBODY].put("/enter"),
    ):
        assert answer.json()["error"]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Generator[Product]:
    product = Product(tmp_path_factory.mktemp("product"), DEMO_PAUSE="0")
    product.start()
    yield product
    product.stop()


@pytest.mark.slow
def test_pages_open_while_somebody_else_holds_the_database(product: Product) -> None:
    """Readers wait for no writer: neither to note that their session is in use nor to mark what they have seen."""
    database = f"sqlite:///{product.data / 'beseda.db'}"
    town = Town(product, database)
    somebody = town.come("ira")
    cookies = {"beseda": asyncio.run(session_of(database, somebody.id))}
    with closing(sqlite3.connect(product.data / "beseda.db", isolation_level=None)) as other:
        other.execute("UPDATE login_session SET seen_at = datetime('now', '-1 hour')")
        other.execute(
            "INSERT INTO notice (user_id, kind, data, created_at) VALUES (?, 'dialog_read', ?, datetime('now'))",
            (somebody.id, '{"dialog_id": 1, "character_id": 1, "character": "Марина", "reason": "fault"}'),
        )
        other.execute("BEGIN IMMEDIATE")
        with httpx.Client(base_url=product.url, cookies=cookies, headers=BROWSER, timeout=60) as browser:
            pages = {path: browser.get(path) for path in ("/notices", "/", "/chat", "/profile", "/characters/1")}
        other.rollback()
    assert {path: answer.status_code for path, answer in pages.items()} == dict.fromkeys(pages, 200)
    assert "Марина" in pages["/notices"].text
    town.leave()


def test_a_broken_page_says_so_plainly_and_leaves_a_reference(product: Product) -> None:
    with closing(sqlite3.connect(product.data / "beseda.db", isolation_level=None)) as database:
        database.execute('ALTER TABLE "character" RENAME TO "elsewhere"')
        answer = httpx.get(f"{product.url}/characters/1", headers=BROWSER, timeout=WAIT)
        database.execute('ALTER TABLE "elsewhere" RENAME TO "character"')
    assert answer.status_code == 500
    assert "Что-то сломалось у нас." in check_that_it_is_a_page_of_ours(answer)
    [reference] = re.findall(r"Номер для поддержки: ?(?:<[^>]+>)?(\w{8})", answer.text)
    assert reference in product.log.read_text()


@pytest.mark.slow
def test_a_page_without_the_database_says_so_and_when_to_try_again(migrated_postgres: Server, tmp_path: Path) -> None:
    product = Product(tmp_path, DEMO_PAUSE="0", DATABASE_URL=migrated_postgres.create("gone", MIGRATED))
    product.start()
    migrated_postgres.drop("gone")
    with httpx.Client(base_url=product.url, cookies={"beseda": "somebody's"}, headers=BROWSER, timeout=60) as browser:
        for path in ("/", "/chat", "/characters/1", "/export/dialogs/1.md", "/admin"):
            answer = browser.get(path)
            assert answer.status_code == 503, path
            assert int(answer.headers["retry-after"]) > 0
            check_that_it_is_a_page_of_ours(answer)
    product.stop()


@pytest.mark.skipif(not os.environ.get("LONG_TESTS"), reason="half a minute: LONG_TESTS=1 runs it")
def test_a_page_that_takes_too_long_ends_with_a_sentence(postgres: Server, tmp_path: Path) -> None:
    address = postgres.create("held")
    product = Product(tmp_path, DEMO_PAUSE="0", DATABASE_URL=address)
    product.start()
    with psycopg.connect(address) as other, httpx.Client(base_url=product.url, headers=BROWSER, timeout=60) as browser:
        other.execute('LOCK TABLE "character" IN ACCESS EXCLUSIVE MODE')
        answer = browser.get("/characters/1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    check_that_it_is_a_page_of_ours(answer)
    product.stop()


def test_a_page_that_breaks_says_so_with_a_reference_that_stands_in_the_log(product: Product) -> None:
    with closing(sqlite3.connect(product.data / "beseda.db")) as other:
        other.execute('ALTER TABLE "character" RENAME TO "elsewhere"')
        other.commit()
    with httpx.Client(base_url=product.url, headers=BROWSER, timeout=60) as browser:
        answer = browser.get("/characters/1")
    assert answer.status_code == 500
    reference = check_that_it_is_a_page_of_ours(answer).split()[-1]
    assert product.log.read_text("utf-8").count(f"[{reference}]") == 1

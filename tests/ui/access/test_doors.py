"""Access from outside without a page of ours: other sites (CSRF), programs, oversized files, wrong addresses."""

from __future__ import annotations

from collections.abc import Generator

import httpx
import pytest

from tests.ui.access.conftest import NOBODY, PERSON, World
from tests.ui.access.test_error_pages import BROWSER


@pytest.fixture
def outside(world: World) -> Generator[httpx.Client]:
    """A browser that nobody has logged in with."""
    with world.visitor(NOBODY) as browser:
        browser.headers.update(BROWSER)
        yield browser


@pytest.fixture
def somebody(world: World) -> Generator[httpx.Client]:
    with world.visitor(PERSON) as browser:
        browser.headers.update(BROWSER)
        yield browser


def test_other_sites_may_not_post_here_nor_open_our_websocket(outside: httpx.Client, world: World) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert outside.post("/leave", headers=foreign).status_code == 403
    assert outside.post("/enter", headers=foreign, json={"ticket": "x"}).status_code == 403
    assert outside.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling", headers=foreign).status_code == 403
    assert outside.post("/preferences", headers={"Origin": world.url}, json={"theme": "dark"}).status_code == 204


def test_a_ticket_nobody_gave_opens_nothing(outside: httpx.Client) -> None:
    answer = outside.post("/enter", json={"ticket": "made up"})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_pages_carry_the_headers_that_protect_them(outside: httpx.Client) -> None:
    headers = outside.get("/").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "address", ["/nowhere", "/characters/999999", "/characters/abc", "/chat/x", "/pictures/%2e%2e/x"]
)
def test_a_wrong_address_gets_a_page_and_a_way_back(outside: httpx.Client, address: str) -> None:
    answer = outside.get(address)
    assert answer.status_code == 404
    title = "Этого персонажа здесь нет" if "999999" in address else "Не найдено"
    assert f'<h1 class="title">{title}</h1>' in answer.text
    assert '<a class="button-link" href="/">В галерею</a>' in answer.text
    assert "С кем вы хотите поговорить?" in outside.get("/").text


@pytest.mark.parametrize("address", ["/mine", "/chat", "/chat/1", "/characters/new", "/characters/1/edit"])
def test_pages_of_ones_own_ask_to_log_in_and_come_back(outside: httpx.Client, address: str) -> None:
    answer = outside.get(address, follow_redirects=True)
    assert str(answer.url).endswith(f"/log-in?next={address}")
    assert '"tag":"h1","text":"Войти"' in answer.text


def test_feeds_of_ones_own_are_closed_to_strangers(outside: httpx.Client) -> None:
    for answer in (outside.get("/feed/dialogs/1"), outside.post("/feed/photos", content=b"x")):
        assert answer.status_code == 401
        assert answer.json()["error"] == "Войдите, пожалуйста."


def test_a_photo_is_limited_by_the_server_and_refused_in_plain_words(somebody: httpx.Client) -> None:
    large = somebody.post("/feed/photos", content=b"\0" * (5 * 1024 * 1024 + 1))
    assert large.status_code == 413
    assert large.json()["error"] == "Слишком много: здесь принимается не больше 5 МБ."
    page = somebody.post(
        "/feed/photos", content=b"<html><script>alert(1)</script>", headers={"Content-Type": "image/png"}
    )
    assert page.status_code == 422
    assert "не удалось прочитать" in page.json()["error"]

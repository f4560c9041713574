"""Behind a proxy: the examples work as they are; where one is set up wrongly, page and log say what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.product import ROOT, Product
from tests.e2e.proxies import NGINX, caddy, nginx
from tests.mail_server import self_made_certificate
from tests.ports import free_port

pytestmark = pytest.mark.slow
needs_nginx = pytest.mark.skipif(not NGINX, reason="there is no nginx on this machine")
TOO_LARGE = 10_000_000  # bytes of a photo
UPLOADS = """async (bytes) => {
    const answer = await fetch("/feed/photos", { method: "POST", body: new Uint8Array(bytes) });
    return [answer.status, answer.headers.get("content-type")];
}"""
NO_OWN_ADDRESS = "сервер не считает адрес {} своим. Если сервер ваш, задайте PUBLIC_URL"


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    context = browser.new_context(locale="ru-RU", ignore_https_errors=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def product(tmp_path: Path) -> Generator[Callable[..., Product]]:
    started: list[Product] = []

    def start(**settings: str) -> Product:
        started.append(Product(tmp_path, DEMO_PAUSE="0", **settings))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()


def talk(page: Page, url: str) -> None:
    """A stranger opens the first page, begins a chat and gets a reply."""
    page.goto(f"{url}/characters/1")
    page.get_by_role("button", name="Начать чат", exact=True).click()
    page.get_by_role("textbox", name="Сообщение").fill("Добрый вечер!")
    page.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.locator(".message.assistant")).to_have_count(2)
    expect(page.locator(".message.assistant .bubble").last).not_to_be_empty()


def is_whole_through(page: Page, url: str) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    talk(page, url)
    assert sockets
    assert page.evaluate(UPLOADS, TOO_LARGE) == [413, "application/json"], "in our words, not in those of the proxy"
    page.goto("about:blank")  # or it would miss the proxy, which ends next


@needs_nginx
def test_the_example_for_nginx_works(tmp_path: Path, page: Page, product: Callable[..., Product]) -> None:
    port, plain = free_port(), free_port()
    url = f"https://beseda.localhost:{port}"
    server = product(PUBLIC_URL=url, TRUSTED_PROXIES="127.0.0.1")
    self_made_certificate(tmp_path)
    example = filled_in(
        (ROOT / "deploy" / "nginx.conf").read_text("utf-8"),
        {
            "listen [::]:80;": "",
            "listen [::]:443 ssl;": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "127.0.0.1:8000": f"127.0.0.1:{server.port}",
            "beseda.example.org;": "beseda.localhost;",
            "/etc/letsencrypt/live/beseda.example.org/fullchain.pem": f"{tmp_path}/certificate.pem",
            "/etc/letsencrypt/live/beseda.example.org/privkey.pem": f"{tmp_path}/key.pem",
        },
    )
    with nginx(tmp_path, example, port):
        is_whole_through(page, url)
    assert "WARNING" not in server.log.read_text()


def test_the_example_for_caddy_works(tmp_path: Path, page: Page, product: Callable[..., Product]) -> None:
    port = free_port()
    url = f"https://beseda.localhost:{port}"
    server = product(PUBLIC_URL=url, TRUSTED_PROXIES="127.0.0.1")
    self_made_certificate(tmp_path)
    example = filled_in(
        (ROOT / "deploy" / "Caddyfile").read_text("utf-8"),
        {
            "\nbeseda.example.org {": f"\n{url} {{\n\ttls {tmp_path}/certificate.pem {tmp_path}/key.pem",
            "127.0.0.1:8000": f"127.0.0.1:{server.port}",
        },
    )
    with caddy(tmp_path, example, port):
        is_whole_through(page, url)
    assert "WARNING" not in server.log.read_text()


@needs_nginx
@pytest.mark.breaks_the_line
def test_a_proxy_without_websockets_serves_pages_under_any_spelling_of_their_address(
    tmp_path: Path, page: Page, product: Callable[..., Product]
) -> None:
    port = free_port()
    server = product(PUBLIC_URL=f"http://Беседа.LOCALHOST:{port}")
    url = f"http://xn--80abjda5e.localhost:{port}"
    with nginx(tmp_path, plainly(port, f"location / {{ proxy_pass {server.url}; }}"), port):
        talk(page, url)
    assert "A proxy on the way passes no websockets on" in server.log.read_text()


@needs_nginx
@pytest.mark.breaks_the_line
@pytest.mark.expects_console("403 .*/healthz", "40[03] .*/_nicegui_ws/")
def test_a_page_whose_address_the_proxy_keeps_to_itself_says_so(
    tmp_path: Path, page: Page, product: Callable[..., Product]
) -> None:
    port = free_port()
    server = product()
    url = f"http://127.0.0.1:{port}"
    with nginx(tmp_path, plainly(port, f"location / {{ proxy_pass {server.url}; }}"), port):
        page.goto(url)
        expect(page.get_by_text(NO_OWN_ADDRESS.format(url))).to_be_visible()
    [line, *_] = [line for line in server.log.read_text().splitlines() if "may not talk" in line]
    assert f"A page at {url} may not talk to this server, whose address is {server.url}" in line
    assert "PUBLIC_URL" in line


@pytest.mark.breaks_the_line
@pytest.mark.expects_console("403 .*/healthz", "40[03] .*/_nicegui_ws/")
def test_a_page_opened_by_another_address_than_the_public_one_says_so(
    page: Page, product: Callable[..., Product]
) -> None:
    server = product(PUBLIC_URL="https://beseda.example.org")
    page.goto(server.url)
    line = page.get_by_text(NO_OWN_ADDRESS.format(server.url))
    expect(line).to_be_visible()
    expect(line).to_have_attribute("role", "status")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert f"A page at {server.url} may not talk" in server.log.read_text()


@needs_nginx
@pytest.mark.expects_console("404 ")
def test_a_page_below_a_path_says_that_it_cannot_live_there(
    tmp_path: Path, page: Page, product: Callable[..., Product]
) -> None:
    port = free_port()
    server = product()
    below = (
        f"location /beseda/ {{ proxy_pass {server.url}/; proxy_set_header Host $http_host;"
        " proxy_set_header X-Forwarded-Prefix /beseda; }"
    )
    with nginx(tmp_path, plainly(port, below), port):
        for address in ("/", "/characters/1"):
            page.goto(f"http://127.0.0.1:{port}/beseda{address}")
            expect(page.get_by_text("«Беседа» не работает по адресу с путём.")).to_be_visible()
    assert re.search(r"A proxy serves Beseda below /beseda.*\(sub\)domain", server.log.read_text())


def plainly(port: int, location: str) -> str:
    return f"server {{ listen 127.0.0.1:{port}; {location} }}"


def filled_in(example: str, values: dict[str, str]) -> str:
    for there, here in values.items():
        assert there in example
        example = example.replace(there, here)
    return example

"""CSRF and CORS: pages of other sites may not send our cookies, open our websocket, frame us, or read the API."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Generator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from domain.accounts.sessions import LoginSession, hash_of
from domain.clock import now
from storage.database import Database
from tests.e2e.product import Product
from tests.ui.access.conftest import NOBODY, OWNER, UNCOUNTED, WAIT, Found, World
from tests.ui.api.conftest import Town

FRIEND = "https://app.example.org"
PUBLIC = "https://beseda.example.org"
EVIL = "https://evil.example"
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport="


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Generator[Product]:
    """The product as configured behind an https proxy, with another site allowed to use the API; neither address is
    spelled as browsers do.
    """
    settings = {
        "PUBLIC_URL": "https://Beseda.Example.ORG:443",
        "CORS_ORIGINS": f"https://App.Example.org:443, {FRIEND}:8443",
        "LIMITS": UNCOUNTED,
    }
    product = Product(tmp_path_factory.mktemp("secure"), **settings)
    product.start()
    yield product
    product.stop()


def foreign(url: str) -> list[dict[str, str]]:
    """Headers of requests made by pages of other sites."""
    return [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": f"{url}.evil.example"},
        {"Origin": url.rsplit(":", 1)[0] + ":1"},
        {"Origin": "http://["},
        {"Origin": ""},
        {"Origin": FRIEND},
        {"Origin": EVIL, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ]


def test_whatever_changes_something_is_closed_to_other_sites(world: World, routes: list[Found]) -> None:
    changing = [route for route in routes if route.method not in {"GET", "HEAD", "OPTIONS"}]
    assert len(changing) >= 6
    for route in changing:
        path = route.path.format(
            dialog_id=world.dialog,
            message_id=world.message,
            character_id=world.public,
            book_id=world.world,
            provider="yandex",
        )
        for headers in foreign(world.url):
            answer = world.visitors[OWNER].request(route.method, path, headers=headers)
            assert answer.status_code == 403, f"{route} with {headers}"
            assert "set-cookie" not in answer.headers
    assert world.visitors[OWNER].get("/profile").status_code == 200, "nobody has logged the owner out"


def test_nothing_is_changed_by_reading(routes: list[Found]) -> None:
    """A log-in by a provider starts with GET on purpose: all it changes is a cookie of its own."""
    methods = {route.method for route in routes}
    assert methods <= {"GET", "POST", "PUT", "PATCH", "DELETE"}


def handshake(port: int, **headers: str) -> int:
    """Status of the answer to a websocket handshake."""
    lines = [
        f"GET {SOCKET}websocket HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(connection.recv(100).split()[1])


def test_the_websocket_opens_to_our_own_pages_only(world: World) -> None:
    port = world.town.product.port
    assert handshake(port, Origin=world.url) == 101
    for headers in foreign(world.url):
        names = {name.replace("-", "_"): value for name, value in headers.items()}
        assert handshake(port, **names) == 403, headers
        assert world.visitors[OWNER].get(f"{SOCKET}polling", headers=headers).status_code == 403, headers
        assert world.visitors[OWNER].post(f"{SOCKET}polling", headers=headers).status_code == 403, headers
    opened = world.visitors[OWNER].get(f"{SOCKET}polling", headers={"Origin": world.url})
    assert opened.status_code == 200


def test_the_api_tells_other_sites_nothing_unless_they_are_listed(world: World) -> None:
    for origin in (EVIL, "null", FRIEND):
        read = world.visitors[NOBODY].get("/api/characters", headers={"Origin": origin})
        assert "access-control-allow-origin" not in read.headers
        asked = world.visitors[NOBODY].options(
            "/api/characters", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        assert "access-control-allow-origin" not in asked.headers
        assert world.programs[OWNER].post("/api/characters", {}, headers={"Origin": origin}).status_code == 403


def test_a_listed_site_may_ask_the_api_and_nothing_else(secure: Product) -> None:
    with httpx.Client(base_url=secure.url, timeout=WAIT) as page:
        preflight = {
            "Origin": FRIEND,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        allowed = page.options("/api/characters/1", headers=preflight)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == FRIEND
        assert "access-control-allow-credentials" not in allowed.headers, "cookies stay at home"
        listed = page.get("/api/characters?limit=1", headers={"Origin": FRIEND})
        assert listed.headers["access-control-allow-origin"] == FRIEND
        assert "X-Next-Cursor" in listed.headers["access-control-expose-headers"]
        wrong = page.post("/api/auth/login", json={"login": "a", "password": "b"}, headers={"Origin": FRIEND})
        assert wrong.status_code == 401
        assert wrong.headers["access-control-allow-origin"] == FRIEND, "refusals can be read too"
        evil = page.options("/api/characters/1", headers=preflight | {"Origin": EVIL})
        assert "access-control-allow-origin" not in evil.headers
        assert page.post("/api/auth/login", json={}, headers={"Origin": EVIL}).status_code == 403
        for path in ("/leave", "/enter", "/preferences"):
            assert page.post(path, headers={"Origin": FRIEND}).status_code == 403
        assert "access-control-allow-origin" not in page.get("/", headers={"Origin": FRIEND}).headers
        assert handshake(secure.port, Origin=FRIEND) == 403


def test_under_https_the_browser_is_told_to_stay_there(secure: Product, world: World) -> None:
    with httpx.Client(base_url=secure.url, timeout=WAIT) as page:
        for path in ("/", "/api/characters", "/docs", "/nowhere", "/assets/icons/logo.svg"):
            assert page.get(path).headers["strict-transport-security"] == "max-age=31536000", path
        mark = page.get("/log-in").headers["set-cookie"]
        assert mark.startswith("__Host-")
        assert "Secure" in mark
        assert "HttpOnly" in mark
        assert page.post("/preferences", json={}, headers={"Origin": PUBLIC}).status_code == 204
        assert page.post("/preferences", json={}, headers={"Origin": secure.url}).status_code == 403, "plain http"
    assert "strict-transport-security" not in world.visitors[NOBODY].get("/").headers


@pytest.mark.parametrize(
    "path",
    ["/", "/docs", "/openapi.json", "/api/characters", "/api/nothing", "/nowhere", "/log-in", "/leave", "/healthz"],
)
def test_every_answer_carries_the_headers_that_protect_it(world: World, path: str) -> None:
    answer = world.visitors[NOBODY].get(path)
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == policy["connect-src"] == "'self'"
    assert "http" not in str(policy), "nothing comes from elsewhere"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}
    assert "server" not in answer.headers


def test_the_host_passed_on_may_be_spelled_as_proxies_do(world: World) -> None:
    for host, origin in (
        ("Beseda.Example.org:443", "https://beseda.example.org"),
        ("beseda.example.org:80", "http://beseda.example.org"),
        ("xn--80abjda5e.xn--p1ai:8443", "https://xn--80abjda5e.xn--p1ai:8443"),
        ("[2001:DB8:0::1]:8000", "http://[2001:db8::1]:8000"),
    ):
        headers = {"Host": host, "Origin": origin}
        assert world.visitors[NOBODY].post("/preferences", json={}, headers=headers).status_code == 204, host
        assert (
            world.visitors[NOBODY].post("/preferences", json={}, headers=headers | {"Origin": EVIL}).status_code == 403
        )


def test_the_log_names_a_page_that_is_refused_and_a_proxy_without_websockets(secure: Product) -> None:
    assert handshake(secure.port, Origin="https://other.example") == 403
    log = secure.log.read_text()
    assert f"A page at https://other.example may not talk to this server, whose address is {PUBLIC}" in log
    assert f"127.0.0.1:{secure.port}" in log
    assert httpx.get(f"{secure.url}{SOCKET}websocket", headers={"Origin": PUBLIC}, timeout=WAIT).status_code == 400
    assert "passes no websockets on" in secure.log.read_text()
    assert httpx.get(secure.url, headers={"X-Forwarded-Prefix": "/beseda"}, timeout=WAIT).status_code == 200
    assert "A proxy serves Beseda below /beseda" in secure.log.read_text()


def test_the_log_says_when_a_proxy_makes_all_its_visitors_one(secure: Product) -> None:
    for _request in range(2):
        assert httpx.get(secure.url, headers={"X-Forwarded-For": "203.0.113.7"}, timeout=WAIT).status_code == 200
    assert secure.log.read_text().count("A proxy at 127.0.0.1 tells whom it asks for, and is not believed") == 1


def test_links_in_letters_are_kept_from_other_sites_and_caches(world: World) -> None:
    for path in ("/sign-up/a-token", "/log-in/a-token", "/profile/email/a-token"):
        headers = world.visitors[NOBODY].get(path).headers
        assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


def test_what_breaks_says_so_without_its_insides(tmp_path: Path) -> None:
    product = Product(tmp_path, DEMO_PAUSE="0")
    product.start()
    with closing(sqlite3.connect(product.data / "beseda.db")) as database:
        database.execute('ALTER TABLE "character" RENAME TO "elsewhere"')
        database.commit()
    for path, name in (("/feed/gallery", "error"), ("/api/characters", "detail")):
        answer = httpx.get(product.url + path, timeout=WAIT)
        assert answer.status_code == 500
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src" in answer.headers["content-security-policy"]
        told = answer.json()[name]
        assert "sqlite" not in told.lower()
        assert "character" not in told
        assert told.split()[-1] in product.log.read_text("utf-8"), "the reference leads to the cause"
    product.stop()


def test_the_session_cookie_is_new_at_each_log_in_and_out_of_reach(secure: Product) -> None:
    address = f"sqlite:///{secure.data / 'beseda.db'}"
    town = Town(secure, address)
    person = town.come("kira")
    seen = set()
    with httpx.Client(base_url=secure.url, timeout=WAIT) as browser:
        for ticket in ("the first ticket", "the second ticket"):
            asyncio.run(_give(address, person.id, ticket))
            planted = {"Cookie": "__Host-beseda=planted-by-somebody"}
            answer = browser.post("/enter", json={"ticket": ticket}, headers=planted)
            cookie = answer.headers.get_list("set-cookie")[0]
            name, _, rest = cookie.partition("=")
            value, *flags = rest.split("; ")
            assert name == "__Host-beseda"
            assert {"httponly", "secure", "path=/", "samesite=lax"} <= {flag.lower() for flag in flags}
            assert not any(flag.lower().startswith("domain") for flag in flags)
            assert len(value) >= 43, "256 random bits"
            seen.add(value)
    assert len(seen | {"planted-by-somebody", "the first ticket", "the second ticket"}) == 5
    town.leave()


async def _give(address: str, user_id: int, ticket: str) -> None:
    """Add the session row of a log-in whose browser has not fetched its cookie yet."""
    database = Database(address)
    async with database.write() as db:
        db.add(LoginSession(user_id=user_id, token_hash=hash_of(ticket), expires_at=now() + timedelta(minutes=1)))
    await database.close()

"""Limits of routes: size, length and rate: every route that takes something or changes something, in one table.

A route without a row fails, and so do a row whose route has gone and a text in a body without a maximum length.
Permissions by route: test_routes.py and tests/ui/api/test_api_rules.py; the socket's events are not routes.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
import pytest
from pydantic import BaseModel, Field, TypeAdapter

from domain.cards.card_import import LARGEST_FILE
from domain.cards.read_card import LARGEST_PICTURE
from domain.rate_limits import (
    ALL,
    API_CALLS,
    BOOK_CHANGES,
    BOOKS_MADE,
    CARD_IMPORTS,
    CARD_PREVIEWS,
    CHARACTER_SAVES,
    CHARACTERS,
    CHATS,
    EXPORTS,
    IMPORTS,
    KEY_TRIALS,
    LETTERS_FROM_IP,
    LETTERS_TO_ADDRESS,
    MEMORY_CHANGES,
    MEMORY_RETELLINGS,
    MESSAGES_A_DAY,
    MESSAGES_A_MINUTE,
    PASSWORDS_A_DAY,
    PASSWORDS_FROM_IP,
    PASSWORDS_OF_ACCOUNT,
    PREVIEWS,
    UPLOADS,
    WEB_CALLS,
    WEB_CHANGES,
    RateLimit,
)
from tests.domain.cards.card_files import png, text, v2, v3
from tests.domain.pictures.photos import a_photo
from tests.e2e.product import Product
from tests.ui.access.conftest import ADMIN, NOBODY, OWNER, PLENTY, WAIT, Found, World, all_routes, session_of
from tests.ui.access.test_bodies import as_a_proxy
from tests.ui.access.test_refusals import JSON, MARK
from tests.ui.access.test_routes import HUGE, LOREBOOK, NOWHERE
from tests.ui.api.conftest import Program, Town
from ui.request.head_limit import LONGEST_HEAD
from ui.request.health import PROBED
from ui.request.rate_limit import limits_of
from ui.request.size_limit import LARGER, LONGEST_ADDRESS, USUAL, largest_body

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
SITE, API = (WEB_CALLS, WEB_CHANGES), (API_CALLS,)
READS = {"GET", "HEAD", "OPTIONS"}
TOO_MUCH = 6 * MEGABYTE
FORM = "multipart/form-data; boundary=b"
CARD = png(text(v3()))
PHOTO_IN_FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'


@dataclass(frozen=True)
class Row:
    most: int
    """Bytes of a body."""
    stranger: int
    """What somebody who is not logged in is answered."""
    often: tuple[RateLimit, ...]
    """By address on the net, whatever becomes of the request."""
    besides: tuple[RateLimit, ...] = ()
    """In the domain, by person or account."""


TABLE = {
    "POST /enter": Row(64 * KILOBYTE, 404, SITE),
    "POST /leave": Row(64 * KILOBYTE, 204, SITE),
    "POST /preferences": Row(64 * KILOBYTE, 204, SITE),
    "POST /log-in/with/{provider}": Row(64 * KILOBYTE, 404, SITE),
    "POST /feed/characters/{character_id}/favourite": Row(64 * KILOBYTE, 401, SITE),
    "POST /feed/dialogs/{dialog_id}/turn/{message_id}": Row(64 * KILOBYTE, 401, SITE),
    "POST /feed/dialogs/import": Row(5 * MEGABYTE, 401, SITE, (IMPORTS,)),
    "POST /feed/worlds/file": Row(LARGEST_PICTURE, 401, SITE, (BOOKS_MADE,)),
    "POST /feed/books/{book_id}/file": Row(LARGEST_PICTURE, 401, SITE, (BOOKS_MADE,)),
    "POST /feed/characters/{character_id}/book/file": Row(LARGEST_PICTURE, 401, SITE, (BOOKS_MADE,)),
    "POST /feed/cards/preview": Row(LARGEST_FILE, 401, SITE, (CARD_PREVIEWS,)),
    "POST /feed/cards": Row(LARGEST_FILE, 401, SITE, (CARD_IMPORTS,)),
    "POST /feed/faults": Row(64 * KILOBYTE, 204, SITE),
    "POST /feed/photos": Row(5 * MEGABYTE, 401, SITE, (UPLOADS,)),
    "POST /api/auth/request-signup": Row(64 * KILOBYTE, 200, API, (LETTERS_FROM_IP, LETTERS_TO_ADDRESS)),
    "POST /api/auth/complete-signup": Row(64 * KILOBYTE, 400, API),
    "POST /api/auth/login": Row(64 * KILOBYTE, 401, API, (PASSWORDS_FROM_IP, PASSWORDS_OF_ACCOUNT, PASSWORDS_A_DAY)),
    "POST /api/auth/refresh": Row(64 * KILOBYTE, 401, API),
    "POST /api/auth/log-out": Row(64 * KILOBYTE, 401, API),
    "POST /api/characters": Row(MEGABYTE, 401, API, (CHARACTERS,)),
    "PATCH /api/characters/{character_id}": Row(MEGABYTE, 401, API, (CHARACTER_SAVES,)),
    "DELETE /api/characters/{character_id}": Row(64 * KILOBYTE, 401, API),
    "POST /api/characters/{character_id}/block": Row(64 * KILOBYTE, 401, API),
    "POST /api/characters/{character_id}/versions/{version_id}/restore": Row(
        64 * KILOBYTE, 401, API, (CHARACTER_SAVES,)
    ),
    "POST /api/characters/upload/photo": Row(5 * MEGABYTE + 16 * KILOBYTE, 401, API, (UPLOADS,)),
    "POST /api/characters/import": Row(50_000_000 + MEGABYTE, 401, API, (CARD_IMPORTS,)),
    "POST /api/dialogs/copies": Row(64 * KILOBYTE, 401, API, (CHATS,)),
    "PUT /api/dialogs/messages/{message_id}/feedback": Row(64 * KILOBYTE, 401, API),
    "PUT /api/dialogs/messages/{message_id}/hidden": Row(64 * KILOBYTE, 401, API),
    "PUT /api/dialogs/{dialog_id}/memory": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "DELETE /api/dialogs/{dialog_id}/memory": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "POST /api/dialogs/{dialog_id}/memory/backlog": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "POST /api/dialogs/{dialog_id}/memory/pins": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "DELETE /api/dialogs/{dialog_id}/memory/pins/{pin_id}": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "PATCH /api/dialogs/{dialog_id}/memory/facts/{fact_id}": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "DELETE /api/dialogs/{dialog_id}/memory/facts/{fact_id}": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "POST /api/dialogs/{dialog_id}/memory/facts/{fact_id}/undo": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "PATCH /api/dialogs/{dialog_id}/memory/chapters/{chapter_id}": Row(64 * KILOBYTE, 401, API, (MEMORY_CHANGES,)),
    "POST /api/dialogs/{dialog_id}/memory/chapters/{chapter_id}/retell": Row(
        64 * KILOBYTE, 401, API, (MEMORY_CHANGES, MEMORY_RETELLINGS)
    ),
    "POST /api/books/import": Row(20_000_000, 401, API, (BOOKS_MADE,)),
    "POST /api/books/{book_id}/import": Row(20_000_000, 401, API, (BOOKS_MADE,)),
    "POST /api/characters/{character_id}/book/import": Row(20_000_000, 401, API, (BOOKS_MADE,)),
    "POST /api/books": Row(64 * KILOBYTE, 401, API, (BOOKS_MADE,)),
    "PATCH /api/books/{book_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "DELETE /api/books/{book_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "POST /api/books/{book_id}/restore": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "POST /api/books/{book_id}/try": Row(256 * KILOBYTE, 401, API, (KEY_TRIALS,)),
    "POST /api/books/{book_id}/entries": Row(256 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "POST /api/books/{book_id}/entries/order": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "PATCH /api/books/{book_id}/entries/{entry_id}": Row(256 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "DELETE /api/books/{book_id}/entries/{entry_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "POST /api/books/{book_id}/entries/{entry_id}/restore": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "POST /api/characters/{character_id}/book": Row(64 * KILOBYTE, 401, API, (BOOKS_MADE,)),
    "PUT /api/characters/{character_id}/worlds/{book_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "DELETE /api/characters/{character_id}/worlds/{book_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "PUT /api/dialogs/{dialog_id}/worlds/{book_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "DELETE /api/dialogs/{dialog_id}/worlds/{book_id}": Row(64 * KILOBYTE, 401, API, (BOOK_CHANGES,)),
    "POST /api/dialogs/{character_id}/messages": Row(
        256 * KILOBYTE, 401, API, (MESSAGES_A_MINUTE, MESSAGES_A_DAY, CHATS)
    ),
    "POST /api/admin/users/{user_id}/block": Row(64 * KILOBYTE, 401, API),
}
GOOD: dict[str, dict[str, object]] = {
    "POST /enter": {"ticket": "made up"},
    "POST /preferences": {"theme": "dark", "language": "en"},
    "POST /feed/characters/{character_id}/favourite": {"favourite": True},
    "POST /feed/faults": {"reference": "0badcafe", "what": "Error", "page": "/"},
    "POST /api/auth/request-signup": {"email": "a@example.org"},
    "POST /api/auth/complete-signup": {"token": "made up", "password": "тихий омут 42"},
    "POST /api/auth/login": {"login": "a@example.org", "password": "тихий омут 42"},
    "POST /api/auth/refresh": {"refresh_token": "made up"},
    "POST /api/characters": {"name": "Марина", "context": "Ты — Марина."},
    "PATCH /api/characters/{character_id}": {"name": "Марина"},
    "POST /api/characters/{character_id}/block": {"blocked": True},
    "POST /api/dialogs/copies": {"message_id": HUGE},
    "PUT /api/dialogs/messages/{message_id}/feedback": {"feedback": "up"},
    "PUT /api/dialogs/messages/{message_id}/hidden": {"hidden": True},
    "PUT /api/dialogs/{dialog_id}/memory": {"on": True},
    "POST /api/dialogs/{dialog_id}/memory/pins": {"text": "Мы в ссоре."},
    "PATCH /api/dialogs/{dialog_id}/memory/facts/{fact_id}": {"text": "Илья не ест рыбу."},
    "PATCH /api/dialogs/{dialog_id}/memory/chapters/{chapter_id}": {"text": "Они помирились."},
    "POST /api/books": {"name": "Острова"},
    "PATCH /api/books/{book_id}": {"name": "Острова"},
    "POST /api/books/{book_id}/try": {"text": "Кот спит."},
    "POST /api/books/{book_id}/entries": {"keys": ["кот"], "content": "Рыжий."},
    "POST /api/books/{book_id}/entries/order": {"ids": [HUGE]},
    "PATCH /api/books/{book_id}/entries/{entry_id}": {"content": "Серый."},
    "POST /api/dialogs/{character_id}/messages": {"message": "Привет."},
    "POST /api/admin/users/{user_id}/block": {"blocked": True},
}


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """Every route that changes something or takes a body; the socket's own POST is read by Engine.IO."""
    found = all_routes(tmp_path_factory.mktemp("routes"))
    return [route for route in found if route.bodies or route.method not in READS]


def asked(world: World, route: str) -> tuple[str, str]:
    """Method and a path, about nothing that is there."""
    method, _, path = route.replace(":id}", "}").replace(":path}", "}").replace("...", "").partition(" ")
    return method, path.format(**NOWHERE(world), size="small")


def texts_of(kind: Any) -> Iterator[tuple[str, int | None, bool]]:
    """Name, longest length and whether it stands in a list, of every text in a body."""
    schema = TypeAdapter(kind).json_schema()
    return _texts(schema, schema.get("$defs", {}), "")


def _texts(schema: Any, known: dict[str, Any], name: str, *, is_in_list: bool = False) -> Iterator[Any]:
    if "$ref" in schema:
        schema = known[schema["$ref"].rsplit("/", 1)[1]]
    for choice in schema.get("anyOf", ()):
        yield from _texts(choice, known, name, is_in_list=is_in_list)
    for field, inner in schema.get("properties", {}).items():
        yield from _texts(inner, known, field)
    if schema.get("type") == "array":
        assert "maxItems" in schema, f"{name} has no largest number"
        yield from _texts(schema["items"], known, name, is_in_list=True)
    if schema.get("type") == "object":
        assert not schema.get("additionalProperties"), f"{name} takes any names"
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const", "contentMediaType"}:
        yield name, schema.get("maxLength"), is_in_list


def test_every_route_that_takes_something_has_its_row(changing: list[Found]) -> None:
    assert {str(route) for route in changing} == set(TABLE)
    unlimited = [
        f"{route}: {name}"
        for route in changing
        for kind in route.bodies
        for name, most, _ in texts_of(kind)
        if not most
    ]
    assert not unlimited, "a text of a body has a longest length"


def test_a_text_is_found_however_deep_it_stands() -> None:
    """Else a body of a new shape would pass the test above, its texts unlimited."""

    class Inner(BaseModel):
        word: str
        short: Annotated[str, Field(max_length=3)]

    class Body(BaseModel):
        one: Inner
        some: Annotated[list[Inner] | None, Field(max_length=2)] = None
        words: Annotated[list[str], Field(max_length=2)]

    once = [("word", None, False), ("short", 3, False)]
    assert sorted(texts_of(Body), key=str) == sorted([*once, *once, ("words", None, True)], key=str)


@pytest.mark.parametrize("route", TABLE)
def test_a_route_is_limited_as_its_row_says(world: World, route: str) -> None:
    method, path = asked(world, route)
    assert largest_body(method, path) == TABLE[route].most
    assert tuple(limits_of(method, path)) == TABLE[route].often


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Generator[Town]:
    """A product whose counts can be read in its database."""
    product = Product(tmp_path_factory.mktemp("counted"), DEMO_PAUSE="0", LIMITS=PLENTY, LIMITS_STORE="database")
    product.start()
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    yield town
    town.leave()
    product.stop()


@pytest.mark.slow
def test_what_somebody_does_is_counted_as_its_row_says(world: World, counted: Town) -> None:
    ira = counted.come("ira", is_admin=True)
    said = ira.say(ira.character(), "Привет!")
    with visitor_of(counted, ira) as visitor:
        saved = visitor.get(f"/export/dialogs/{said['dialog_id']}.json").content
    sent: dict[str, dict[str, Any]] = {
        "POST /feed/dialogs/import": {"content": saved},
        "POST /feed/photos": {"content": a_photo()},
        "POST /feed/worlds/file": {"json": LOREBOOK},
        "POST /feed/books/{book_id}/file": {"json": LOREBOOK},
        "POST /feed/characters/{character_id}/book/file": {"json": LOREBOOK},
        "POST /feed/cards/preview": {"content": CARD},
        "POST /feed/cards": {"content": CARD},
        "POST /api/characters/import": {"content": json.dumps(v2())},
        "POST /api/books/import": {"json": LOREBOOK},
        "POST /api/books/{book_id}/import": {"json": LOREBOOK},
        "POST /api/characters/{character_id}/book/import": {"json": LOREBOOK},
        "POST /api/characters/upload/photo": {"files": {"file": ("photo.png", a_photo())}},
    }
    with ExitStack() as opened:
        counts = opened.enter_context(closing(sqlite3.connect(counted.product.data / "beseda.db")))
        program, visitor = ira, opened.enter_context(visitor_of(counted, ira))
        for route, row in TABLE.items():
            method, _, path = route.partition(" ")
            character = program.character() if "{character_id}" in path else 0
            path = path.format(**NOWHERE(world) | {"character_id": character})
            ask: Callable[..., httpx.Response] = program.ask if path.startswith("/api/") else visitor.request
            before = counts_of(counts)
            ask(method, path, **sent.get(route, {"json": GOOD.get(route)}))
            taken = {name for name, uses in counts_of(counts).items() if uses != before[name]}
            assert taken - {limit.name for limit in row.often} == {limit.name for limit in row.besides}, route
            if route in {"POST /leave", "POST /api/auth/log-out"}:
                program, visitor = counted.again(ira), opened.enter_context(visitor_of(counted, ira))


def visitor_of(town: Town, somebody: Program) -> httpx.Client:
    """Their browser, logged in."""
    cookies = {"beseda": asyncio.run(session_of(town.database_url, somebody.id))}
    return httpx.Client(base_url=town.product.url, cookies=cookies, timeout=WAIT)


def counts_of(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """By the names of the limits, of everybody: how often, and since when, as a minute may have begun anew."""
    counts = defaultdict(list)
    for key, *uses in database.execute("SELECT key, since, count FROM limit_count ORDER BY key"):
        counts[key.partition(":")[0]].append(tuple(uses))
    return counts


def test_no_limit_is_left_over_from_a_route_that_has_gone(world: World, changing: list[Found]) -> None:
    addresses = [asked(world, str(route)) for route in changing] + [("POST", "/_nicegui_ws/socket.io/")]
    larger = {largest_body(*address) for address in addresses} - {USUAL}
    assert larger == set(LARGER.values())


@pytest.mark.parametrize("length", ["Content-Length: {length}", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("route", [*TABLE, "POST /log-in"])
def test_a_body_of_any_size_is_cut_off(world: World, route: str, length: str) -> None:
    method, path = asked(world, route)
    visitor, program = world.visitors[ADMIN].cookies["beseda"], world.programs[ADMIN].headers["Authorization"]
    kind, opening = (FORM, PHOTO_IN_FORM) if "upload" in path else ("application/json", b"")
    who = (f"Cookie: beseda={visitor}", f"Authorization: {program}", f"Content-Type: {kind}")
    sent = opening.ljust(max(TOO_MUCH, TABLE[route].most + 1) if route in TABLE else TOO_MUCH, b"\0")
    status, _head, body = as_a_proxy(
        world.town.product.port, path, length.format(length=len(sent)), *who, method=method, sent=sent
    )
    assert status == 413
    assert {*json.loads(body)} <= {"error", "detail"}


@pytest.mark.parametrize("route", TABLE)
def test_a_stranger_is_refused_before_the_body_is_looked_at(world: World, route: str) -> None:
    method, path = asked(world, route)
    stranger = world.visitors[NOBODY]
    assert stranger.request(method, path, json=GOOD.get(route)).status_code == TABLE[route].stranger
    if TABLE[route].stranger == 401 and "/auth/" not in path:
        spoiled = stranger.request(method, path, content=b'{"' + MARK.encode(), headers=JSON)
        assert spoiled.status_code == 401, "who it is comes first"


def test_a_text_that_is_longer_than_any_is_refused_by_its_name(world: World, changing: list[Found]) -> None:
    program, visitor = world.programs[ADMIN], world.visitors[ADMIN]
    tried = set()
    for route in changing:
        method, path = asked(world, str(route))
        for name, most, is_in_list in (each for kind in route.bodies for each in texts_of(kind)):
            assert most
            text = (MARK * most)[: most + 1]
            body = json.dumps(GOOD[str(route)] | {name: [text] if is_in_list else text}).encode()
            ask: Callable[..., httpx.Response] = program.ask if path.startswith("/api/") else visitor.request
            answer = ask(method, path, content=body, headers=JSON)
            assert answer.status_code == 422, f"{route}: {name}"
            assert MARK not in answer.text
            assert name in answer.text or not path.startswith("/api/")
            tried.add((str(route), name))
    assert len(tried) > 30


@pytest.mark.parametrize(
    "path", ["/", "/api/characters", "/feed/gallery", "/portraits/x.svg", "/_nicegui_ws/socket.io/"]
)
def test_an_address_has_an_end(world: World, path: str) -> None:
    answer = world.visitors[OWNER].get(path, params={"q": MARK * (LONGEST_ADDRESS // len(MARK))})
    assert answer.status_code == 414
    assert MARK not in answer.text


@pytest.mark.parametrize("endless", [b"GET /?q=", b"GET / HTTP/1.1\r\nCookie: ", b"GET / HTTP/1.1\r\n"])
def test_the_head_of_a_request_has_an_end(world: World, endless: bytes) -> None:
    with socket.create_connection(("127.0.0.1", world.town.product.port), timeout=20) as connection:
        connection.sendall(endless)
        piece = b"a: b\r\n" * 1000 if endless.endswith(b"\r\n") else b"x" * 6000
        sent = 0
        try:
            while sent < 100 * LONGEST_HEAD:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:  # they have hung up
            pass
    assert sent < 100 * LONGEST_HEAD, "whoever holds it all is filled"


@pytest.mark.parametrize("name", ["beseda", "somebody_elses"])
def test_a_cookie_takes_no_longer_to_read_than_its_length(world: World, name: str) -> None:
    """Python takes the square of it for backslashes in quotes: a minute for this one, during which nobody is served."""
    with httpx.Client(base_url=world.url, timeout=20) as stranger:
        hostile = f'{name}="{chr(92) * 60_000}"'
        assert stranger.get("/healthz", headers={"Cookie": hostile}).status_code == 200
        kept = f"beseda={world.visitors[OWNER].cookies['beseda']}"
        for cookies in (f"{hostile}; {kept}", f"{kept}; {hostile}") if name != "beseda" else ():
            assert stranger.get("/feed/dialogs", headers={"Cookie": cookies}).status_code == 200, "the others are read"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Generator[Product]:
    """A server that everybody may ask once."""
    few = {limit.name: 10**6 for limit in ALL}
    few |= {API_CALLS.name: 1, WEB_CHANGES.name: 1, EXPORTS.name: 1, PREVIEWS.name: 1}
    few[WEB_CALLS.name] = len(TABLE) + 20
    limits = ",".join(f"{name}={times}" for name, times in few.items())
    product = Product(tmp_path_factory.mktemp("strict"), DEMO_PAUSE="0", LIMITS=limits)
    product.start()
    yield product
    product.stop()


def test_whoever_asks_too_often_is_told_when_to_come_back(world: World, strict: Product, changing: list[Found]) -> None:
    with httpx.Client(base_url=strict.url, timeout=60) as visitor:
        once = ("/export/dialogs/1.md", "/characters/1/preview.jpg", "/api/characters")
        assert [visitor.get(path).status_code for path in once] == [401, 200, 200]
        assert visitor.post("/leave").status_code == 204
        for method, path in [("GET", path) for path in once] + [asked(world, str(route)) for route in changing]:
            answer = visitor.request(method, path)
            assert answer.status_code == 429, f"{method} {path}"
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json().get("error") or answer.json()["detail"]


def test_whoever_reads_too_often_is_told_so_on_every_page(world: World, strict: Product, routes: list[Found]) -> None:
    with httpx.Client(base_url=strict.url, timeout=60, headers={"Accept": "text/html"}) as visitor:
        assert 429 in [visitor.get("/manifest.webmanifest").status_code for _time in range(len(TABLE) + 21)]
        for route in routes:
            if route.method == "GET" and limits_of("GET", route.path):
                answer = visitor.get(asked(world, str(route))[1])
                assert answer.status_code == 429, str(route)
                assert int(answer.headers["retry-after"]) > 0
        for probe in PROBED:
            answer = visitor.get(probe)
            assert answer.status_code == 200, "a proxy that is refused takes the instance away from everybody"
            assert answer.headers["cache-control"] == "no-store"

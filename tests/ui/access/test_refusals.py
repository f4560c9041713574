"""Error responses never repeat what was sent, nor does the log. Bodies are made from the API's description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest

from tests.ui.access.conftest import ADMIN, NOBODY, OWNER, PERSON, SECRET, World
from tests.ui.api.conftest import Program

MARK = "sEcReT-pAsSwOrD-42"
"""Stands for a password, a token or a message."""
JSON = {"Content-Type": "application/json"}
ECHO = "eChO-oF-a-HeAdEr"
NUMBERS = (
    0,
    -1,
    2**31,
    2**63,
    10**30,
    -(10**30),
    1e308,
    "1; DROP TABLE user",
    "../1",
    MARK,
    [1],
    {"id": 1},
    None,
    True,
)
HOSTILE_HEADERS = {
    "Accept-Language": (f'"><script>{ECHO}</script>', "ru" * 5000, "\xff\xfe", "ru;q=NaN, en;q=1e999", ",;=," * 500),
    "Cookie": (
        f"beseda={ECHO}",
        "beseda=" + "x" * 5000,
        f"beseda_zone=../../../{ECHO}",
        "beseda_zone=" + "Z" * 5000,
        "beseda_zone=%00",
        f'beseda_theme="><script>{ECHO}</script>; beseda_language={ECHO}',
        ";;;=;=;",
        "beseda=\xff\xfe",
    ),
    "User-Agent": (f'"><script>{ECHO}</script>', "", "M" * 9000, "\xff"),
    "Referer": (f"https://evil.example/{ECHO}",),
    "Authorization": (f"Bearer {ECHO}", f"Basic {ECHO}", "Bearer", "Bearer " + "a" * 20_000, "Bearer \xff", "\x7f"),
    "Host": ("evil.example", f"{ECHO}.example", "a" * 300, "[::1", "127.0.0.1:99999", "@"),
    "X-Forwarded-For": (ECHO, "1.2.3.4,1.2.3.4" * 300, "::ffff:127.0.0.1", "\xff"),
    "X-Forwarded-Host": ("evil.example",),
    "X-Forwarded-Prefix": ("//evil.example", f"/{ECHO}"),
    "X-Forwarded-Proto": ("https", ECHO),
    "Forwarded": ("host=evil.example;proto=https",),
    "Range": ("bytes=" + "0-1," * 1500, "bytes=9-1", ECHO),
    "Last-Event-ID": (ECHO, "9" * 5000),
    "Accept": ("text/event-stream", ECHO, ",;" * 2000),
    "Content-Type": ("multipart/form-data", "application/json; charset=nonsense", ECHO),
    "Expect": ("100-continue", ECHO),
}


PARTS = {"pin_id": 1, "fact_id": 1, "chapter_id": 1, "version_id": 1, "book_id": 1, "entry_id": 1}


def description(program: Program) -> dict[str, Any]:
    return dict(program.get("/openapi.json").json())


def resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def kinds_of(described: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema, or the choices it is of."""
    whole = resolved(described, schema)
    return [resolved(described, each) for each in whole.get("anyOf", [whole])]


def sample(described: dict[str, Any], name: str, schema: dict[str, Any]) -> object:
    """Something the field takes."""
    kind = kinds_of(described, schema)[0]
    if "enum" in kind:
        return kind["enum"][0]
    if "email" in name:
        return "a@example.org"
    by_type = {"integer": 1, "number": 1, "boolean": True, "array": [], "string": "достаточно длинное слово"}
    return by_type[kind["type"]]


def bodies(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Method, path, properties and a good body of every operation that takes JSON."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            taken = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if taken:
                schema = kinds_of(described, taken["schema"])[0]
                properties = schema.get("properties", {})
                good = {name: sample(described, name, properties[name]) for name in schema.get("required", [])}
                yield method.upper(), path, properties, good


def spoiled(good: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    for wrong in (
        MARK,
        [MARK],
        {MARK: MARK},
        {"a": MARK},
        MARK * 10_000,
        [[MARK]],
        f"{MARK}\0",
        f"{MARK}\ud800",
        "\u202e" + MARK,
    ):
        yield good | {name: wrong}


def filled_in(path: str, world: World) -> str:
    ids = {"character_id": world.gone, "dialog_id": world.dialog, "message_id": world.message, "user_id": 0}
    return path.format(**ids, **PARTS)


@pytest.mark.slow
def test_no_refusal_repeats_what_was_sent(world: World) -> None:
    asked = 0
    described = description(world.programs[NOBODY])
    for method, path, properties, good in bodies(described):
        address = filled_in(path, world)
        sent = [json.dumps(body).encode() for name in properties for body in spoiled(good, name)]
        sent += [f'{{"password": "{MARK}'.encode(), MARK.encode(), f'["{MARK}"]'.encode(), f'"{MARK}"'.encode()]
        sent += [b"\xff" + MARK.encode(), b"[" * 5000 + MARK.encode()]
        for body in sent:
            for program in (world.programs[NOBODY], world.programs[ADMIN]):
                answer = program.ask(method, address, content=body, headers=JSON)
                asked += 1
                assert answer.status_code < 500, f"{method} {path}: {body[:200]!r}"
                if answer.status_code >= 400:
                    assert MARK not in answer.text, f"{method} {path}: {body[:200]!r}"
        as_text = world.programs[ADMIN].ask(method, address, content=MARK, headers={"Content-Type": "text/plain"})
        assert MARK not in as_text.text
    assert asked > 200
    assert MARK not in world.town.product.log.read_text("utf-8")


@pytest.mark.parametrize("path", ["/enter", "/preferences", "/feed/dialogs/import", "/feed/photos"])
def test_our_own_routes_do_not_repeat_it_either(world: World, path: str) -> None:
    saved = json.loads(world.saved)
    wrong: list[object] = [
        MARK,
        [MARK],
        {MARK: MARK},
        {"ticket": MARK},
        {"ticket": [MARK]},
        {"theme": MARK, "language": {}},
    ]
    wrong += [
        saved | {"messages": [{"text": [MARK], MARK: MARK}]},
        saved | {"leaf_id": MARK},
        saved | {"title": [MARK]},
    ]
    raw = [json.dumps(each).encode() for each in wrong] + [MARK.encode(), b'{"ticket": "' + MARK.encode(), b"\xff"]
    for body in raw:
        answer = world.visitors[OWNER].post(path, content=body, headers=JSON)
        assert answer.status_code < 500, body
        if answer.status_code >= 400:
            assert MARK not in answer.text, body
    assert MARK not in world.town.product.log.read_text("utf-8")


def test_addresses_with_secrets_are_neither_shown_nor_logged(world: World) -> None:
    for path in ("/sign-up/", "/log-in/", "/profile/email/", "/pictures/", "/nowhere/", "/api/characters/"):
        for answer in (world.visitors[NOBODY].get(path + MARK), world.visitors[OWNER].post(path + MARK)):
            assert 400 <= answer.status_code < 500
            assert MARK not in answer.text
    assert MARK not in world.town.product.log.read_text("utf-8")


@pytest.mark.parametrize("name", HOSTILE_HEADERS)
def test_no_header_breaks_a_page_or_comes_back_in_it(world: World, name: str) -> None:
    for value in HOSTILE_HEADERS[name]:
        for path in ("/", "/log-in", "/feed/gallery", "/api/characters", "/nowhere", "/mine", "/assets/icons/logo.svg"):
            headers = {name.encode(): value.encode("latin-1")}
            with httpx.Client(base_url=world.url, timeout=60) as visitor:
                answer = visitor.get(path, headers=headers)
            assert answer.status_code < 500, f"{path} with {name}: {value[:60]!r}"
            assert ECHO not in answer.text
            assert "evil.example" not in answer.text + answer.headers.get("location", "")


def is_number(described: dict[str, Any], schema: dict[str, Any]) -> bool:
    return any(kind.get("type") == "integer" for kind in kinds_of(described, schema))


def addressed(described: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """Method, path and every number in it or in its query; whether it stands in the path."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if is_number(described, parameter["schema"]):
                    yield method.upper(), path, parameter["name"], parameter["in"] == "path"


@pytest.mark.slow
def test_no_number_in_an_address_of_the_api_breaks_it_or_finds_what_is_somebody_elses(world: World) -> None:
    program = world.programs[PERSON]
    theirs = {
        "character_id": world.private,
        "dialog_id": world.dialog,
        "message_id": world.message,
        "user_id": world.programs[OWNER].id,
        **PARTS,
    }
    numbers = list(addressed(description(program)))
    assert len(numbers) > 15
    for method, path, name, in_path in numbers:
        for value in (*NUMBERS, "9" * 5000):
            address = path.format(**(theirs | ({name: value} if in_path else {})))
            answer = program.ask(method, address, params={} if in_path else {name: str(value)})
            assert answer.status_code < 500, f"{method} {path}, {name}={value!r}"
            assert SECRET not in answer.text
        if in_path:
            answer = program.ask(method, path.format(**theirs))
            assert answer.status_code in {403, 404, 422}, f"{method} {path}"
            assert SECRET not in answer.text


@pytest.mark.slow
def test_no_number_in_a_body_of_the_api_breaks_it_or_finds_what_is_somebody_elses(world: World) -> None:
    program = world.programs[PERSON]
    described = description(program)
    asked = set()
    for method, path, properties, good in bodies(described):
        for name in (name for name, schema in properties.items() if is_number(described, schema)):
            asked.add(name)
            for value in (*NUMBERS, world.dialog):
                address = path.format(character_id=world.public, dialog_id=world.dialog, **PARTS)
                answer = program.ask(method, address, json=good | {name: value})
                assert answer.status_code < 500, f"{method} {path}, {name}={value!r}"
                assert answer.status_code in {404, 422} or name != "dialog_id" or value is None, value
                assert SECRET not in answer.text
    assert "dialog_id" in asked


def test_the_ids_of_a_saved_conversation_are_not_believed(world: World) -> None:
    saved = json.loads(world.saved)
    for number, name in product((*NUMBERS, world.private, world.forbidden), ("Тайна", "Запретная")):
        named = saved | {"character": {"id": number, "name": name}}
        answer = world.visitors[PERSON].post("/feed/dialogs/import", content=json.dumps(named).encode())
        assert answer.status_code == 422, f"{number!r}: {answer.text}"
        leaf = json.dumps(saved | {"leaf_id": number}).encode()
        assert world.visitors[PERSON].post("/feed/dialogs/import", content=leaf).status_code in {200, 422}, number
        assert SECRET not in answer.text
    answer = world.visitors[PERSON].post(
        "/feed/dialogs/import", content=json.dumps(saved | {"character": {"id": 2**70, "name": "Марина"}}).encode()
    )
    assert answer.status_code in {200, 422}

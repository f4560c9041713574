"""Access-control tests of the API: every route × role × object's owner. A route without a row here fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from tests.domain.cards.card_files import v2
from tests.domain.pictures.photos import a_photo
from tests.ui.api.conftest import ADMIN, BLOCKED, LIGHTHOUSE, NOBODY, OWNER, SECRET_CONTEXT, USER, Program, Town, World

PLACE = re.compile(r"{\w+}")
ROLES = (NOBODY, USER, OWNER, BLOCKED, ADMIN)
LOREBOOK = json.dumps({"spec": "lorebook_v3", "data": {"name": "Мир", "extensions": {}, "entries": []}})


@dataclass
class Row:
    """A request about something, and the status for each role, in the order of `ROLES`."""

    about: str
    statuses: tuple[int, int, int, int, int]
    target: Callable[[World], int] = lambda _: 0
    body: Callable[[World], Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    part: Callable[[World], int] = lambda _: 0
    """What the address names below that."""


OPEN = (200, 200, 200, 403, 200)
"""A token is not asked for, and one that is not good just now is refused all the same."""
WITH_TOKEN = (401, 200, 200, 403, 200)
FOR_ADMINS = (401, 403, 403, 403, 200)
DOOR = (422, 422, 422, 422, 422)
"""Anybody may knock; what is sent here is empty, so that nobody comes in."""


OF_A_CHARACTER = (401, 404, 200, 403, 200)
OF_THE_OWNER = (401, 404, 200, 403, 404)
OF_NOBODY = (401, 404, 404, 403, 404)


def book(world: World) -> int:
    return world.book


def island(world: World) -> int:
    return world.island


def first_message(world: World) -> int:
    return int(world.owner.get(f"/api/dialogs/{world.dialog}/messages").json()[0]["id"])


def reply(world: World) -> int:
    messages = world.owner.get(f"/api/dialogs/{world.dialog}/messages").json()
    return next(int(each["id"]) for each in messages[1:] if each["role"] == "assistant")


def pin(world: World) -> int:
    pinned = world.owner.post(f"/api/dialogs/{world.dialog}/memory/pins", {"message_id": first_message(world)})
    return int(pinned.json()["id"])


numbers = count(1)


def version(world: World) -> int:
    """The id of a version of the public character from before a change."""
    world.owner.ask("PATCH", f"/api/characters/{world.public}", json={"bio": f"На маяке, {next(numbers)}."})
    return int(world.owner.get(f"/api/characters/{world.public}/versions").json()[0]["id"])


def said(**fields: Any) -> Callable[[World], Any]:
    return lambda _: {"message": "Привет!"} | fields


TABLE: dict[str, list[Row]] = {
    "POST /api/auth/request-signup": [Row("nothing", DOOR, body=lambda _: {})],
    "POST /api/auth/complete-signup": [Row("nothing", DOOR, body=lambda _: {})],
    "POST /api/auth/login": [Row("nothing", DOOR, body=lambda _: {})],
    "POST /api/auth/refresh": [Row("nothing", DOOR, body=lambda _: {})],
    "POST /api/auth/log-out": [Row("oneself", (401, 204, 204, 403, 204))],
    "GET /api/auth/me": [Row("oneself", WITH_TOKEN)],
    "GET /api/characters": [
        Row("all", OPEN),
        Row("one's own", WITH_TOKEN, options={"params": {"mine": True}}),
        Row("an owner's", OPEN, options={"params": {"owner_id": 1}}),
    ],
    "POST /api/characters": [Row("a new one", WITH_TOKEN, body=lambda _: LIGHTHOUSE)],
    "GET /api/characters/{character_id}": [
        Row("a public one", OPEN, lambda world: world.public),
        Row("a private one", (403, 403, 200, 403, 200), lambda world: world.private),
        Row("a blocked one", (404, 404, 200, 403, 200), lambda world: world.forbidden),
        Row("a deleted one", (404, 404, 404, 403, 404), lambda world: world.gone),
    ],
    "PATCH /api/characters/{character_id}": [
        Row("a public one", (401, 403, 200, 403, 200), lambda world: world.public, lambda _: {"bio": "На маяке."}),
        Row("a private one", (401, 403, 200, 403, 200), lambda world: world.private, lambda _: {"bio": "На маяке."}),
        Row("a blocked one", (401, 404, 200, 403, 200), lambda world: world.forbidden, lambda _: {"bio": "Там."}),
        Row("a deleted one", (401, 404, 404, 403, 404), lambda world: world.gone, lambda _: {"bio": "На маяке."}),
    ],
    "DELETE /api/characters/{character_id}": [
        Row("a public one", (401, 403, 204, 403, 204), World.fresh),
        Row("a private one", (401, 403, 204, 403, 204), lambda world: world.owner.character(is_public=False)),
        Row("a deleted one", (401, 404, 404, 403, 404), lambda world: world.gone),
    ],
    "POST /api/characters/{character_id}/block": [
        Row("a public one", FOR_ADMINS, World.fresh),
        Row("a deleted one", (401, 403, 403, 403, 404), lambda world: world.gone),
    ],
    "GET /api/characters/{character_id}/versions": [
        Row("a public one", (401, 403, 200, 403, 200), lambda world: world.public),
        Row("a private one", (401, 403, 200, 403, 200), lambda world: world.private),
        Row("a blocked one", (401, 404, 200, 403, 200), lambda world: world.forbidden),
        Row("a deleted one", (401, 404, 404, 403, 404), lambda world: world.gone),
    ],
    "GET /api/characters/{character_id}/versions/{version_id}": [
        Row("a public one", (401, 403, 200, 403, 200), lambda world: world.public, part=version),
        Row("none", (401, 403, 404, 403, 404), lambda world: world.public, part=lambda _: 2**31 - 1),
    ],
    "POST /api/characters/{character_id}/versions/{version_id}/restore": [
        Row("a public one", (401, 403, 200, 403, 200), lambda world: world.public, part=version),
        Row("none", (401, 403, 404, 403, 404), lambda world: world.public, part=lambda _: 2**31 - 1),
    ],
    "POST /api/characters/upload/photo": [
        Row("a photo", WITH_TOKEN, options={"files": {"file": ("../../evil.html", a_photo(), "text/html")}})
    ],
    "POST /api/characters/import": [
        Row("a card", (401, 201, 201, 403, 201), options={"content": json.dumps(v2())}),
        Row("no card", (401, 422, 422, 403, 422), options={"content": b"GIF89a"}),
    ],
    "GET /api/characters/export": [
        Row("none", (401, 422, 422, 403, 422)),
        Row("one that is gone", (401, 404, 404, 403, 404), options={"params": {"ids": [2**31 - 1]}}),
    ],
    "GET /api/characters/{character_id}/export": [
        Row("a public one", WITH_TOKEN, lambda world: world.public, options={"params": {"as": "json"}}),
        Row(
            "a private one", (401, 403, 200, 403, 200), lambda world: world.private, options={"params": {"as": "json"}}
        ),
        Row(
            "a blocked one",
            (401, 404, 200, 403, 200),
            lambda world: world.forbidden,
            options={"params": {"as": "json"}},
        ),
        Row("a deleted one", (401, 404, 404, 403, 404), lambda world: world.gone),
    ],
    "GET /api/dialogs": [Row("one's own", WITH_TOKEN)],
    "GET /api/dialogs/{dialog_id}/messages": [
        Row("the owner's", (401, 404, 200, 403, 404), lambda world: world.dialog)
    ],
    "POST /api/dialogs/copies": [
        Row("the owner's", (401, 404, 201, 403, 404), body=lambda world: {"message_id": first_message(world)})
    ],
    "PUT /api/dialogs/messages/{message_id}/feedback": [
        Row("the owner's reply", (401, 404, 204, 403, 404), reply, lambda _: {"feedback": "up"}),
        Row("the owner's greeting", (401, 404, 404, 403, 404), first_message, lambda _: {"feedback": "up"}),
        Row("taken back", (401, 404, 204, 403, 404), reply, lambda _: {"feedback": None}),
        Row("no thumb", (401, 422, 422, 403, 422), reply, lambda _: {"feedback": "sideways"}),
    ],
    "PUT /api/dialogs/messages/{message_id}/hidden": [
        Row("the owner's", (401, 404, 204, 403, 404), first_message, lambda _: {"hidden": True}),
        Row("shown again", (401, 404, 204, 403, 404), first_message, lambda _: {"hidden": False}),
    ],
    "GET /api/dialogs/messages/{message_id}/lore": [
        Row("the owner's", (401, 404, 200, 403, 404), reply),
        Row("the owner's greeting", (401, 404, 200, 403, 404), first_message),
    ],
    "GET /api/dialogs/{dialog_id}/memory": [Row("the owner's", (401, 404, 200, 403, 404), lambda world: world.dialog)],
    "PUT /api/dialogs/{dialog_id}/memory": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, lambda _: {"on": True})
    ],
    "DELETE /api/dialogs/{dialog_id}/memory": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.other_dialog)
    ],
    "POST /api/dialogs/{dialog_id}/memory/backlog": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.other_dialog)
    ],
    "POST /api/dialogs/{dialog_id}/memory/pins": [
        Row("words", (401, 404, 201, 403, 404), lambda world: world.dialog, lambda _: {"text": "Мы в ссоре."}),
        Row(
            "a message",
            (401, 404, 201, 403, 404),
            lambda world: world.dialog,
            lambda world: {"message_id": first_message(world)},
        ),
        Row("nothing", (401, 422, 422, 403, 422), lambda world: world.dialog, lambda _: {}),
    ],
    "DELETE /api/dialogs/{dialog_id}/memory/pins/{pin_id}": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, part=pin),
        Row("none", (401, 404, 404, 403, 404), lambda world: world.dialog, part=lambda _: 2**31 - 1),
    ],
    "PATCH /api/dialogs/{dialog_id}/memory/facts/{fact_id}": [
        Row(
            "the owner's",
            (401, 404, 204, 403, 404),
            lambda world: world.dialog,
            lambda _: {"text": "Илья не ест рыбу.", "pinned": True},
            part=lambda world: world.fact,
        ),
        Row(
            "nothing of it",
            (401, 422, 422, 403, 422),
            lambda world: world.dialog,
            lambda _: {"text": ""},
            part=lambda world: world.fact,
        ),
    ],
    "DELETE /api/dialogs/{dialog_id}/memory/facts/{fact_id}": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, part=lambda world: world.other_fact),
    ],
    "POST /api/dialogs/{dialog_id}/memory/facts/{fact_id}/undo": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, part=lambda world: world.other_fact),
        Row("none", (401, 404, 404, 403, 404), lambda world: world.dialog, part=lambda _: 2**31 - 1),
    ],
    "PATCH /api/dialogs/{dialog_id}/memory/chapters/{chapter_id}": [
        Row(
            "the owner's",
            (401, 404, 204, 403, 404),
            lambda world: world.dialog,
            lambda _: {"text": "Они помирились."},
            part=lambda world: world.chapter,
        ),
    ],
    "POST /api/dialogs/{dialog_id}/memory/chapters/{chapter_id}/retell": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, part=lambda world: world.chapter),
    ],
    "POST /api/dialogs/{character_id}/messages": [
        Row("a public one", WITH_TOKEN, lambda world: world.public, said()),
        Row("a private one", (401, 403, 200, 403, 200), lambda world: world.private, said()),
        Row("a blocked one", (401, 404, 404, 403, 404), lambda world: world.forbidden, said()),
        Row("a deleted one", (401, 404, 404, 403, 404), lambda world: world.gone, said()),
        Row(
            "the owner's dialog",
            (401, 404, 200, 403, 404),
            lambda world: world.public,
            lambda world: {"message": "Это снова я.", "dialog_id": world.dialog},
        ),
        Row(
            "a dialog with another character",
            (401, 403, 404, 403, 404),
            lambda world: world.private,
            lambda world: {"message": "Это снова я.", "dialog_id": world.dialog},
        ),
    ],
    "GET /api/books": [Row("one's own", WITH_TOKEN)],
    "POST /api/books": [
        Row("a new one", (401, 201, 201, 403, 201), body=lambda _: {"name": "Острова"}),
        Row("without a name", (401, 422, 422, 403, 422), body=lambda _: {"name": " "}),
    ],
    "POST /api/books/import": [
        Row("a lorebook", (401, 201, 201, 403, 201), options={"content": LOREBOOK}),
        Row("none", (401, 422, 422, 403, 422), options={"content": b"GIF89a"}),
    ],
    "POST /api/books/{book_id}/import": [
        Row("a character's", (401, 404, 201, 403, 201), book, options={"content": LOREBOOK}),
        Row("a world", (401, 404, 201, 403, 404), island, options={"content": LOREBOOK}),
        Row("no lorebook", (401, 404, 422, 403, 404), island, options={"content": b"[]"}),
    ],
    "POST /api/characters/{character_id}/book/import": [
        Row("a public one's", (401, 403, 201, 403, 201), lambda world: world.public, options={"content": LOREBOOK}),
        Row("a deleted one's", OF_NOBODY, lambda world: world.gone, options={"content": LOREBOOK}),
    ],
    "GET /api/books/{book_id}/export": [
        Row("a character's", OF_A_CHARACTER, book),
        Row("a world", OF_THE_OWNER, island),
    ],
    "GET /api/books/{book_id}": [
        Row("a character's", OF_A_CHARACTER, book),
        Row("a world", OF_THE_OWNER, island),
        Row("none", OF_NOBODY, lambda _: 2**31 - 1),
    ],
    "PATCH /api/books/{book_id}": [
        Row("a character's", OF_A_CHARACTER, book, lambda _: {"scan_depth": 6, "is_recursive": None}),
        Row("a world", OF_THE_OWNER, island, lambda _: {"name": "Острова", "shows_titles": True}),
        Row("too deep", (401, 404, 422, 403, 404), island, lambda _: {"scan_depth": 10_000}),
        Row("nothing to show", (401, 422, 422, 403, 422), island, lambda _: {"shows_titles": None}),
    ],
    "DELETE /api/books/{book_id}": [
        Row("a character's", (401, 404, 204, 403, 404), lambda world: world.spare_book),
        Row("a world", (401, 404, 204, 403, 404), lambda world: world.spare_island),
    ],
    "POST /api/books/{book_id}/restore": [
        Row("a character's", (401, 404, 200, 403, 403), lambda world: world.spare_book),
        Row("a world", OF_THE_OWNER, lambda world: world.spare_island),
    ],
    "POST /api/books/{book_id}/try": [
        Row("a character's", OF_A_CHARACTER, book, lambda _: {"text": "Кот спит."}),
        Row("a world", OF_THE_OWNER, island, lambda _: {"text": "Кот спит."}),
    ],
    "GET /api/books/{book_id}/entries": [
        Row("a character's", OF_A_CHARACTER, book),
        Row("found", OF_A_CHARACTER, book, options={"params": {"q": "кот"}}),
        Row("a world's", OF_THE_OWNER, island),
    ],
    "POST /api/books/{book_id}/entries": [
        Row("a character's", (401, 404, 201, 403, 201), book, lambda _: {"keys": ["пёс"]}),
        Row("a world's", (401, 404, 201, 403, 404), island, lambda _: {}),
        Row("of no form", (401, 422, 422, 403, 422), book, lambda _: {"keys": ["/(/"]}),
    ],
    "POST /api/books/{book_id}/entries/order": [
        Row("a character's", (401, 404, 204, 403, 204), book, lambda world: {"ids": [world.entry]}),
        Row("a world's", (401, 404, 204, 403, 404), island, lambda world: {"ids": [world.entry]}),
    ],
    "GET /api/books/{book_id}/entries/{entry_id}": [
        Row("a character's", OF_A_CHARACTER, book, part=lambda world: world.entry),
        Row("of another book", OF_NOBODY, island, part=lambda world: world.entry),
    ],
    "PATCH /api/books/{book_id}/entries/{entry_id}": [
        Row("a character's", OF_A_CHARACTER, book, lambda _: {"order": 3}, part=lambda world: world.entry),
        Row("of another book", OF_NOBODY, island, lambda _: {"order": 3}, part=lambda world: world.entry),
        Row(
            "changed since",
            (401, 404, 422, 403, 422),
            book,
            lambda _: {"order": 3, "version": "older"},
            part=lambda world: world.entry,
        ),
    ],
    "DELETE /api/books/{book_id}/entries/{entry_id}": [
        Row("of another book", OF_NOBODY, island, part=lambda world: world.other_entry),
        Row("a character's", (401, 404, 204, 403, 404), book, part=lambda world: world.other_entry),
    ],
    "POST /api/books/{book_id}/entries/{entry_id}/restore": [
        Row("of another book", OF_NOBODY, island, part=lambda world: world.other_entry),
        Row("a character's", (401, 404, 204, 403, 404), book, part=lambda world: world.other_entry),
    ],
    "GET /api/characters/{character_id}/book": [
        Row("a public one's", (401, 403, 200, 403, 200), lambda world: world.public),
        Row("a private one's", (401, 404, 404, 403, 404), lambda world: world.forbidden),
    ],
    "POST /api/characters/{character_id}/book": [
        Row("a public one's", (401, 403, 200, 403, 200), lambda world: world.public),
        Row("a deleted one's", OF_NOBODY, lambda world: world.gone),
    ],
    "GET /api/characters/{character_id}/worlds": [
        Row("a public one's", (401, 403, 200, 403, 200), lambda world: world.public),
    ],
    "PUT /api/characters/{character_id}/worlds/{book_id}": [
        Row("a public one's", (401, 404, 204, 403, 404), lambda world: world.public, part=island),
    ],
    "DELETE /api/characters/{character_id}/worlds/{book_id}": [
        Row("a public one's", (401, 403, 204, 403, 403), lambda world: world.public, part=island),
    ],
    "GET /api/dialogs/{dialog_id}/worlds": [Row("the owner's", OF_THE_OWNER, lambda world: world.dialog)],
    "PUT /api/dialogs/{dialog_id}/worlds/{book_id}": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, part=island),
    ],
    "DELETE /api/dialogs/{dialog_id}/worlds/{book_id}": [
        Row("the owner's", (401, 404, 204, 403, 404), lambda world: world.dialog, part=island),
    ],
    "GET /api/admin/stats": [Row("all", FOR_ADMINS)],
    "GET /api/admin/users": [Row("all", FOR_ADMINS)],
    "GET /api/admin/users/{user_id}": [
        Row("the owner", FOR_ADMINS, lambda world: world.owner.id),
        Row("nobody", (401, 403, 403, 403, 404), lambda _: 2**31 - 1),
    ],
    "GET /api/admin/dialogs/{dialog_id}": [
        Row("the owner's", FOR_ADMINS, lambda world: world.dialog),
        Row("none", (401, 403, 403, 403, 404), lambda _: 2**31 - 1),
    ],
    "POST /api/admin/users/{user_id}/block": [
        Row("a newcomer", FOR_ADMINS, World.newcomer),
        Row("nobody", (401, 403, 403, 403, 404), lambda _: 2**31 - 1),
    ],
}


def cases() -> Iterator[Any]:
    for route, rows in TABLE.items():
        for row in rows:
            for role, status in zip(ROLES, row.statuses, strict=True):
                yield pytest.param(route, row, role, status, id=f"{route}: {role}, {row.about}")


def test_every_route_has_its_row(town: Town) -> None:
    described = town.stranger.get("/openapi.json").json()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    assert routes == set(TABLE)


@pytest.mark.parametrize(("route", "row", "role", "status"), list(cases()))
def test_only_who_may(world: World, route: str, row: Row, role: str, status: int) -> None:
    method, _, path = route.partition(" ")
    program = world.programs[role]
    if path.endswith("/log-out") and role not in {NOBODY, BLOCKED}:
        program = world.town.again(program)
    options = row.options | ({"json": row.body(world)} if row.body else {})
    address = PLACE.sub(str(row.part(world)), PLACE.sub(str(row.target(world)), path, count=1))
    answer = program.ask(method, address, **options)
    assert answer.status_code == status, answer.text
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    if role == BLOCKED and status == 403:
        assert answer.json() == {"detail": "User is inactive or blocked"}
    if status >= 400:
        assert set(answer.json()) == {"detail"}
    if role not in {OWNER, ADMIN}:
        assert SECRET_CONTEXT not in answer.text, "the context is its owner's secret"


@pytest.mark.parametrize(
    ("route", "role", "detail"),
    [
        ("GET /api/characters/{private}", NOBODY, "Private character"),
        ("GET /api/characters/{forbidden}", USER, "Character not found"),
        ("PATCH /api/characters/{public}", USER, "Forbidden"),
        ("PATCH /api/characters/{gone}", OWNER, "Not found"),
        ("POST /api/characters/{gone}/block", ADMIN, "Not found"),
        ("POST /api/dialogs/{forbidden}/messages", OWNER, "Character not found"),
        ("POST /api/dialogs/{private}/messages", USER, "Private character"),
        ("GET /api/dialogs/{dialog}/messages", USER, "Dialog not found"),
        ("GET /api/admin/stats", USER, "Admin only"),
        ("GET /api/admin/users/999999", ADMIN, "Not found"),
    ],
)
def test_refusals_have_the_seeds_words(world: World, route: str, role: str, detail: str) -> None:
    method, _, path = route.partition(" ")
    body = {"json": {"message": "Привет!"}} if method != "GET" and "dialogs" in path else {}
    body = {"json": {}} if method == "PATCH" else body
    assert world.programs[role].ask(method, path.format(**vars(world)), **body).json() == {"detail": detail}


def test_lists_hold_what_is_meant_for_the_reader(world: World) -> None:
    def listed(role: str, **query: Any) -> set[int]:
        return {each["id"] for each in world.programs[role].get("/api/characters", **query).json()}

    mine = {world.public, world.private, world.forbidden}
    owner = world.owner.id
    assert listed(NOBODY) & mine == {world.public}
    assert listed(USER, owner_id=owner) & mine == {world.public}, "somebody else's private ones are never listed"
    assert listed(OWNER, owner_id=owner) & mine == mine
    assert listed(OWNER, mine=True) & mine == mine
    assert listed(OWNER) & mine == {world.public}
    assert listed(USER, mine=True) & mine == set()


def test_the_context_is_for_the_owner_and_admins(world: World) -> None:
    def contexts(role: str) -> set[str | None]:
        page = world.programs[role].get("/api/characters", owner_id=world.owner.id).json()
        card = world.programs[role].get(f"/api/characters/{world.public}").json()
        return {each["context"] for each in (*page, card) if each["id"] == world.public}

    assert contexts(NOBODY) == contexts(USER) == {None}
    assert contexts(OWNER) == contexts(ADMIN) == {SECRET_CONTEXT}
    history = world.owner.get(f"/api/dialogs/{world.dialog}/messages").json()
    assert SECRET_CONTEXT not in str(history), "and it is no message of a dialog"


def test_what_the_editor_writes_can_be_sent_too_and_its_secrets_are_for_the_owner_and_admins(world: World) -> None:
    secrets: dict[str, Any] = {
        "personality": "Немногословна",
        "scenario": "Шторм",
        "examples": ["{{user}}: Кто?\n{{char}}: Я."],
        "after_history": "Будь кратка.",
        "temperature": 0.2,
        "reply_tokens": 300,
    }
    shown = {
        "teaser": "Маяк на краю света",
        "greeting": "Заходи, здесь тепло.",
        "other_greetings": ["Опять шторм."],
        "notes": "Спросите о маяке.",
        "age_mark": "16+",
        "portrait": 3,
        "language": "en",
    }
    card = f"/api/characters/{world.owner.character(**secrets, **shown)}"

    def told(role: str) -> dict[str, Any]:
        answer = world.programs[role].get(card).json()
        return {field: answer[field] for field in secrets | shown}

    assert told(OWNER) == told(ADMIN) == secrets | shown
    assert told(NOBODY) == told(USER) == dict.fromkeys(secrets) | shown
    assert world.owner.ask("PATCH", card, json={"scenario": "Штиль"}).json()["scenario"] == "Штиль"
    emptied = world.owner.ask("PATCH", card, json=dict.fromkeys(secrets | shown)).json()
    assert [emptied[field] for field in secrets] == ["", "", [], "", None, None]
    assert [emptied[field] for field in shown] == ["", "", [], "", "16+", 3, "ru"]
    for nonsense in (
        {"temperature": 1.1},
        {"reply_tokens": 49},
        {"portrait": 8},
        {"examples": "нет"},
        {"age_mark": "17+"},
        {"language": "la"},
    ):
        assert world.owner.ask("PATCH", card, json=nonsense).status_code == 422
    refused = world.owner.ask("PATCH", card, json={"examples": ["", "ж" * 2_001]})
    assert refused.json()["detail"][0]["loc"] == ["body", "examples", 1]


def test_what_is_not_for_the_sender_to_say_is_not_heard(world: World) -> None:
    meddling = {"id": 1, "owner_id": 1, "is_blocked": True, "is_admin": True, "created_at": "2020-01-01T00:00:00Z"}
    made = world.owner.post("/api/characters", LIGHTHOUSE | meddling).json()
    assert (made["owner_id"], made["is_blocked"]) == (world.owner.id, False)
    assert made["id"] != 1
    changed = world.owner.ask("PATCH", f"/api/characters/{made['id']}", json=meddling).json()
    assert changed == made


def test_only_who_has_talked_with_a_character_rates_it(world: World) -> None:
    character_id = world.owner.character(rating=9.6)
    card = f"/api/characters/{character_id}"
    assert world.programs[USER].get(card).json()["rating"] == 0.0, "nobody can have talked with it yet"
    refused = world.admin.ask("PATCH", card, json={"rating": 10, "bio": "Лучшая"})
    assert (refused.status_code, world.owner.get(card).json()["bio"]) == (403, "")
    world.admin.say(character_id, "Добрый вечер!")
    assert world.admin.ask("PATCH", card, json={"rating": 9.6}).json()["rating"] == 10.0, "a vote, rounded"
    assert world.admin.ask("PATCH", card, json={"rating": 4}).json()["rating"] == 4.0
    assert world.admin.ask("PATCH", card, json={"rating": None}).json()["rating"] == 0.0
    reader = world.programs[USER]
    assert reader.ask("PATCH", card, json={"rating": 4}).status_code == 403, "they have not talked yet"
    reader.say(character_id, "Добрый вечер!")
    assert reader.ask("PATCH", card, json={"rating": 4}).json()["rating"] == 4.0
    assert reader.ask("PATCH", card, json={"rating": 5, "bio": "Лучшая"}).status_code == 403
    assert reader.ask("PATCH", card, json={"rating": None}).json()["rating"] == 0.0
    world.owner.say(character_id, "Добрый вечер!")
    assert world.owner.ask("PATCH", card, json={"rating": 10}).status_code == 403, "and never its author"
    assert world.owner.get(card).json()["rating"] == 0.0
    for nonsense in ("1e308", "NaN", "-1", '"ten"'):
        body = f'{{"rating": {nonsense}}}'.encode()
        answer = world.owner.ask("PATCH", card, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "where", ["new_town", pytest.param("postgres_town", marks=pytest.mark.slow)], ids=["sqlite", "postgresql"]
)
def test_the_last_admin_stays(where: str, request: pytest.FixtureRequest) -> None:
    town: Town = request.getfixturevalue(where)
    first = town.come("first", is_admin=True)
    assert first.post(f"/api/admin/users/{first.id}/block").status_code == 403
    assert first.get("/api/admin/stats").status_code == 200
    second = town.come("second", is_admin=True)

    def block(admin: Program, other: Program) -> int:
        return admin.post(f"/api/admin/users/{other.id}/block", {"blocked": True}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(block, (first, second), (second, first)))
    assert answers == [200, 403], "of two who block each other at the same moment, one is quicker"
    stayed = next(each for each in (first, second) if each.get("/api/auth/me").status_code == 200)
    assert block(stayed, stayed) == 403

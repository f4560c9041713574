"""Access-control tests: every route outside the API × role × object's owner. A route without a row here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.domain.cards.card_files import png, text, v3
from tests.domain.pictures.photos import a_photo
from tests.ui.access.conftest import ADMIN, BLOCKED, OWNER, ROLES, SECRET, Found, World

HUGE = 9_999_999


@dataclass
class Row:
    """A request about something, and the status for each role, in the order of `ROLES`."""

    about: str
    statuses: tuple[int, int, int, int, int]
    places: Callable[[World], dict[str, object]] = lambda _: {}
    """What stands in the braces of the path."""
    options: Callable[[World], dict[str, Any]] = lambda _: {}
    """What httpx is told besides."""


CARD = png(text(v3()))
OPEN = (200, 200, 200, 200, 200)
MISSING = (404, 404, 404, 404, 404)
DONE = (204, 204, 204, 204, 204)
OPEN_FEED = (200, 200, 200, 403, 200)
LOGGED_IN = (401, 200, 200, 403, 200)
OPEN_PAGE = (200, 200, 200, 303, 200)
"""Blocked people are led to the page that says why, wherever they go."""
STRANGERS = (200, 303, 303, 303, 303)
"""People who are logged in have no use for it."""
DEAD_LINK = (404, 404, 404, 303, 404)
PAGE = (303, 200, 200, 303, 200)
"""A page of one's own: others are led to the log-in."""
MOVED = (303, 303, 303, 303, 303)
OWNERS = (401, 404, 200, 403, 404)
OWNERS_FILE = (401, 404, 200, 404, 404)
"""Blocked people may take their own along."""
STARRED = (401, 204, 204, 403, 204)
OWNERS_STAR = (401, 404, 204, 403, 204)
"""An admin sees it, too."""
OWNERS_PICTURE = (404, 404, 200, 404, 200)
OWNERS_PAGE = (303, 404, 200, 303, 404)
OWNERS_CHARACTER = (401, 404, 200, 403, 200)
"""An admin may change it, too."""
NOBODYS = (401, 404, 404, 403, 404)
NOBODYS_PAGE = (303, 404, 404, 303, 404)
ADMINS = (404, 404, 404, 404, 200)
"""Nothing at all for everybody else."""
UNOPENED = (404, 404, 404, 404, 403)
MADE_UP = {"token": "made-up", "provider": "nobody", "name": "nobody"}


def one(**places: object) -> Callable[[World], dict[str, object]]:
    return lambda _: places


def sent(**options: Any) -> Callable[[World], dict[str, Any]]:
    return lambda _: options


def character(name: str) -> Callable[[World], dict[str, object]]:
    return lambda world: {"character_id": getattr(world, name)}


def dialog(world: World) -> dict[str, object]:
    return {"dialog_id": world.dialog, "message_id": world.message, "kind": "json"}


def owner(world: World) -> dict[str, object]:
    return {"user_id": world.programs[OWNER].id}


def version(world: World) -> dict[str, object]:
    """A version of the public character from before a change."""
    card = f"/api/characters/{world.public}"
    if not world.programs[OWNER].get(f"{card}/versions").json():
        world.programs[OWNER].ask("PATCH", card, json={"bio": "На маяке."})
    return {"character_id": world.public, "version_id": world.programs[OWNER].get(f"{card}/versions").json()[0]["id"]}


def book(world: World) -> dict[str, object]:
    return {"book_id": world.world, "entry_id": HUGE}


LOREBOOK = {"spec": "lorebook_v3", "data": {"name": "Мир", "extensions": {}, "entries": []}}
PARTS = {"pin_id": HUGE, "fact_id": HUGE, "chapter_id": HUGE, "version_id": HUGE, "book_id": HUGE, "entry_id": HUGE}
NOWHERE = one(user_id=HUGE, dialog_id=HUGE, message_id=HUGE, character_id=HUGE, kind="json", **MADE_UP, **PARTS)

TABLE: dict[str, list[Row]] = {
    # doors
    "POST /enter": [Row("a made-up ticket", MISSING, options=sent(json={"ticket": "made up"}))],
    "POST /leave": [Row("oneself", DONE)],
    "POST /preferences": [Row("oneself", DONE, options=sent(json={"theme": "dark", "language": "en"}))],
    "GET /log-in/with/{provider}": [Row("a provider that is off", MISSING, NOWHERE)],
    "POST /log-in/with/{provider}": [Row("a provider that is off", MISSING, NOWHERE)],
    "GET /log-in/with/{provider}/back": [Row("a provider that is off", MISSING, NOWHERE)],
    # what components fetch
    "GET /feed/gallery": [
        Row("all", OPEN_FEED),
        Row("one's own: a guest has none", OPEN_FEED, options=sent(params={"tab": "mine"})),
    ],
    "GET /feed/interests": [Row("all", OPEN)],
    "POST /feed/characters/{character_id}/favourite": [
        Row("a public one", STARRED, character("public"), sent(json={"favourite": True})),
        Row("a private one", OWNERS_STAR, character("private"), sent(json={"favourite": True})),
        Row("none", NOBODYS, NOWHERE, sent(json={"favourite": True})),
    ],
    "GET /feed/characters/{character_id}/versions": [
        Row("a public one", (401, 403, 200, 403, 200), character("public")),
        Row("a private one", (401, 404, 200, 403, 200), character("private")),
        Row("a deleted one", NOBODYS, character("gone")),
    ],
    "GET /feed/characters/{character_id}/versions/{version_id}": [
        Row("a public one", (401, 403, 200, 403, 200), version),
        Row("none", NOBODYS, NOWHERE),
    ],
    "GET /feed/dialogs": [
        Row("one's own", LOGGED_IN),
        Row("found", LOGGED_IN, options=sent(params={"search": "Каракатица"})),
    ],
    "GET /feed/dialogs/{dialog_id}/memory": [Row("the owner's", OWNERS, dialog), Row("none", NOBODYS, NOWHERE)],
    "GET /feed/dialogs/{dialog_id}/prompt": [Row("the owner's", OWNERS, dialog), Row("none", NOBODYS, NOWHERE)],
    "GET /feed/dialogs/{dialog_id}/memory/bar": [Row("the owner's", OWNERS, dialog), Row("none", NOBODYS, NOWHERE)],
    "GET /feed/dialogs/{dialog_id}": [Row("the owner's", OWNERS, dialog), Row("none", NOBODYS, NOWHERE)],
    "GET /feed/dialogs/{dialog_id}/found": [
        Row("the owner's", OWNERS, dialog, sent(params={"search": "Каракатица"})),
        Row("none", NOBODYS, NOWHERE, sent(params={"search": "Каракатица"})),
    ],
    "POST /feed/dialogs/{dialog_id}/turn/{message_id}": [
        Row("the owner's", (401, 404, 204, 403, 404), dialog),
        Row("none", NOBODYS, NOWHERE),
    ],
    "POST /feed/dialogs/import": [
        Row("with a public one", LOGGED_IN, options=lambda world: {"content": world.saved}),
        Row("with a private one", (401, 422, 200, 403, 422), options=lambda world: {"content": world.saved_private}),
    ],
    "GET /feed/books/{book_id}": [Row("the owner's", OWNERS, book), Row("none", NOBODYS, NOWHERE)],
    "GET /feed/books/{book_id}/found": [
        Row("the owner's", OWNERS, book, sent(params={"q": "каракатица"})),
        Row("none", NOBODYS, NOWHERE, sent(params={"q": "каракатица"})),
    ],
    "GET /feed/books/{book_id}/entries/{entry_id}": [Row("none", NOBODYS, NOWHERE)],
    "POST /feed/books/{book_id}/file": [
        Row("the owner's", OWNERS, book, sent(json=LOREBOOK)),
        Row("none", NOBODYS, NOWHERE, sent(json=LOREBOOK)),
    ],
    "POST /feed/worlds/file": [Row("a lorebook", LOGGED_IN, options=sent(json=LOREBOOK))],
    "POST /feed/characters/{character_id}/book/file": [
        Row("into a public one", (401, 403, 200, 403, 200), character("public"), sent(json=LOREBOOK)),
        Row("into a private one", OWNERS_CHARACTER, character("private"), sent(json=LOREBOOK)),
        Row("into none", NOBODYS, NOWHERE, sent(json=LOREBOOK)),
    ],
    "GET /export/books/{book_id}.json": [Row("the owner's", OWNERS, book), Row("none", NOBODYS, NOWHERE)],
    "GET /export/dialogs/{dialog_id}.{kind}": [
        Row("the owner's", OWNERS_FILE, dialog),
        Row("none", (401, 404, 404, 404, 404), NOWHERE),
    ],
    "GET /export/everything.zip": [Row("one's own", (401, 200, 200, 200, 200))],
    "POST /feed/cards/preview": [Row("a card", LOGGED_IN, options=sent(content=CARD))],
    "POST /feed/cards": [Row("a card", LOGGED_IN, options=sent(content=CARD))],
    "GET /export/characters/{character_id}": [
        Row("a public one", LOGGED_IN, character("public"), sent(params={"as": "json"})),
        Row("a private one", (401, 404, 200, 403, 200), character("private"), sent(params={"as": "json"})),
        Row("none", NOBODYS, NOWHERE),
    ],
    "GET /export/characters.zip": [
        Row("a public one", LOGGED_IN, options=lambda world: {"params": {"id": world.public, "as": "json"}}),
    ],
    "POST /feed/photos": [Row("a photo", LOGGED_IN, options=sent(content=a_photo()))],
    "GET /pictures/{token}/{size}.webp": [
        Row("an upload that nothing shows", OWNERS_PICTURE, lambda world: {"token": world.picture, "size": "small"}),
        Row("none", MISSING, one(token="0" * 32, size="small")),
    ],
    "GET /portraits/{name:path}.svg": [
        Row("a name", OPEN, one(name="Марина")),
        Row("a name with a slash", OPEN, one(name="AC%2FDC")),
    ],
    "GET /feed/announcements": [Row("what is said to all", OPEN)],
    "POST /feed/faults": [
        Row("one's own", DONE, options=sent(json={"reference": "0badcafe", "what": "Error", "page": "/"})),
    ],
    "GET /characters/{character_id}/preview.jpg": [
        Row("a public one", OPEN, character("public")),
        Row("a private one", MISSING, character("private")),
        Row("a blocked one", MISSING, character("forbidden")),
        Row("none", MISSING, NOWHERE),
    ],
    "GET /styles.css": [Row("ours", OPEN)],
    "GET /admin-styles.css": [Row("ours, which tell nothing", OPEN)],
    "GET /manifest.webmanifest": [Row("ours", OPEN)],
    "GET /livez": [Row("ours", OPEN)],
    "GET /readyz": [Row("ours", OPEN)],
    "GET /healthz": [Row("ours", OPEN)],
    "GET /openapi.json": [Row("ours", OPEN)],
    "GET /docs": [Row("ours", OPEN)],
    # pages
    "GET /": [Row("all", OPEN_PAGE)],
    "GET /mine": [Row("where one's own have gone", MOVED)],
    "GET /farewell": [Row("one sentence", (200, 303, 303, 303, 303))],
    "GET /sign-up": [Row("the form, to strangers", STRANGERS)],
    "GET /sign-up/letter": [Row("the form", OPEN_PAGE, options=sent(params={"to": "a@example.org"}))],
    "GET /sign-up/{token}": [Row("a made-up link", DEAD_LINK, NOWHERE)],
    "GET /log-in": [Row("the form, to strangers", STRANGERS)],
    "GET /log-in/letter": [Row("the form", OPEN_PAGE)],
    "GET /log-in/letter/sent": [Row("the form", OPEN_PAGE, options=sent(params={"to": "a@example.org"}))],
    "GET /log-in/{token}": [Row("a made-up link", DEAD_LINK, NOWHERE)],
    "GET /characters/new": [Row("a new one", PAGE)],
    "GET /characters/{character_id:id}": [
        Row("a public one", OPEN_PAGE, character("public")),
        Row("a private one", (404, 404, 200, 303, 200), character("private")),
        Row("a blocked one", (404, 404, 200, 303, 200), character("forbidden")),
        Row("a deleted one", DEAD_LINK, character("gone")),
        Row("none", DEAD_LINK, NOWHERE),
    ],
    "GET /characters/{character_id:id}/chat": [
        Row("one that nobody talks with", PAGE, one(character_id=1)),
        Row("a private one, with which its owner talks", (303, 404, 303, 303, 200), character("private")),
        Row("a deleted one", NOBODYS_PAGE, character("gone")),
        Row("none", NOBODYS_PAGE, NOWHERE),
    ],
    "GET /characters/{character_id:id}/edit": [
        Row("a public one", (303, 403, 200, 303, 200), character("public")),
        Row("a private one", (303, 404, 200, 303, 200), character("private")),
        Row("a blocked one", (303, 404, 200, 303, 200), character("forbidden")),
        Row("a deleted one", NOBODYS_PAGE, character("gone")),
        Row("none", NOBODYS_PAGE, NOWHERE),
    ],
    "GET /worlds": [Row("one's own", PAGE)],
    "GET /worlds/{book_id:id}": [
        Row("the owner's", OWNERS_PAGE, book),
        Row("none", NOBODYS_PAGE, NOWHERE),
    ],
    "GET /blocked": [Row("oneself", (303, 303, 303, 200, 303))],
    "GET /chat": [Row("one's own", PAGE)],
    "GET /chat/{dialog_id:id}": [Row("the owner's", OWNERS_PAGE, dialog), Row("none", NOBODYS_PAGE, NOWHERE)],
    # only for admins
    "GET /admin": [Row("the overview", ADMINS)],
    "GET /admin/users": [Row("all", ADMINS)],
    "GET /admin/users/{user_id:id}": [Row("the owner", ADMINS, owner), Row("none", MISSING, NOWHERE)],
    "GET /admin/characters": [Row("all", ADMINS)],
    "GET /admin/characters/{character_id:id}": [
        Row("a private one", ADMINS, character("private"), sent(params={"tab": "card"})),
        Row("a deleted one", MISSING, character("gone")),
        Row("none", MISSING, NOWHERE),
    ],
    "GET /admin/dialogs": [Row("all", ADMINS)],
    "GET /admin/dialogs/{dialog_id:id}": [Row("the owner's", ADMINS, dialog), Row("none", MISSING, NOWHERE)],
    "GET /admin/reports": [Row("all", ADMINS)],
    "GET /admin/appeals": [Row("all", ADMINS)],
    "GET /admin/journal": [Row("all", ADMINS)],
    "GET /admin/journal.csv": [Row("all", ADMINS)],
    "GET /admin/announcements": [Row("all", ADMINS)],
    "GET /admin/pages": [
        Row("all", ADMINS),
        Row("one of none", ADMINS, options=sent(params={"kind": "nothing", "language": "de"})),
    ],
    "GET /admin/spending": [Row("all", ADMINS)],
    "GET /admin/state": [Row("ours", ADMINS)],
    "GET /admin/feed/people": [Row("all", ADMINS)],
    "GET /admin/feed/characters": [Row("all", ADMINS)],
    "GET /admin/feed/dialogs": [Row("all", ADMINS)],
    "GET /admin/feed/dialogs/{dialog_id}": [
        Row("the owner's, not opened with a reason", UNOPENED, dialog),
        Row("none", MISSING, NOWHERE),
    ],
    "GET /admin/feed/dialogs/{dialog_id}/through/{message_id}": [
        Row("the owner's, not opened with a reason", UNOPENED, dialog),
        Row("none", MISSING, NOWHERE),
    ],
    "GET /admin/feed/journal": [Row("all", ADMINS)],
    "GET /rules": [Row("everybody's", OPEN)],
    "GET /privacy": [Row("everybody's", OPEN)],
    "GET /contact": [Row("everybody's", OPEN)],
    "GET /first-admin/{token}": [Row("a made-up link", DEAD_LINK, NOWHERE)],
    "GET /profile": [Row("one's own", PAGE)],
    "GET /notices": [Row("one's own", PAGE)],
    "GET /welcome": [Row("one's own", PAGE, options=sent(params={"next": "/chat"}))],
    "GET /deleted": [Row("one's own", PAGE)],
    "GET /profile/email/{token}": [Row("a made-up link", DEAD_LINK, NOWHERE)],
}
OF_THE_FRAMEWORK = ("GET /assets/...", "GET /scripts/{name}", "GET /_nicegui_ws/...", "GET /_nicegui/")
"""Files that are the same for everybody, and the websocket: its events call the domain (test_open_pages)."""


def test_every_route_has_its_row(routes: list[Found]) -> None:
    ours = {str(route) for route in routes if not str(route).startswith(OF_THE_FRAMEWORK)}
    assert ours == set(TABLE)


def cases() -> Iterator[Any]:
    for route, rows in TABLE.items():
        for row in rows:
            yield pytest.param(route, row, id=f"{route}: {row.about}")


@pytest.mark.parametrize(("route", "row"), [*cases()])
def test_only_who_may(world: World, route: str, row: Row) -> None:
    method, _, path = route.partition(" ")
    address = path.replace(":id}", "}").replace(":path}", "}").format(**row.places(world))
    got = {}
    for role in ROLES:
        visitor = world.visitor(role) if path == "/leave" else world.visitors[role]
        answer = visitor.request(method, address, **row.options(world))
        got[role] = answer.status_code
        if role not in {OWNER, ADMIN} and "import" not in path:
            assert SECRET not in answer.text, "that is for its owner"
        if answer.is_redirect:
            leads_on = path in {"/blocked", "/farewell", "/log-in", "/sign-up"}
            inside = {"/", "/blocked"} if role == BLOCKED or leads_on else set()
            to = answer.headers["location"]
            assert to.startswith(("/log-in?next=/", "/?tab=", "/chat/")) or to in inside, "there is no way out of here"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src" in answer.headers["content-security-policy"]
    assert got == dict(zip(ROLES, row.statuses, strict=True))


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**30, "9" * 5000, "1.5", "1e9", "abc", "%00", "..", "ё"])
def test_whatever_stands_for_a_number_finds_nothing_of_others_and_breaks_nothing(
    world: World, routes: list[Found], number: object
) -> None:
    asked = 0
    for route in routes:
        for name in route.numbers:
            places = {**NOWHERE(world), "size": "small", name: number}
            path = route.path.replace(":id}", "}").replace(":path}", "}").format(**places)
            query = {} if f"{{{name}" in route.path else {name: str(number)}
            answer = world.visitors["person"].request(route.method, path, params=query)
            assert answer.status_code < 500, f"{route}, {name}: {answer.text[:200]}"
            assert SECRET not in answer.text
            asked += 1
    assert asked >= 10, "the numbers of the routes were not found"


def test_a_number_may_be_somebody_elses(world: World, routes: list[Found]) -> None:
    theirs = {**dialog(world), **book(world), **owner(world), **version(world), "character_id": world.private}
    for route in routes:
        if route.numbers and all(f"{{{name}" in route.path for name in route.numbers):
            path = route.path.replace(":id}", "}").replace(":path}", "}").format(**theirs)
            answer = world.visitors["person"].request(route.method, path)
            assert answer.status_code in {401, 404, 422}, f"{route}: {answer.status_code}"
            assert SECRET not in answer.text


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/", "//evil.example/%2f..", "/\\evil.example/", "/%5cevil.example/"]
)
def test_no_address_leads_out(world: World, path: str) -> None:
    answer = world.visitors["nobody"].get(world.url + path)
    assert answer.status_code < 500
    if "location" in answer.headers:
        to = urlsplit(answer.headers["location"])
        assert (to.netloc or urlsplit(world.url).netloc) == urlsplit(world.url).netloc

"""Access-control fixtures: one owner with things of every kind, everybody else who might want them, and all routes."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from domain import rate_limits, token_buckets
from domain.accounts.sessions import LoginMethod, LoginSession, hash_of
from domain.books.book_rows import add_book, rows_of
from domain.clock import now
from domain.model.user import User
from domain.settings.settings import Settings
from main import build_server
from storage.database import Database
from tests.domain.pictures.photos import a_photo
from tests.e2e.product import Product
from tests.ui.api.conftest import Program, Town
from ui.api.json_api import JsonApi
from ui.web import build

NOBODY, PERSON, OWNER, BLOCKED, ADMIN = "nobody", "person", "owner", "blocked", "admin"
ROLES = (NOBODY, PERSON, OWNER, BLOCKED, ADMIN)
SECRET = "Каракатица живёт под маяком."
"""What the owner's characters are told, and what the owner says to them: for nobody else."""
PLENTY = ",".join(f"{limit.name}=1000000" for limit in rate_limits.ALL)
UNCOUNTED = ",".join([PLENTY, *(f"{rate.name}=1000000" for rate in token_buckets.ALL)])
WAIT = 60
numbers = count(1)


class World:
    def __init__(self, town: Town) -> None:
        self.town = town
        self.url = town.product.url
        self._database = f"sqlite:///{town.product.data / 'beseda.db'}"
        self.programs = {
            NOBODY: town.stranger,
            PERSON: town.come(PERSON),
            OWNER: town.come(OWNER),
            BLOCKED: town.come(BLOCKED),
            ADMIN: town.come(ADMIN, is_admin=True),
        }
        asyncio.run(self._block(self.programs[BLOCKED].id))
        self.visitors = {role: self.visitor(role) for role in ROLES}
        self._fill(self.programs[OWNER], self.programs[ADMIN])

    def visitor(self, role: str) -> httpx.Client:
        """Somebody of this role in a browser of their own, logged in by cookie (all but the role of nobody)."""
        cookies = {} if role == NOBODY else {"beseda": asyncio.run(session_of(self._database, self.programs[role].id))}
        return httpx.Client(base_url=self.url, cookies=cookies, timeout=WAIT)

    def _fill(self, owner: Program, admin: Program) -> None:
        self.public = owner.character(context=SECRET)
        self.private = owner.character(name="Тайна", context=SECRET, is_public=False)
        self.forbidden = owner.character(name="Запретная", context=SECRET)
        admin.post(f"/api/characters/{self.forbidden}/block", {"blocked": True})
        self.gone = owner.character(context=SECRET)
        owner.ask("DELETE", f"/api/characters/{self.gone}")
        said = owner.say(self.public, SECRET)
        self.dialog = int(said["dialog_id"])
        history = owner.get(f"/api/dialogs/{self.dialog}/messages").json()
        self.message = int(history[0]["id"])
        self.saved = self._told_harmlessly(self.dialog)
        private_dialog = int(owner.say(self.private, SECRET)["dialog_id"])
        self.saved_private = self._told_harmlessly(private_dialog)
        self.world = asyncio.run(self._write_world(owner.id))
        self.picture = str(self.visitors[OWNER].post("/feed/photos", content=a_photo()).json()["picture_id"])

    async def _write_world(self, owner_id: int) -> int:
        """A lorebook of the owner's own."""
        entry = {"keys": ["каракатица"], "content": SECRET, "extensions": {}, "enabled": True, "use_regex": False}
        found = rows_of({"name": "Мир", "extensions": {}, "entries": [entry | {"insertion_order": 0}]})
        async with self._open() as database, database.write() as db:
            return (await add_book(db, found, owner_id=owner_id, character_id=None)).id

    async def _block(self, user_id: int) -> None:
        """By hand: the product would end their sessions too, and these tests want them to have some."""
        async with self._open() as database, database.write() as db:
            user = await db.get(User, user_id)
            assert user
            user.is_blocked = True

    def _told_harmlessly(self, dialog_id: int) -> bytes:
        """A dialog as a file, without the secret: whoever takes it in has it in their own list from then on."""
        content: bytes = self.visitors[OWNER].get(f"/export/dialogs/{dialog_id}.json").content
        return content.replace(SECRET.encode(), "Привет.".encode())

    def _open(self) -> _Opened:
        return _Opened(self._database)


async def session_of(database_url: str, user_id: int) -> str:
    """Log somebody in: what their browser's cookie holds then."""
    token = f"a cookie of the tests {next(numbers)}"
    async with _Opened(database_url) as database, database.write() as db:
        db.add(
            LoginSession(
                user_id=user_id,
                token_hash=hash_of(token),
                method=LoginMethod.PASSWORD,
                entered_at=now(),
                expires_at=now() + timedelta(days=1),
            )
        )
    return token


class _Opened:
    def __init__(self, url: str) -> None:
        self._database = Database(url)

    async def __aenter__(self) -> Database:
        return self._database

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    product = Product(tmp_path_factory.mktemp("border"), DEMO_PAUSE="0", LIMITS=PLENTY)
    product.start()
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    yield World(town)
    town.leave()
    product.stop()


@dataclass(frozen=True)
class Found:
    """A route outside the API, as it stands in the application."""

    method: str
    path: str
    numbers: frozenset[str]
    """The names of what must be a number, in the path or in the query."""
    bodies: tuple[Any, ...] = ()
    """The types of the bodies that it takes, but for those that it reads itself."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """Every route of the running application outside /api, NiceGUI's pages included."""
    return [route for route in all_routes(tmp_path_factory.mktemp("routes")) if not route.path.startswith("/api/")]


@cache
def all_routes(folder: Path) -> list[Found]:
    """Those of /api, too."""
    return list(_walk(build(*build_server(Settings(_env_file=None, data_dir=folder))).routes))


def _walk(routes: list[BaseRoute], before: str = "") -> Iterator[Found]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _below(route.app, before + route.path)
        elif isinstance(route, Route):
            for method in (route.methods or {"GET"}) - {"HEAD"}:
                yield Found(method, before + route.path, frozenset(_numbers(route)), _bodies(route))
        else:
            yield from _walk(route.original_router.routes, before)  # type: ignore[attr-defined]  # FastAPI's own


def _below(app: Any, path: str) -> Iterator[Found]:
    if isinstance(app, JsonApi):
        app = app.build()
    while not hasattr(app, "routes") and hasattr(app, "app"):
        app = app.app  # what middleware stands around
    if hasattr(app, "routes"):
        yield from _walk(app.routes, path)
    else:
        yield Found("GET", f"{path}/...", frozenset())


def _bodies(route: Route) -> tuple[Any, ...]:
    taken = route.dependant.body_params if isinstance(route, APIRoute) else ()
    return tuple(field.field_info.annotation for field in taken)


def _numbers(route: Route) -> Iterator[str]:
    if isinstance(route, APIRoute):
        for field in (*route.dependant.path_params, *route.dependant.query_params):
            if "int" in str(field.field_info.annotation):
                yield field.alias

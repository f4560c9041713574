"""Session management: a user's login sessions as a list of devices, which they see and end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.session_activity import SessionUse
from domain.accounts.sessions import (
    BY_TOKEN,
    DEVICE_LIMIT,
    IDLE_LIMIT,
    LONGEST_TOKEN,
    SEEN_EVERY,
    Caller,
    LoginMethod,
    LoginSession,
    about,
    at_this_moment,
    authenticate,
    check_not_blocked,
    check_signed_in,
    for_somebody,
    hash_of,
)
from domain.clock import now
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database


@dataclass(frozen=True)
class SessionEnded:
    """Event: a session is no longer valid (log-out, ended from the list, new password, block, deletion); its pages
    close.

    While another instance is cut off its pages do not hear it: `authenticate` refuses their next request all the same,
    and domain/moderation/open_sessions.py finds them.
    """

    about: int
    """The session's id."""


@dataclass(frozen=True)
class Visitor:
    """The user and session behind an open page, as they were when it was opened."""

    caller: Caller
    user: User


@dataclass(frozen=True)
class Device:
    """An active session as its owner sees it."""

    session_id: int
    name: str
    """«Firefox, Windows»; empty if the browser sent no name or an unknown one."""
    method: LoginMethod
    created_at: datetime
    seen_at: datetime
    is_this: bool
    """Whether it is the caller's own session."""


class SessionList:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self.use = SessionUse(database)

    async def authenticate(self, token: str) -> Visitor | None:
        """Authenticate a session token: the user of its active session, who may be blocked; None if it is not valid."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        async with self._database.read() as db:
            found = (await db.exec(BY_TOKEN, params={"token": hash_of(token), **at_this_moment()})).first()
        if found is None or found[0].method == LoginMethod.PROGRAM:  # a refresh token is not accepted as a cookie
            return None
        session, user = found
        self._note_use(session.id, session.seen_at)
        return Visitor(Caller(session.id, session.user_id), user)

    async def check(self, caller: Caller) -> User:
        """The user behind the caller, freshly read; records that the session is in use.

        Raises `SignedOut` or `Blocked`. For callers that only read: every changing use case checks for itself.
        """
        async with self._database.read() as db:
            found = (await db.exec(_IN_USE, params=about(caller))).first()
        session_id, seen_at, user = found or (0, now(), None)
        person = check_signed_in(user, trial_too=True)
        self._note_use(session_id, seen_at)
        check_not_blocked(person)
        return person

    def _note_use(self, session_id: int, seen_at: datetime) -> None:
        if seen_at < now() - SEEN_EVERY:
            self.use.note(session_id)

    async def list_own(self, caller: Caller) -> list[Device]:
        """The caller's active sessions: this one first, then the most recently used."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            sessions = await db.exec(
                select(LoginSession)
                .where(LoginSession.user_id == person.id, col(LoginSession.entered_at).is_not(None))
                .where(LoginSession.expires_at > now(), LoginSession.seen_at > now() - IDLE_LIMIT)
                .order_by(col(LoginSession.seen_at).desc(), col(LoginSession.id).desc())
            )
            devices = [
                Device(each.id, each.device, each.method, each.created_at, each.seen_at, each.id == caller.session_id)
                for each in sessions
            ]
        return sorted(devices, key=lambda device: not device.is_this)

    async def log_out(self, caller: Caller) -> None:
        """End the caller's own session. Idempotent: no error if it has ended already or the user is blocked."""
        async with self._database.write() as db:
            await db.exec(delete(LoginSession).where(col(LoginSession.id) == caller.session_id))
        self._bus.publish(SessionEnded(caller.session_id))

    async def end(self, caller: Caller, session_id: int) -> None:
        """End one of the caller's own sessions. Idempotent: an id that has ended or is somebody else's changes
        nothing.
        """
        async with self._database.write() as db:
            person = await authenticate(db, caller)
            ended = await end_sessions(db, person.id, col(LoginSession.id) == session_id)
        self._tell(ended)

    async def end_others(self, caller: Caller) -> None:
        """End all of the user's sessions except the caller's."""
        async with self._database.write() as db:
            person = await authenticate(db, caller)
            ended = await end_sessions(db, person.id, col(LoginSession.id) != caller.session_id)
        self._tell(ended)

    def _tell(self, ended: list[SessionEnded]) -> None:
        for fact in ended:
            self._bus.publish(fact)


async def end_sessions(db: AsyncSession, user_id: int, *which: ColumnElement[bool]) -> list[SessionEnded]:
    """Delete the user's sessions, all or those that match `which`; returns the events to publish after the commit."""
    doomed = delete(LoginSession).where(col(LoginSession.user_id) == user_id, *which)
    return [SessionEnded(ended) for ended in (await db.exec(doomed.returning(col(LoginSession.id)))).scalars()]


_IN_USE = for_somebody(select(LoginSession.id, LoginSession.seen_at))
_BROWSERS = (  # the first match counts: most browsers also claim to be Safari, Chrome or both
    ("YaBrowser/", "Yandex Browser"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),  # before Linux, which Android browsers also name
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"([A-Za-z][\w.+-]{1,30})/[\d.]+")


def device_name(user_agent: str) -> str:
    """A readable name for a `User-Agent` header: «Firefox, Windows», «curl»; "" if unknown."""
    if user_agent.startswith("Mozilla/"):
        names = [_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)]
        return ", ".join(name for name in names if name)
    program = _PROGRAM.match(user_agent)
    return program[1][:DEVICE_LIMIT] if program else ""


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in table if sign in user_agent), "")

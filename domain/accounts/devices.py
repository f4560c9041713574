"""Where somebody is logged in: their sessions as devices that they see and end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.session_use import SessionUse
from domain.accounts.sessions import (
    DEVICE_LIMIT,
    IDLE_LIMIT,
    LONGEST_TOKEN,
    SEEN_EVERY,
    Caller,
    LoginSession,
    Way,
    hash_of,
    refuse_blocked,
    require,
    require_even_blocked,
)
from domain.accounts.user import User
from domain.clock import now
from domain.errors import SignedOut
from storage.bus import Bus
from storage.database import Database


@dataclass(frozen=True)
class SessionEnded:
    """Told when a session is no longer good (log-out, "end this", new password, block, deletion): its pages close.

    Pages that another instance serves do not hear it; `require` refuses their next deed all the same.
    """

    about: int
    """The session's id."""


@dataclass(frozen=True)
class Visitor:
    """Who is looking, as read when the page was opened."""

    caller: Caller
    user: User


@dataclass(frozen=True)
class Device:
    """A living session as its owner sees it."""

    session_id: int
    name: str
    """«Firefox, Windows»; empty when the browser did not say or is not known to us."""
    way: Way
    created_at: datetime
    seen_at: datetime
    is_this: bool
    """Whether it is the one that asks."""


class Devices:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self.use = SessionUse(database)

    async def visitor(self, token: str) -> Visitor | None:
        """Whose living session this token opens, if anybody's; it may be a blocked person's."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        async with self._database.read() as db:
            session = (await db.exec(select(LoginSession).where(LoginSession.token_hash == hash_of(token)))).first()
        if session is None or session.way == Way.PROGRAM:  # a refresh token is no cookie
            return None
        caller = Caller(session.id, session.user_id)
        try:
            return Visitor(caller, await self._in_use(caller))
        except SignedOut:
            return None

    async def check(self, caller: Caller) -> User:
        """The person behind the caller, as they are now; notes that the session is in use.

        Raises `SignedOut` or `Blocked`. For whoever looks without a deed: deeds ask for themselves.
        """
        person = await self._in_use(caller)
        refuse_blocked(person)
        return person

    async def _in_use(self, caller: Caller) -> User:
        async with self._database.read() as db:
            person = await require_even_blocked(db, caller)
            session = await db.get(LoginSession, caller.session_id)
        if session and session.seen_at < now() - SEEN_EVERY:
            self.use.note(session.id)
        return person

    async def mine(self, caller: Caller) -> list[Device]:
        """Where the caller's owner is logged in: this one first, then the last used first."""
        async with self._database.read() as db:
            person = await require(db, caller)
            sessions = await db.exec(
                select(LoginSession)
                .where(LoginSession.user_id == person.id, col(LoginSession.entered_at).is_not(None))
                .where(LoginSession.expires_at > now(), LoginSession.seen_at > now() - IDLE_LIMIT)
                .order_by(col(LoginSession.seen_at).desc(), col(LoginSession.id).desc())
            )
            devices = [
                Device(each.id, each.device, each.way, each.created_at, each.seen_at, each.id == caller.session_id)
                for each in sessions
            ]
        return sorted(devices, key=lambda device: not device.is_this)

    async def log_out(self, caller: Caller) -> None:
        """End the caller's own session; that it has ended already is no complaint, nor that they are blocked."""
        async with self._database.write() as db:
            await db.exec(delete(LoginSession).where(col(LoginSession.id) == caller.session_id))
        self._bus.tell(SessionEnded(caller.session_id))

    async def end(self, caller: Caller, session_id: int) -> None:
        """End one of the caller's own sessions. Somebody else's id is like one that has ended: nothing happens."""
        async with self._database.write() as db:
            person = await require(db, caller)
            ended = await end_sessions(db, person.id, col(LoginSession.id) == session_id)
        self._tell(ended)

    async def end_others(self, caller: Caller) -> None:
        """End all sessions of the person but the caller's."""
        async with self._database.write() as db:
            person = await require(db, caller)
            ended = await end_sessions(db, person.id, col(LoginSession.id) != caller.session_id)
        self._tell(ended)

    def _tell(self, ended: list[SessionEnded]) -> None:
        for fact in ended:
            self._bus.tell(fact)


async def end_sessions(db: AsyncSession, user_id: int, *which: ColumnElement[bool]) -> list[SessionEnded]:
    """Delete the person's sessions, all or those that are meant; returns what is to be told after the commit."""
    doomed = delete(LoginSession).where(col(LoginSession.user_id) == user_id, *which)
    return [SessionEnded(ended) for ended in (await db.exec(doomed.returning(col(LoginSession.id)))).scalars()]


_BROWSERS = (  # the first sign that is found counts: most browsers claim to be Safari, Chrome or both as well
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
    ("Android", "Android"),  # before Linux, which it is as well
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"([A-Za-z][\w.+-]{1,30})/[\d.]+")


def device_name(user_agent: str) -> str:
    """What people call the browser or program of a `User-Agent` header: «Firefox, Windows», «curl»; unknown: ""."""
    if user_agent.startswith("Mozilla/"):
        names = [_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)]
        return ", ".join(name for name in names if name)
    program = _PROGRAM.match(user_agent)
    return program[1][:DEVICE_LIMIT] if program else ""


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in table if sign in user_agent), "")

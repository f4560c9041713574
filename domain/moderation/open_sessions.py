"""Sessions of open pages, a periodic task: checks whether they have ended or their person is blocked. The events that
say so may never arrive: another instance published them while the wire was down, or the session just expired.
"""

from __future__ import annotations

from sqlmodel import col, select

from domain.accounts.sessions import IDLE_LIMIT, LoginMethod, LoginSession
from domain.accounts.sessions_list import SessionEnded
from domain.background.periodic import PeriodicTask
from domain.clock import now
from domain.model.user import User
from domain.moderation.measure import MeasureImposed
from storage.bus import Bus
from storage.database import Database

LOOKS_EVERY = 30  # seconds


class OpenSessions:
    """Every page, and every program that waits, listens for the end of its session: so the bus knows them all."""

    def __init__(self, database: Database, bus: Bus, every: float = LOOKS_EVERY) -> None:
        self._database = database
        self._bus = bus
        self._every = every
        self._blocked: set[int] = set()
        """Users whose pages have been told that they are blocked."""
        self._rounds = PeriodicTask(self.look, every=every, fault="The sessions of open pages could not be looked at")

    async def start(self) -> None:
        self._rounds.start(after=self._every)

    async def close(self) -> None:
        await self._rounds.close()

    async def look(self) -> None:
        """One query, however many pages are open; those that may stay hear nothing."""
        listening = self._bus.topics(SessionEnded)
        if not listening:
            return
        moment = now()
        good = (
            select(LoginSession.id, LoginSession.method, User.id, User.is_blocked)
            .join(User, col(User.id) == col(LoginSession.user_id))
            .where(col(LoginSession.id).in_(listening), col(LoginSession.entered_at).is_not(None))
            .where(LoginSession.expires_at > moment, LoginSession.seen_at > moment - IDLE_LIMIT)
            .where(col(User.deleted_at).is_(None))
        )
        async with self._database.read() as db:
            found = (await db.exec(good)).all()
        ended = listening - {session_id for session_id, _method, _user, _is_blocked in found}
        ended |= {session_id for session_id, method, _user, is_blocked in found if is_blocked and _is_program(method)}
        blocked = {user_id for _session, method, user_id, is_blocked in found if is_blocked and not _is_program(method)}
        for session_id in ended:
            self._bus.publish_here(SessionEnded(session_id))
        for user_id in blocked - self._blocked:
            self._bus.publish_here(MeasureImposed(user_id, None))
        self._blocked = blocked


def _is_program(method: str) -> bool:
    """A program has no page to read the reason on."""
    return method == LoginMethod.PROGRAM

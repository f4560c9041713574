"""Session activity (last seen): collected in memory and written in batches, so that page views do not wait for a
write.
"""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, update

from domain.accounts.sessions import SEEN_EVERY, LoginSession
from domain.background.periodic import PeriodicTask
from domain.clock import now
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

WRITTEN_EVERY = 5  # seconds
FAULT = "The use of sessions could not be noted"


class SessionUse:
    """Readers never wait for a writer nor fail with one: what cannot be written now stays buffered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[int] = set()
        self._rounds = PeriodicTask(self.write, every=WRITTEN_EVERY, fault=FAULT)

    async def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()
        try:
            await self.write()
        except (DatabaseUnavailable, SQLAlchemyError) as error:
            log.warning("%s: %s", FAULT, error)

    def note(self, session_id: int) -> None:
        """Record in memory that the session was used now."""
        self._used.add(session_id)

    async def write(self) -> None:
        """Write everything that was collected, in one transaction."""
        used = sorted(self._used)
        if not used:
            return
        stale = col(LoginSession.id).in_(used), col(LoginSession.seen_at) < now() - SEEN_EVERY
        async with self._database.write() as db:
            await db.exec(update(LoginSession).where(*stale).values(seen_at=now()))
        self._used.difference_update(used)

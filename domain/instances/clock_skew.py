"""Clock skew, a periodic task: measures how far this instance's clock is off the database's, which all instances share.

Leases go by the database's clock (leases.py beside this), so skew ends nobody's reply. Deadlines, sessions and limits
go by the instance's own clock, and are off by the skew.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlmodel import select

from domain.background.periodic import PeriodicTask
from domain.clock import now
from storage.database import Database
from storage.moments import DatabaseTime

log = logging.getLogger(__name__)

LOOKS_EVERY = 60  # seconds
MUCH = 2
"""Minimum skew, in seconds, that is a fault for somebody to fix."""


class ClockSkew:
    """`seconds` is how far this instance's clock is ahead of the database's; 0 on SQLite, where they are the same."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.seconds = 0.0
        self._is_told = False
        self._rounds = PeriodicTask(self.look, every=LOOKS_EVERY, fault="The clocks could not be compared")

    async def start(self) -> None:
        if self._database.dialect == "postgresql":
            self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def look(self) -> None:
        async with self._database.read() as db:
            await db.connection()  # connecting must not count as part of the query
            asked = now()
            theirs = (await db.exec(select(DatabaseTime(asked)))).one()
            ours = asked + (now() - asked) / 2
        self.seconds = (ours - theirs) / timedelta(seconds=1)
        is_much = abs(self.seconds) >= MUCH
        if is_much and not self._is_told:
            log.warning("This machine's clock is %+.1f s off the database's: is its time synchronised?", self.seconds)
        if self._is_told and not is_much:
            log.warning("This machine's clock agrees with the database's again")
        self._is_told = is_much

"""Readiness: whether this instance should be sent people, in words for proxies, orchestrators and whoever looks.

Asked every second or two for as long as the server runs, so one look serves all who ask within a second, and whoever
asks has an answer soon, whatever hangs.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError
from sqlmodel import text

from domain.instances.clock_skew import MUCH, ClockSkew
from storage.database import HEALTH_WAIT, Database, DatabaseUnavailable
from storage.migrate import known_revisions, newest_revisions
from storage.url import SQLITE
from storage.wire.wire import Wire

KEPT = 1  # seconds
LAST_WAIT = 1  # seconds for a look that is broken off


@dataclass(frozen=True)
class Look:
    """What a look at the database found."""

    database: str  # ok, down
    schema: str = "unknown"  # ok, older, newer, none, unknown


@dataclass(frozen=True)
class ReadinessReport:
    """One word each, nothing that only an admin may know."""

    ready: str  # yes, no, draining
    database: str
    schema: str
    bus: str  # ok, down, none
    clock: str  # ok, off, none

    @property
    def is_ready(self) -> bool:
        return self.ready == "yes"


class Readiness:
    """Red are a database that is away, tables that the code does not fit, and an instance that drains.

    Tables that are newer than the code are not red: a release runs on the tables of the next one, and when that has
    migrated them, those that are still to be replaced must go on. Without the bus, or with a clock that is off, people
    are served: it is said, and no reason to take the instance away from them.
    """

    def __init__(self, database: Database, wire: Wire, skew: ClockSkew, *, within: float = HEALTH_WAIT) -> None:
        self._database = database
        self._wire = wire
        self._skew = skew
        self._within = within
        self._looking: asyncio.Task[Look] | None = None
        self._found: Look | None = None
        self._found_at = 0.0
        self.is_draining = False

    async def report(self) -> ReadinessReport:
        found = await self._latest()
        can_serve = found.database == "ok" and found.schema in {"ok", "newer"}
        ready = "draining" if self.is_draining else "yes" if can_serve else "no"
        return ReadinessReport(ready, found.database, found.schema, self._bus(), self._clock())

    async def close(self) -> None:
        """A look that hangs in the driver is not waited for."""
        if self._looking:
            self._looking.cancel()
            await asyncio.wait({self._looking}, timeout=LAST_WAIT)

    def _bus(self) -> str:
        if not self._wire.reaches_others:
            return "none"
        return "ok" if self._wire.is_up else "down"

    def _clock(self) -> str:
        if self._database.dialect == SQLITE:
            return "none"
        return "ok" if abs(self._skew.seconds) < MUCH else "off"

    async def _latest(self) -> Look:
        if self._found and time.monotonic() - self._found_at < KEPT:
            return self._found
        if self._looking is None or self._looking.done():  # a second one beside a look that hangs would hang as well
            self._looking = asyncio.create_task(self._look(), name="readiness")
        await asyncio.wait({self._looking}, timeout=self._within)
        self._found = self._looking.result() if self._looking.done() else Look("down")
        self._found_at = time.monotonic()
        return self._found

    async def _look(self) -> Look:
        try:
            async with self._database.read() as db:
                rows = await (await db.connection()).execute(text("SELECT version_num FROM alembic_version"))
        except (OperationalError, ProgrammingError):  # no such table
            return Look("ok", "none")
        except (DatabaseUnavailable, SQLAlchemyError):
            return Look("down")
        return Look("ok", _schema_of({row[0] for row in rows}))


def _schema_of(revisions: set[str]) -> str:
    if not revisions:
        return "none"
    if revisions == newest_revisions():
        return "ok"
    return "older" if revisions <= known_revisions() else "newer"

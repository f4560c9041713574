"""Readiness: whether this instance should get traffic, in words for proxies, orchestrators and whoever looks.

It is probed every second or two for as long as the server runs, so one look at the database serves all probes within a
second, and each probe is answered soon, whatever hangs.
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
    """Result of a look at the database."""

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
    """An instance is not ready while its database is down, the code does not fit the tables, or the instance drains.

    Tables that are newer than the code are no obstacle: a release runs on the tables of the next one, and when that has
    migrated them, the instances that are still to be replaced must go on. Without the bus, or with a clock that is off,
    people are served: that is reported, but the instance stays ready.
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
        """Cancel a look that is under way; one that hangs in the driver is given up after `LAST_WAIT`."""
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

"""Membership: the instances that run on one PostgreSQL database, each a row with a lease, and the settings that all
must share.

The database would serve two instances that sign with different secrets or have different public addresses, but they
would refuse each other's links and tokens. So each instance stores fingerprints of these settings, and is refused if
they differ from those of an instance that is alive. Once all instances are stopped, any setting may be changed: nothing
remains of them. A SQLite file is used by one process, so nothing can differ.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import JSON, Column, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.background.periodic import PeriodicTask
from domain.instances.leases import lease_for, leases_now
from storage.database import Database, DatabaseUnavailable
from storage.tables import Table
from storage.url import SQLITE

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
RENEWED_EVERY = 5  # seconds
LOOKS_EVERY = 0.5
"""Seconds between two checks whether an instance with different settings is still alive."""
LOCK = text("SELECT pg_advisory_xact_lock(198437563)")  # an arbitrary number, used for no other lock


class RunningInstance(Table, table=True):
    """An instance that is alive, or died before `lease_until`."""

    __tablename__ = "running_instance"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=300)
    fingerprints: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    """Fingerprints of the settings that all instances must share, by name (domain/instances/shared_settings.py)."""
    lease_until: datetime


class SettingsDiffer(Exception):
    """An instance that is alive has another value of a setting that all must share. The text names the setting."""


class Membership:
    """The row of this instance. A background job: it renews the lease while it runs, and deletes the row at its end.

    `name` is for people; `fingerprints` are those of `RunningInstance`, the most telling first.
    """

    def __init__(self, database: Database, name: str, fingerprints: Mapping[str, str]) -> None:
        self._database = database
        self._name = name
        self._fingerprints = dict(fingerprints)
        self._row_id: int | None = None
        self._renewing = PeriodicTask(
            self._renew, every=RENEWED_EVERY, fault="The other instances could not be told that this one lives"
        )

    async def join(self) -> None:
        """Raises `SettingsDiffer` if an instance with different settings is alive. One that may have died is watched
        until its lease expires: only live instances renew theirs.
        """
        if self._database.dialect == SQLITE:
            return
        seen: dict[int, datetime] = {}
        while strangers := await self._enter():
            if alive := [each for each in strangers if each.lease_until > seen.get(each.id, each.lease_until)]:
                raise SettingsDiffer(self._difference(alive[0]))
            if not seen:
                log.warning("%s Looking whether that one lives.", self._difference(strangers[0]))
            seen = {each.id: each.lease_until for each in strangers} | seen
            await asyncio.sleep(LOOKS_EVERY)

    async def start(self) -> None:
        if self._row_id is not None:
            self._renewing.start()

    async def close(self) -> None:
        await self._renewing.close()
        if self._row_id is None:
            return
        try:
            async with self._database.write() as db:
                await db.exec(delete(RunningInstance).where(col(RunningInstance.id) == self._row_id))
        except (DatabaseUnavailable, SQLAlchemyError) as error:
            log.warning("This instance counts as alive until its lease ends: %s", error)

    async def _renew(self) -> None:
        renewing = (
            update(RunningInstance).where(col(RunningInstance.id) == self._row_id).values(lease_until=lease_for(LEASE))
        )
        async with self._database.write() as db:
            is_member = (await db.exec(renewing)).rowcount == 1
        if not is_member:  # this instance hung, or the database was away, for longer than a lease
            for stranger in await self._enter():
                log.error("%s Stop one of the two.", self._difference(stranger))

    async def _enter(self) -> Sequence[RunningInstance]:
        """Add our row, unless there are instances with different settings; returns those."""
        async with self._database.write() as db:
            await (await db.connection()).execute(LOCK)
            await db.exec(delete(RunningInstance).where(col(RunningInstance.lease_until) <= leases_now()))
            strangers = [each for each in await db.exec(select(RunningInstance)) if self._differing(each)]
            if not strangers:
                self._row_id = await self._add(db)
        return strangers

    async def _add(self, db: AsyncSession) -> int:
        row = RunningInstance(name=self._name, fingerprints=self._fingerprints, lease_until=lease_for(LEASE))
        db.add(row)
        await db.flush()
        return row.id

    def _differing(self, other: RunningInstance) -> str:
        """The first setting that differs, or empty. Settings that only one of the two releases knows do not count."""
        both = (name for name in self._fingerprints if name in other.fingerprints)
        return next((name for name in both if self._fingerprints[name] != other.fingerprints[name]), "")

    def _difference(self, other: RunningInstance) -> str:
        return (
            f"{self._differing(other)}: the instance {other.name} on this database has another one. All need the same; "
            "to change it, stop all of them first."
        )

"""Claims: a periodic task that should run once for all instances is claimed by one instance at a time, in a row that
says when it is next due.

On SQLite, where only one process uses the file, nothing has to be claimed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Field, col

from domain.instances.leases import lease_for, leases_now
from storage.database import Database
from storage.tables import Table
from storage.upsert import insert_into
from storage.url import SQLITE


class ClaimedTask(Table, table=True):
    """The periodic task `name` does not run again before `next_at`."""

    __tablename__ = "claimed_task"

    name: str = Field(primary_key=True, max_length=40)
    next_at: datetime


class Claim:
    """`await claim()` tells whether this instance should run the task now. If so, the others leave it alone for most of
    `every`, the seconds between two runs.
    """

    def __init__(self, database: Database, name: str, every: float) -> None:
        self._database = database
        self._name = name
        # All instances try equally often, but at different moments: one that is a little early must not skip a run.
        self._rest = timedelta(seconds=every * 0.9)

    async def __call__(self) -> bool:
        if self._database.dialect == SQLITE:
            return True
        next_at = lease_for(self._rest)
        claiming = insert_into(ClaimedTask, self._database.dialect).values(name=self._name, next_at=next_at)
        claiming = claiming.on_conflict_do_update(
            index_elements=[ClaimedTask.name],
            set_={"next_at": next_at},
            where=col(ClaimedTask.next_at) <= leases_now(),
        )
        async with self._database.write() as db:
            return (await db.exec(claiming.returning(col(ClaimedTask.name)))).first() is not None

"""Popularity, a periodic task: recounts every few minutes whom users talk with and which interests exist, which would
be too slow on each page view.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam
from sqlmodel import col, func, select, update

from domain.background.periodic import NOT_AT_ONCE, PeriodicTask
from domain.characters.interests import count_known
from domain.clock import now
from domain.instances.claims import Claim
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from storage.database import Database

COUNTS_EVERY = 600  # seconds
A_WEEK = timedelta(days=7)
BATCH = 500


class Popularity:
    """Several instances may count concurrently: each writes only what has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rounds = PeriodicTask(
            self.count,
            every=COUNTS_EVERY,
            fault="Popularity could not be counted",
            claim=Claim(database, "popularity", COUNTS_EVERY),
        )

    async def start(self) -> None:
        self._rounds.start(after=NOT_AT_ONCE)

    async def close(self) -> None:
        await self._rounds.close()

    async def count(self) -> None:
        """Recompute `Character.talkers` and the known interests."""
        talked = (
            select(Dialog.character_id, func.count(func.distinct(col(Dialog.user_id))))
            .join(User, col(User.id) == col(Dialog.user_id))
            .where(Dialog.spoken_at > now() - A_WEEK, Dialog.messages > 0)  # opening or importing it does not count
            .where(~col(User.is_trial))  # nor do trials, which may be programs
            .group_by(col(Dialog.character_id))
        )
        async with self._database.read(patient=True) as db:
            counted = dict((await db.exec(talked)).all())
            before = dict((await db.exec(select(Character.id, Character.talkers).where(Character.talkers > 0))).all())
        changed = [each for each in sorted(counted.keys() | before) if counted.get(each, 0) != before.get(each, 0)]
        for start in range(0, len(changed), BATCH):
            async with self._database.write() as db:
                rows = [{"at": each, "many": counted.get(each, 0)} for each in changed[start : start + BATCH]]
                change = update(Character).where(col(Character.id) == bindparam("at"))
                await (await db.connection()).execute(change.values(talkers=bindparam("many")), rows)
        await count_known(self._database)

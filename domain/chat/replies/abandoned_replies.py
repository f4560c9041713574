"""Crash recovery (lease expiry), a periodic task: marks replies whose writer died as interrupted, and removes abandoned
imports.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import or_
from sqlmodel import col, select

from domain.background.periodic import PeriodicTask
from domain.chat.replies.reply_row import LEASE
from domain.chat.tree.events import ReplyEnded
from domain.chat.tree.unfinished_imports import delete_abandoned
from domain.instances.leases import leases_now
from domain.model.dialog import Message, State
from storage.bus import Bus
from storage.database import LOCK_FOR_UPDATE, Database

log = logging.getLogger(__name__)

LOOKS_EVERY = 5  # seconds


class AbandonedReplies:
    """`is_written_here` tells whether a reply's writer is alive in this process, whatever its lease says."""

    def __init__(self, database: Database, bus: Bus, is_written_here: Callable[[int], bool]) -> None:
        self._database = database
        self._bus = bus
        self._is_written_here = is_written_here
        # After a database fault nobody could renew a lease either: living writers get the time of one lease to do so.
        self._rounds = PeriodicTask(
            partial(self._look, all_of_them=False),
            every=LOOKS_EVERY,
            fault="Abandoned replies and imports could not be looked for",
            rest=LEASE.total_seconds(),
        )

    async def start(self) -> None:
        """Interrupt the replies that an earlier process left running, then check periodically.

        A SQLite file belongs to one process, so at the start nobody else can be writing; with PostgreSQL other
        instances may be, and only an expired lease tells the dead from the living.
        """
        await self._look(all_of_them=self._database.dialect == "sqlite")
        self._rounds.start(after=LOOKS_EVERY)

    async def close(self) -> None:
        await self._rounds.close()

    async def _look(self, *, all_of_them: bool) -> None:
        await self._interrupt(all_of_them=all_of_them)
        await delete_abandoned(self._database, all_of_them=all_of_them)

    async def _interrupt(self, *, all_of_them: bool) -> None:
        """Mark abandoned replies as interrupted. Their partial text stays; an event is published to pages that show
        them.
        """
        abandoned = select(Message).where(Message.state == State.RUNNING)
        if not all_of_them:
            lease = col(Message.lease_until)
            abandoned = abandoned.where(or_(lease.is_(None), lease < leases_now()))
        async with self._database.read() as db:
            if (await db.exec(abandoned.limit(1))).first() is None:
                return  # nearly always: no need for the write lock
        async with self._database.write() as db:
            found = await db.exec(abandoned.with_for_update(skip_locked=True, **LOCK_FOR_UPDATE))
            replies = [reply for reply in found if not self._is_written_here(reply.id)]
            for reply in replies:
                reply.state, reply.lease_until = State.INTERRUPTED, None
        for reply in replies:
            log.warning("Reply %s was abandoned by its writer", reply.id)
            self._bus.publish(ReplyEnded(reply.dialog_id, reply.id))

"""Looks after replies whose writer has died: a reply never stays "being written" for ever."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from sqlalchemy import or_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import col, select

from domain.chat.dialog import Message, State
from domain.chat.facts import ReplyEnded
from domain.moments import now
from storage.bus import Bus
from storage.database import Database

log = logging.getLogger(__name__)

LOOKS_EVERY = 5  # seconds


class Keeper:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Interrupt what an earlier process left, then go on looking.

        A SQLite file belongs to one process, so at the start nobody else can be writing; with PostgreSQL other
        instances may be, and only a lease that has run out tells the dead from the living.
        """
        await self._interrupt(all_of_them=self._database.dialect == "sqlite")
        self._watching = asyncio.create_task(self._watch(), name="keeper")

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            try:
                await self._interrupt(all_of_them=False)
            except (DBAPIError, NoConnection) as error:
                log.warning("Abandoned replies could not be looked for (%s)", type(error).__name__)

    async def _interrupt(self, *, all_of_them: bool) -> None:
        """Their partial text stays; pages that show them are told."""
        abandoned = select(Message).where(Message.state == State.RUNNING)
        if not all_of_them:
            lease = col(Message.lease_until)
            abandoned = abandoned.where(or_(lease.is_(None), lease < now()))
        async with self._database.read() as db:
            if (await db.exec(abandoned.limit(1))).first() is None:
                return  # as nearly always: no need to take the writer's turn
        async with self._database.write() as db:
            replies = list(await db.exec(abandoned.with_for_update(skip_locked=True)))
            for reply in replies:
                reply.state, reply.lease_until = State.INTERRUPTED, None
        for reply in replies:
            log.warning("Reply %s was abandoned by its writer", reply.id)
            self._bus.tell(ReplyEnded(reply.dialog_id, reply.id))

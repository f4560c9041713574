"""The row of a reply while it is written: what the writer reads for its prompt, and what it keeps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat

from sqlalchemy import Update, bindparam, update
from sqlmodel import col

from domain.accounts.user import User
from domain.characters.character import Character
from domain.chat.dialog import Dialog, Message, State
from domain.chat.path import outline_of, with_texts
from domain.chat.prompt import first_remembered, room_left
from domain.chat.turn import End
from domain.moments import now
from storage.database import Database, NoAnswer

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
"""A running reply whose writer has not reported for so long is believed dead."""
PAUSES = (0.2, 0.5, 1, 2)
"""Seconds between attempts to keep a finished reply when the database does not answer, then always the last of them:
the reply has been paid for.
"""

_ROWS = Message.metadata.tables["message"]
KEEP_TEXT = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.state == State.RUNNING)
    .values(text=bindparam("kept"), lease_until=bindparam("lease"))
)
"""Built once, and without the ORM: it is executed more often than anything else."""


@dataclass(frozen=True)
class Material:
    """What a prompt is made of: `messages` are the opening words and as much of the path's end as fits `room`."""

    character: Character
    person: User
    messages: list[Message]
    room: int
    model: str
    temperature: float | None


async def material_for(database: Database, dialog_id: int, reply_id: int, room_of: Callable[[str], int]) -> Material:
    async with database.read() as db:
        reply = await db.get_one(Message, reply_id)
        dialog = await db.get_one(Dialog, dialog_id)
        character = await db.get_one(Character, dialog.character_id)
        person = await db.get_one(User, dialog.user_id)
        outline = await outline_of(db, reply.parent_id)
        room = room_of(dialog.model)
        first = first_remembered(outline, room_left(character, person, outline, room))
        first_question = next(each.id for each in outline if each.role == "user")
        messages = await with_texts(db, [each.id for each in outline if each.id >= first or each.id < first_question])
    return Material(character, person, messages, room, dialog.model, dialog.temperature)


class ReplyRow:
    """Writes to one reply as long as it runs. What is no longer running (deleted, taken over) is left alone."""

    def __init__(self, database: Database, reply_id: int) -> None:
        self._database = database
        self._reply_id = reply_id

    async def keep_text(self, text: str) -> bool:
        """Save what has come and report being alive; False when the row is not ours any more.

        A database that does not answer now is asked again a moment later: the text is still in memory.
        """
        try:
            async with self._database.write() as db:
                values = {"row": self._reply_id, "kept": text, "lease": now() + LEASE}
                kept = await (await db.connection()).execute(KEEP_TEXT, values)
        except NoAnswer as error:
            log.warning("Reply %s could not be saved just now: %s", self._reply_id, error)
            return True
        return kept.rowcount > 0

    async def keep_end(self, end: End) -> None:
        """The one write that ends a reply, tried for as long as the database does not answer."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                await self._write_end(end)
            except NoAnswer as error:
                log.warning("The end of reply %s waits for the database: %s", self._reply_id, error)
                await asyncio.sleep(pause)
            else:
                return

    async def _write_end(self, end: End) -> None:
        async with self._database.write() as db:
            await db.exec(
                self._running().values(
                    text=end.text,
                    state=end.state,
                    fault=end.fault,
                    reference=end.reference,
                    model=end.model,
                    tokens_in=end.tokens_in,
                    tokens_out=end.tokens_out,
                    tokens_estimated=end.tokens_estimated,
                    lease_until=None,
                )
            )

    def _running(self) -> Update:
        return update(Message).where(col(Message.id) == self._reply_id, col(Message.state) == State.RUNNING)

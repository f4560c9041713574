"""Reply persistence (lease, retry): what the writer reads for its prompt, and how the reply is saved while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, bindparam, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.context_window import ends_of
from domain.chat.dialog_search import DIALOGS
from domain.chat.prompt import PathMessage, addressed_as_in
from domain.chat.running_reply import End
from domain.clock import now
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.usage.usage import Used, add_usage
from storage.database import LOCK_FOR_UPDATE, Database, DatabaseUnavailable
from storage.moments import DatabaseTime

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
"""Lease duration: a running reply whose writer has not renewed it for so long counts as dead."""
PAUSES = (0.2, 0.5, 1, 2)
"""Retry policy for saving a finished reply: seconds between attempts if the database does not answer, the last one
repeated for ever: the reply has been paid for.
"""

# Built once, and those that save without the ORM: building a statement takes longer than to execute it.
_ROWS = Message.metadata.tables["message"]
_RUNNING = update(_ROWS).where(_ROWS.c.id == bindparam("row"), _ROWS.c.state == State.RUNNING)
_COUNTS = ("tokens_in", "tokens_out", "cost")
KEEP_TEXT = _RUNNING.values(
    text=bindparam("kept"), lease_until=DatabaseTime(bindparam("lease", type_=_ROWS.c.lease_until.type), LEASE)
)


def _with_more(column: Column[int]) -> ColumnElement[int]:
    """Added to the row's count, since a continued reply is the same row; unchanged where nothing is known."""
    more = bindparam(f"more_{column.name}", type_=column.type)
    return func.coalesce(func.coalesce(column, 0) + more, column)


KEEP_END = _RUNNING.values(
    first_text_ms=func.coalesce(_ROWS.c.first_text_ms, bindparam("first", type_=Integer)),
    **{name: _with_more(_ROWS.c[name]) for name in _COUNTS},
)
_TALK = (
    select(Dialog.user_id, Dialog.character_id)
    .join(User, col(User.id) == col(Dialog.user_id))
    .where(Dialog.id == bindparam("dialog"))
    .with_for_update(**LOCK_FOR_UPDATE, of=(User, Dialog))
)
_PARTICIPANTS = (
    DIALOGS.add_columns(User, select(Message.parent_id).where(Message.id == bindparam("reply")).scalar_subquery())
    .join(User, col(User.id) == col(Dialog.user_id))
    .where(Dialog.id == bindparam("dialog"))
)


@dataclass(frozen=True)
class PromptInput:
    """The input of a prompt: `messages` are the opening and as much of the path's end as fits `room`."""

    character: Character
    person: User
    messages: list[PathMessage]
    room: int
    model: str
    temperature: float | None
    is_withdrawn: bool
    """Whether the user or character was blocked at the very moment the reply was requested
    (domain/moderation/effects.py).
    """


async def material_for(database: Database, dialog_id: int, reply_id: int, room_of: Callable[[str], int]) -> PromptInput:
    async with database.read() as db:
        found = await db.exec(_PARTICIPANTS, params={"dialog": dialog_id, "reply": reply_id})
        dialog, character, author, user, question_id = found.one()
        person, room = addressed_as_in(dialog, user), room_of(dialog.model)
        ends = await ends_of(db, question_id, room, texts=True)
    first = ends.first_remembered(character, person, room)
    opening = [each for each in ends.opening if each.id < first]
    messages = [*opening, *(each for each in ends.tail if each.id >= first)]
    is_withdrawn = character.is_blocked or person.is_blocked or author.is_blocked
    return PromptInput(character, person, messages, room, dialog.model, dialog.temperature, is_withdrawn)


class ReplyRow:
    """Saves one reply as long as it runs. One that is no longer running (deleted, taken over) is left alone."""

    def __init__(self, database: Database, dialog_id: int, reply_id: int) -> None:
        self._database = database
        self._dialog_id = dialog_id
        self._reply_id = reply_id

    async def save_text(self, text: str) -> bool:
        """Save the text so far and renew the lease; False if the row is no longer ours.

        If the database does not answer, the next save tries again: the text is still in memory.
        """
        try:
            async with self._database.write() as db:
                values = {"row": self._reply_id, "kept": text, "lease": now() + LEASE}
                kept = await (await db.connection()).execute(KEEP_TEXT, values)
        except DatabaseUnavailable as error:
            log.warning("Reply %s could not be saved just now: %s", self._reply_id, error)
            return True
        return kept.rowcount > 0

    async def save_end(self, end: End) -> None:
        """Store the final state of a reply, retried for as long as the database does not answer."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                await self._write_end(end)
            except DatabaseUnavailable as error:
                log.warning("The end of reply %s waits for the database: %s", self._reply_id, error)
                await asyncio.sleep(pause)
            else:
                return

    async def _write_end(self, end: End) -> None:
        async with self._database.write() as db:
            talk = await _talk(db, self._dialog_id)
            if talk is None:
                return  # the account was deleted, and the conversation with it
            ended = await (await db.connection()).execute(KEEP_END, {"row": self._reply_id} | _ended(end))
            if ended.rowcount:
                await add_usage(db, self._dialog_id, *talk, _used(end))


async def _talk(db: AsyncSession, dialog_id: int) -> tuple[int, int] | None:
    """The user and character of the dialog; the rows of user and dialog are locked until the end of the transaction.

    The user is locked first, as in account deletion, then the dialog, as in sending a message: locking only the reply's
    row would deadlock with them. Of one row PostgreSQL locks the tables in the order of their naming here.
    """
    return (await db.exec(_TALK, params={"dialog": dialog_id})).first()


def _ended(end: End) -> dict[str, Any]:
    """The parameters of `KEEP_END`."""
    columns = ("text", "state", "fault", "reference", "model", "tokens_estimated", "thoughts")
    counts = {f"more_{name}": getattr(end, name) for name in _COUNTS}
    return {name: getattr(end, name) for name in columns} | counts | {"first": end.first_text_ms, "lease_until": None}


def _used(end: End) -> Used:
    filtered = end.state == State.FILTERED
    failed = bool(end.reference)  # which the user can quote to us
    return Used(end.model, end.tokens_in or 0, end.tokens_out or 0, end.cost or 0, int(failed), int(filtered))

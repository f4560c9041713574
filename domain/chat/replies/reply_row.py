"""Reply persistence (lease, retry): saves a reply while it runs, and its end."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from enum import Enum, auto
from itertools import chain, repeat
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, bindparam, func, update

from domain.chat.replies.reply_end import WITHDRAWN
from domain.chat.replies.running_reply import End, RunningReply
from domain.chat.tree.events import ReplySaved
from domain.chat.tree.own_dialog import lock_talk
from domain.clock import now
from domain.memory.rewritten import take_the_new_text
from domain.model.dialog import Message, State
from domain.usage.usage import Used, add_usage
from storage.bus import Bus
from storage.database import Database, DatabaseUnavailable
from storage.moments import DatabaseTime

log = logging.getLogger(__name__)

SAVED_EVERY = 0.6  # seconds: with the time it takes to save, a crash loses less than a second of text
LONGEST_PIECE = 3_500  # bytes: fits into a notification of PostgreSQL, with what JSON adds
LEASE = timedelta(seconds=10)
"""Lease duration: a running reply whose writer has not renewed it for this long counts as abandoned."""
PAUSES = (0.2, 0.5, 1, 2)
"""Retry policy for saving a finished reply: seconds between attempts while the database does not answer. The last pause
repeats for ever, since the reply has been paid for.
"""

# Built once and executed without the ORM, since building a statement takes longer than executing it.
_ROWS = Message.metadata.tables["message"]
_RUNNING = update(_ROWS).where(_ROWS.c.id == bindparam("row"), _ROWS.c.state == State.RUNNING)
_COUNTS = ("tokens_in", "tokens_out", "cost")
KEEP_TEXT = _RUNNING.values(
    text=bindparam("kept"), lease_until=DatabaseTime(bindparam("lease", type_=_ROWS.c.lease_until.type), LEASE)
).returning(_ROWS.c.stop_asked, _ROWS.c.fault)
ASK_TO_STOP = _RUNNING.values(stop_asked=True)
ASK_TO_WITHDRAW = _RUNNING.values(stop_asked=True, fault=WITHDRAWN)
"""Otherwise, a running reply has no fault; if its writer dies meanwhile, this one says why the reply ends."""


def _with_more(column: Column[int]) -> ColumnElement[int]:
    """The row's count plus this turn's, since a continued reply keeps its row; unchanged if this turn's is unknown."""
    more = bindparam(f"more_{column.name}", type_=column.type)
    return func.coalesce(func.coalesce(column, 0) + more, column)


_COUNTED: dict[str, Any] = {
    "first_text_ms": func.coalesce(_ROWS.c.first_text_ms, bindparam("first", type_=Integer)),
    **{name: _with_more(_ROWS.c[name]) for name in _COUNTS},
}
KEEP_END = _RUNNING.values(**_COUNTED)
KEEP_COUNTS = update(_ROWS).where(_ROWS.c.id == bindparam("row")).values(**_COUNTED)


class Saving(Enum):
    """Outcome of saving a running reply."""

    SAVED = auto()
    STOP_ASKED = auto()  # saved, and to be stopped
    WITHDRAWAL_ASKED = auto()  # saved, and to be ended for a block
    FAILED = auto()  # the database does not answer: the text is still in memory, and the next save tries again
    TOO_LATE = auto()  # the row is no longer ours


class ReplyRow:
    """Saves one reply while it runs. A row that is no longer running (deleted, taken over) is left alone.
    `is_continued`: the reply had a text before this turn.
    """

    def __init__(self, database: Database, dialog_id: int, reply_id: int, *, is_continued: bool) -> None:
        self._database = database
        self._dialog_id = dialog_id
        self._reply_id = reply_id
        self._is_continued = is_continued
        self._has_warned = False
        """Whether the log already says that the database does not answer; once per reply is enough."""

    async def save_text(self, text: str) -> Saving:
        """Save the text so far and renew the lease."""
        try:
            async with self._database.write() as db:
                values = {"row": self._reply_id, "kept": text, "lease": now() + LEASE}
                kept = (await (await db.connection()).execute(KEEP_TEXT, values)).first()
        except DatabaseUnavailable as error:
            self._warn_once("Reply %s could not be saved just now: %s", error)
            return Saving.FAILED
        self._has_warned = False
        if kept is None:
            return Saving.TOO_LATE
        if not kept.stop_asked:
            return Saving.SAVED
        return Saving.WITHDRAWAL_ASKED if kept.fault == WITHDRAWN else Saving.STOP_ASKED

    async def save_end(self, end: End) -> None:
        """Store the final state of a reply, retried for as long as the database does not answer."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                await self._write_end(end)
            except DatabaseUnavailable as error:
                self._warn_once("The end of reply %s waits for the database: %s", error)
                await asyncio.sleep(pause)
            else:
                return

    def _warn_once(self, words: str, error: DatabaseUnavailable) -> None:
        if not self._has_warned:
            log.warning(words, self._reply_id, error)
        self._has_warned = True

    async def _write_end(self, end: End) -> None:
        async with self._database.write() as db:
            talk = await lock_talk(db, self._dialog_id)
            if talk is None:
                return  # the account was deleted, and the conversation with it
            connection, row = await db.connection(), {"row": self._reply_id}
            ended = await connection.execute(KEEP_END, row | _ended(end))
            if not ended.rowcount:  # ended by somebody else, who does not know its cost
                await connection.execute(KEEP_COUNTS, row | _counted(end))
            await add_usage(db, self._dialog_id, *talk, _used(end))
            if self._is_continued:
                await take_the_new_text(db, self._dialog_id)


async def save_as_it_grows(turn: RunningReply, row: ReplyRow, bus: Bus) -> None:
    """Save the text at intervals until the stream ends, and stop the stream if another instance has asked for that.

    What each save added is published to the other instances. It is in the row by then, so a page that joins late or has
    missed something can always read it there.
    """
    saved, times_taken_back = len(turn.begun_with), 0
    while await _is_time_to_save(turn):
        text, taken_back = turn.text, turn.times_taken_back
        saving = await row.save_text(text)
        if saving is Saving.TOO_LATE:
            log.warning("Reply %s was ended by somebody else meanwhile", turn.reply_id)
            turn.interrupt()
        if saving in {Saving.TOO_LATE, Saving.FAILED}:
            continue
        begins_anew = taken_back > times_taken_back
        at, saved, times_taken_back = len(turn.begun_with) if begins_anew else saved, len(text), taken_back
        if begins_anew or saved > at:
            piece = text[at:] if len(text[at:].encode()) <= LONGEST_PIECE else ""
            bus.publish_elsewhere(ReplySaved(turn.dialog_id, turn.reply_id, at, saved - at, piece, begins_anew))
        if saving is Saving.STOP_ASKED:
            turn.stop()
        elif saving is Saving.WITHDRAWAL_ASKED:
            turn.withdraw()


async def _is_time_to_save(turn: RunningReply) -> bool:
    """Wait until the next save is due; False if the stream has ended."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SAVED_EVERY):
            await turn.is_to_be_saved.wait()
    turn.is_to_be_saved.clear()
    return not turn.is_over


async def ask_to_stop(database: Database, reply_id: int) -> None:
    """Ask the instance that writes the reply to stop it. It sees the mark at its next save, within a second."""
    async with database.write() as db:
        await (await db.connection()).execute(ASK_TO_STOP, {"row": reply_id})


async def ask_to_withdraw(database: Database, reply_id: int) -> None:
    """As `ask_to_stop`, for a reply that a block ends."""
    async with database.write() as db:
        await (await db.connection()).execute(ASK_TO_WITHDRAW, {"row": reply_id})


def _ended(end: End) -> dict[str, Any]:
    """The parameters of `KEEP_END`."""
    columns = ("text", "state", "fault", "reference", "thoughts")
    traces = {"recalled": end.recalled, "lore": end.lore}
    kept = {name: trace or None for name, trace in traces.items() if trace is not None}
    return {name: getattr(end, name) for name in columns} | kept | _counted(end) | {"lease_until": None}


def _counted(end: End) -> dict[str, Any]:
    """The parameters of `KEEP_COUNTS`."""
    counts = {f"more_{name}": getattr(end, name) for name in _COUNTS}
    return counts | {"model": end.model, "tokens_estimated": end.tokens_estimated, "first": end.first_text_ms}


def _used(end: End) -> Used:
    filtered = end.state == State.FILTERED
    failed = bool(end.reference)  # which the user can quote to us
    return Used(end.model, end.tokens_in or 0, end.tokens_out or 0, end.cost or 0, int(failed), int(filtered))

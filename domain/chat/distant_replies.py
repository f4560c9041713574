"""Distant replies: what other instances write, for the pages of this one, which follow it as if it were written here.

The others tell what they have saved (`ReplySaved`). Who has heard all before puts the pieces together; who begins to
listen in the middle, or has missed one, finds it in the row.
"""

from __future__ import annotations

import asyncio
import logging

from sqlmodel import select

from domain.chat.events import ReplyChunk, ReplyEnded, ReplySaved, ReplyTakenBack
from domain.model.dialog import Message, State
from storage.bus import Bus, Missed
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)


class DistantReplies:
    """Subscribes with `start`, ends with `close`."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._texts: dict[int, str] = {}
        """What is known of each running reply that somebody here follows."""
        self._reading: dict[int, asyncio.Task[None]] = {}

    async def start(self) -> None:
        self._bus.subscribe_to_all(ReplySaved, self._hear)
        self._bus.subscribe_to_all(ReplyEnded, lambda fact: self._forget(fact.reply_id))
        self._bus.subscribe_to_all(Missed, lambda _fact: self._texts.clear())

    async def close(self) -> None:
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    def _hear(self, fact: ReplySaved) -> None:
        if not self._bus.has_listener(ReplyChunk, fact.about):
            self._forget(fact.reply_id)
            return
        if fact.begins_anew:
            self._forget(fact.reply_id)
            self._bus.publish_here(ReplyTakenBack(fact.about, fact.reply_id))
        known = self._texts.get(fact.reply_id, "" if fact.at == 0 else None)
        if known is not None and len(known) >= fact.at + fact.length:
            return  # told twice
        is_whole = len(fact.text) == fact.length
        if known is not None and len(known) == fact.at and is_whole and fact.reply_id not in self._reading:
            self._tell(fact, known + fact.text)
        elif fact.reply_id not in self._reading:
            reading = asyncio.create_task(self._read(fact), name=f"reading reply {fact.reply_id} of another instance")
            self._reading[fact.reply_id] = reading
            reading.add_done_callback(lambda _: self._reading.pop(fact.reply_id, None))

    def _tell(self, fact: ReplySaved, text: str) -> None:
        at = len(self._texts.get(fact.reply_id, ""))
        self._texts[fact.reply_id] = text
        self._bus.publish_here(ReplyChunk(fact.about, fact.reply_id, at, len(text) - at, text[at:], text))

    async def _read(self, fact: ReplySaved) -> None:
        """What the row has; pieces that come meanwhile are in it, or are noticed to be missing by the next one."""
        running = select(Message.text).where(Message.id == fact.reply_id, Message.state == State.RUNNING)
        try:
            async with self._database.read() as db:
                text = (await db.exec(running)).first()
        except DatabaseUnavailable as error:
            log.warning("Reply %s of another instance cannot be followed just now: %s", fact.reply_id, error)
            return
        if text is not None and len(text) > len(self._texts.get(fact.reply_id, "")):
            self._tell(fact, text)

    def _forget(self, reply_id: int) -> None:
        self._texts.pop(reply_id, None)

"""Distant replies: shows replies that other instances write on pages of this one, as if they were written here.

The other instances publish what they have saved (`ReplySaved`). The pieces are joined; if one is missing, or somebody
starts to follow in the middle, the text is read from the row. The rows are also checked now and then, since an instance
with another bus is not heard and must not leave a page waiting for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlmodel import col, select

from domain.background.periodic import PeriodicTask
from domain.chat.tree.events import ReplyChunk, ReplyEnded, ReplySaved, ReplyTakenBack
from domain.model.dialog import Message, State
from storage.bus import Bus, Missed
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

LOOKS_EVERY = 10  # seconds


class DistantReplies:
    """Subscribes with `start`, ends with `close`. `is_written_here` tells whether this instance writes a reply."""

    def __init__(self, database: Database, bus: Bus, is_written_here: Callable[[int], bool]) -> None:
        self._database = database
        self._bus = bus
        self._is_written_here = is_written_here
        self._running: dict[int, int] = {}
        """Dialogs of the replies of other instances that somebody here waited for at the last look, by the reply."""
        self._looks = PeriodicTask(
            self.look, every=LOOKS_EVERY, fault="Replies of other instances could not be looked at"
        )
        self._texts: dict[int, str] = {}
        """The text known so far of each running reply that somebody here follows."""
        self._reading: dict[int, asyncio.Task[None]] = {}

    async def start(self) -> None:
        self._bus.subscribe_to_all(ReplySaved, self._hear)
        self._bus.subscribe_to_all(ReplyEnded, lambda fact: self._forget(fact.reply_id))
        self._bus.subscribe_to_all(Missed, lambda _fact: self._texts.clear())
        if self._bus.wire.reaches_others:
            self._looks.start(after=LOOKS_EVERY)

    async def close(self) -> None:
        await self._looks.close()
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def look(self) -> None:
        """Read the rows of replies that other instances write and somebody here waits for, and publish what is new."""
        dialogs, before = self._bus.topics(ReplyEnded), self._running
        found = []
        if dialogs:
            running = select(Message.id, Message.dialog_id, Message.text).where(
                Message.state == State.RUNNING, col(Message.dialog_id).in_(dialogs)
            )
            async with self._database.read() as db:
                found = [row for row in await db.exec(running) if not self._is_written_here(row[0])]
        self._running = {reply_id: dialog_id for reply_id, dialog_id, _text in found}
        for reply_id, dialog_id, text in found:
            if len(text) > len(self._texts.get(reply_id, "")):
                self._tell(dialog_id, reply_id, text)
        for reply_id in before.keys() - self._running.keys():
            if before[reply_id] in dialogs and not self._is_written_here(reply_id):
                self._bus.publish_here(ReplyEnded(before[reply_id], reply_id))

    def _hear(self, fact: ReplySaved) -> None:
        if not self._bus.has_listener(ReplyChunk, fact.about):
            self._forget(fact.reply_id)
            return
        if fact.begins_anew:
            self._forget(fact.reply_id)
            self._bus.publish_here(ReplyTakenBack(fact.about, fact.reply_id))
        known = self._texts.get(fact.reply_id, "" if fact.at == 0 else None)
        if known is not None and len(known) >= fact.at + fact.length:
            return  # heard already
        is_whole = len(fact.text) == fact.length
        if known is not None and len(known) == fact.at and is_whole and fact.reply_id not in self._reading:
            self._tell(fact.about, fact.reply_id, known + fact.text)
        elif fact.reply_id not in self._reading:
            reading = asyncio.create_task(self._read(fact), name=f"reading reply {fact.reply_id} of another instance")
            self._reading[fact.reply_id] = reading
            reading.add_done_callback(lambda _: self._reading.pop(fact.reply_id, None))

    def _tell(self, dialog_id: int, reply_id: int, text: str) -> None:
        at = len(self._texts.get(reply_id, ""))
        self._texts[reply_id] = text
        self._bus.publish_here(ReplyChunk(dialog_id, reply_id, at, len(text) - at, text[at:], text))

    async def _read(self, fact: ReplySaved) -> None:
        """Read the text from the row. A piece that arrives meanwhile is in it, or the next piece shows that it is
        missing.
        """
        running = select(Message.text).where(Message.id == fact.reply_id, Message.state == State.RUNNING)
        try:
            async with self._database.read() as db:
                text = (await db.exec(running)).first()
        except DatabaseUnavailable as error:
            log.warning("Reply %s of another instance cannot be followed just now: %s", fact.reply_id, error)
            return
        if text is not None and len(text) > len(self._texts.get(fact.reply_id, "")):
            self._tell(fact.about, fact.reply_id, text)

    def _forget(self, reply_id: int) -> None:
        self._texts.pop(reply_id, None)
        self._running.pop(reply_id, None)

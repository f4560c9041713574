"""A dialog's memory, as its owner views and changes it. Pins, corrections and forgetting take effect at once; whatever
costs tokens is done in the background.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import bin_since
from domain.chat.tree.events import MessageMarked
from domain.chat.tree.message_tree import is_deleted
from domain.chat.tree.own_dialog import dialog_to_change, own_dialog
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.memory.chapter_changes import drop_vector, edited, forget_everything, read_all, retell
from domain.memory.editing.dialog_overview import MemoryReader
from domain.memory.editing.goes_with import GoesWith, goes_with
from domain.memory.editing.said_again import leave_out, messages_saying, take_back
from domain.memory.events import MemoryChanged
from domain.memory.facts.known_facts import new_fact
from domain.memory.overview import MemoryBar, MemoryOverview
from domain.memory.pins import check_may_be_pinned, check_room
from domain.memory.rows import (
    CHAPTER_LIMIT,
    FACT_LIMIT,
    PIN_LIMIT,
    ChapterState,
    MadeBy,
    MemoryChapter,
    MemoryFact,
    MemoryPin,
    MemoryVector,
)
from domain.memory.summaries.keeper import MemoryKeeper
from domain.model.dialog import Dialog, Message
from domain.rate_limits import MEMORY_CHANGES, MEMORY_RETELLINGS, RateLimiter
from domain.text import clean_text, on_one_line
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import Database

Row = TypeVar("Row", MemoryPin, MemoryFact, MemoryChapter)


@dataclass(frozen=True)
class Change:
    """A change of a dialog's memory while its transaction is open."""

    db: AsyncSession
    dialog: Dialog
    marked: set[int] = field(default_factory=set)
    """Messages that were pinned or unpinned, so that pages show it."""


class DialogMemory:
    def __init__(
        self, database: Database, bus: Bus, limits: RateLimiter, reader: MemoryReader, keeper: MemoryKeeper
    ) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits
        self._reader = reader
        self._keeper = keeper

    async def bar(self, caller: Caller, dialog_id: int) -> MemoryBar:
        """One-line overview of what is remembered on the path being read."""
        async with self._database.read() as db:
            person = await authenticate(db, caller, trial_too=True)
            return await self._reader.bar(db, person, await own_dialog(db, person, dialog_id))

    async def overview(self, caller: Caller, dialog_id: int, *, summed_up: int = 0) -> MemoryOverview:
        """All that is remembered on the path being read, with the newest `summed_up` chapters that sums cover."""
        async with self._database.read() as db:
            person = await authenticate(db, caller, trial_too=True)
            dialog = await own_dialog(db, person, dialog_id)
            return await self._reader.overview(db, person, dialog, summed_up=summed_up)

    async def goes_with(self, caller: Caller, message_id: int) -> GoesWith:
        """Count what will no longer be remembered if this message is deleted with those that follow it."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            message = await db.get(Message, clamp_id(message_id))
            if message is None:
                raise NotFound("No such message.")
            dialog = await own_dialog(db, person, message.dialog_id)
            return await goes_with(db, message, await self._reader.paths.of(db, dialog.leaf_id))

    async def pin_message(self, caller: Caller, dialog_id: int, message_id: int) -> int:
        """Pin a message, whose text then goes into every prompt of its branch; returns the pin's id. A message that is
        already pinned stays as it is. Raises `Invalid` if there is no room or the model would not read it, and `Busy`
        for a reply still being written.
        """
        async with self._changing(caller, dialog_id) as change:
            message = await change.db.get(Message, clamp_id(message_id))
            if message is None or message.dialog_id != change.dialog.id or await is_deleted(change.db, message):
                raise NotFound("No such message.")
            check_may_be_pinned(message)
            pinned = select(MemoryPin.id).where(MemoryPin.message_id == message.id)
            if (pin_id := (await change.db.exec(pinned)).first()) is not None:
                return pin_id
            change.marked.add(message.id)
            await check_room(change.db, change.dialog.id, message.text.strip(), message.id)
            return await _added(change.db, MemoryPin(dialog_id=change.dialog.id, message_id=message.id))

    async def pin_words(self, caller: Caller, dialog_id: int, text: str, *, here_only: bool = False) -> int:
        """Pin the person's own words, in the whole dialog or only on the branch being read; returns the pin's id.
        Raises `Invalid` for `text`.
        """
        words = _clean(text, PIN_LIMIT)
        async with self._changing(caller, dialog_id) as change:
            anchor_id = change.dialog.leaf_id if here_only else None
            await check_room(change.db, change.dialog.id, words, anchor_id)
            return await _added(change.db, MemoryPin(dialog_id=change.dialog.id, anchor_id=anchor_id, text=words))

    async def unpin(self, caller: Caller, dialog_id: int, pin_id: int) -> None:
        async with self._changing(caller, dialog_id) as change:
            await _remove(change, await _own(change, MemoryPin, pin_id))

    async def unpin_message(self, caller: Caller, dialog_id: int, message_id: int) -> None:
        """As `unpin`, by the pinned message; does nothing if it is not pinned."""
        async with self._changing(caller, dialog_id) as change:
            of_message = MemoryPin.message_id == clamp_id(message_id), MemoryPin.dialog_id == change.dialog.id
            if pin := (await change.db.exec(select(MemoryPin).where(*of_message))).first():
                await _remove(change, pin)

    async def pin_fact(self, caller: Caller, dialog_id: int, fact_id: int, *, pinned: bool = True) -> None:
        """Put a fact into every prompt, whatever else there is room for."""
        await self.change_fact(caller, dialog_id, fact_id, pinned=pinned)

    async def edit_fact(self, caller: Caller, dialog_id: int, fact_id: int, text: str) -> None:
        """Correct a fact, which counts as written by the person from then on."""
        await self.change_fact(caller, dialog_id, fact_id, text)

    async def change_fact(
        self, caller: Caller, dialog_id: int, fact_id: int, text: str | None = None, *, pinned: bool | None = None
    ) -> None:
        """Correct a fact, pin or unpin it, or both at once; None changes nothing. Raises `Invalid` for `text`, also if
        it does not fit the room for pins.
        """
        words = "" if text is None else on_one_line(_clean(text, FACT_LIMIT))
        put_right = await asyncio.to_thread(new_fact, words, "", 0)  # needs the dictionary
        async with self._changing(caller, dialog_id) as change:
            fact = await _own_fact(change, fact_id)
            pinned_at = fact.pinned_at if pinned is None else (fact.pinned_at or now()) if pinned else None
            if pinned_at and (words or not fact.pinned_at):
                fact.pinned_at = None
                await change.db.flush()  # so that the old words do not count
                await check_room(change.db, change.dialog.id, words or fact.text, fact.message_id)
            fact.pinned_at = pinned_at
            if words:
                fact.text, fact.keys, fact.roots = words, "", " ".join(sorted(put_right.roots))
                fact.key_hash, fact.made_by, fact.edited_at = put_right.key_hash, MadeBy.PERSON, now()
                await _drop_vectors(change.db, fact)

    async def forget_fact(self, caller: Caller, dialog_id: int, fact_id: int) -> None:
        """Forget a fact, so that only what is said from now on may teach it again. No message that says it is recalled
        or summarised any more. The text is kept as long as the person may undo this (domain/retention.py).
        """
        saying = await messages_saying(self._database, clamp_id(dialog_id), clamp_id(fact_id))
        async with self._summing_up_anew(caller, dialog_id) as change:
            fact = await _own_fact(change, fact_id)
            newest = select(func.max(Message.id)).where(Message.dialog_id == change.dialog.id)
            fact.forgotten_at, fact.forgotten_upto = now(), (await change.db.exec(newest)).one()
            await _drop_vectors(change.db, fact)
            await leave_out(change.db, fact, saying)

    async def undo_forget(self, caller: Caller, dialog_id: int, fact_id: int) -> None:
        """Restore a forgotten fact, for a month after it was forgotten. Raises `NotFound` later, and `Invalid` if a
        pinned one no longer fits.
        """
        async with self._summing_up_anew(caller, dialog_id) as change:
            fact = await _own(change, MemoryFact, fact_id)
            if fact.forgotten_at is None:
                return
            if not fact.text or fact.forgotten_at <= bin_since():
                raise _no_such_memory()
            if fact.pinned_at is not None:
                await check_room(change.db, change.dialog.id, fact.text, fact.message_id)
            fact.forgotten_at = fact.forgotten_upto = None
            await take_back(change.db, fact)

    async def edit_chapter(self, caller: Caller, dialog_id: int, chapter_id: int, text: str) -> None:
        """Correct a chapter. It is never overwritten, and the sums above it are made anew. Raises `Invalid` for
        `text`.
        """
        words = _clean(text, CHAPTER_LIMIT)
        async with self._summing_up_anew(caller, dialog_id) as change:
            chapter = await _own(change, MemoryChapter, chapter_id)
            chapter.text, chapter.made_by, chapter.edited_at = words, MadeBy.PERSON, now()
            chapter.state, chapter.lease_until, chapter.attempts = ChapterState.DONE, None, chapter.attempts + 1
            chapter.fault = chapter.reference = ""
            chapter.is_retold = False
            await drop_vector(change.db, chapter)
            await edited(change.db, chapter)

    async def retell_chapter(self, caller: Caller, dialog_id: int, chapter_id: int) -> None:
        """Have a chapter summarised once more, in the background, at the cost of a new one."""
        await self._limits.take(MEMORY_RETELLINGS, caller.user_id)
        async with self._summing_up_anew(caller, dialog_id) as change:
            chapter = await _own(change, MemoryChapter, chapter_id)
            await retell(change.db, chapter)

    async def switch(self, caller: Caller, dialog_id: int, *, on: bool) -> None:
        """Switch memory on or off. While it is off, the model gets only the end of the talk and what is pinned. Nothing
        is lost, and nothing is added.
        """
        async with self._summing_up_anew(caller, dialog_id) as change:
            change.dialog.memory_off = not on

    async def forget_everything(self, caller: Caller, dialog_id: int) -> None:
        """Delete all pins and chapters of the dialog and the words of all facts, on all branches, and switch memory
        off. If it is switched on again, it remembers only what is said from now on. The messages stay but teach
        nothing, unless the person asks for them to be read (`read_backlog`).
        """
        async with self._summing_up_anew(caller, dialog_id) as change:
            pinned = select(MemoryPin.message_id).where(MemoryPin.dialog_id == change.dialog.id)
            change.marked.update(each for each in await change.db.exec(pinned) if each is not None)
            await forget_everything(change.db, change.dialog)
            change.dialog.memory_off = True

    async def read_backlog(self, caller: Caller, dialog_id: int) -> None:
        """Have all of a long old talk read and summarised in the background, including what was said before everything
        was forgotten. The facts known then stay forgotten.
        """
        async with self._summing_up_anew(caller, dialog_id) as change:
            await read_all(change.db, change.dialog)

    @asynccontextmanager
    async def _changing(self, caller: Caller, dialog_id: int) -> AsyncGenerator[Change]:
        """Open the transaction of a change, and publish the change after the commit. Counts against the rate limit."""
        await self._limits.take(MEMORY_CHANGES, caller.user_id)
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authorize_writer(db, caller), dialog_id)
            change = Change(db, dialog)
            yield change
            dialog.memory_version += 1
        self._bus.publish(MemoryChanged(dialog.id))
        for message_id in change.marked:
            self._bus.publish(MessageMarked(dialog.id, message_id, changes_prompt=False))

    @asynccontextmanager
    async def _summing_up_anew(self, caller: Caller, dialog_id: int) -> AsyncGenerator[Change]:
        """As `_changing`, for changes to what is summarised: a summary of the old material is broken off."""
        async with self._changing(caller, dialog_id) as change:
            yield change
        self._keeper.break_off(change.dialog.id)
        self._keeper.look_at(change.dialog.id, sums_too=True)


async def _remove(change: Change, pin: MemoryPin) -> None:
    if pin.message_id is not None:
        change.marked.add(pin.message_id)
    await change.db.delete(pin)


async def _added(db: AsyncSession, pin: MemoryPin) -> int:
    db.add(pin)
    await db.flush()
    return pin.id


async def _own(change: Change, kind: type[Row], row_id: int) -> Row:
    """A row of this dialog's memory; raises `NotFound`."""
    found = select(kind).where(col(kind.id) == clamp_id(row_id), col(kind.dialog_id) == change.dialog.id)
    row = (await change.db.exec(found)).first()
    if row is None:
        raise _no_such_memory()
    return row


async def _own_fact(change: Change, fact_id: int) -> MemoryFact:
    fact = await _own(change, MemoryFact, fact_id)
    if fact.forgotten_at is not None:
        raise _no_such_memory()
    return fact


async def _drop_vectors(db: AsyncSession, fact: MemoryFact) -> None:
    """Delete the vectors of the fact's old words. Its new words, if any, get a vector after the commit."""
    await db.exec(delete(MemoryVector).where(col(MemoryVector.fact_id) == fact.id))


def _no_such_memory() -> NotFound:
    return NotFound("This is no longer remembered.")


def _clean(text: str, limit: int) -> str:
    words = clean_text(text, "text", limit)
    if not words:
        raise Invalid("There's nothing to remember here yet.", field="text")
    return words

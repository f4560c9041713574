"""Copies a dialog up to one of its messages, with its memory, so that it can take another course in its own chat."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select as select_rows
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.books.copies import copy_worlds_of_dialog
from domain.chat.import_export import CHUNK, MESSAGES
from domain.chat.loaded_dialog import finish_loading, refuse_while_loading
from domain.chat.replies.reply_request import may_talk
from domain.chat.tree.events import DialogListChanged
from domain.chat.tree.message_tree import JumpPointer, ids_up, is_deleted, place_below
from domain.chat.tree.own_dialog import own_dialog
from domain.chat.tree.unfinished_imports import LONGEST_LOADING, loading
from domain.clock import now
from domain.errors import NotFound
from domain.instances.leases import lease_for
from domain.memory.editing.kept_memory import MemoryTransfer, read_memory
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.quotas import check_room_for_dialog
from domain.rate_limits import CHATS, RateLimiter
from storage.bulk import add_rows, reserve_ids
from storage.bus import Bus
from storage.columns import clamp_id, in_ids
from storage.database import Database

KEPT = (
    *("role", "text", "state", "created_at", "is_loaded", "is_rewritten"),
    *("is_hidden_from_model", "feedback", "lore"),
)
"""Columns that a copied message keeps. Its cost and its faults stay counted in the original dialog."""


class DialogCopies:
    def __init__(self, database: Database, bus: Bus, limits: RateLimiter) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits

    async def copy_up_to(self, caller: Caller, message_id: int) -> Dialog:
        """Create another dialog with the same past up to this message.

        Like an import, it runs in many short transactions and is removed if it is interrupted. Takes from the
        rate limit. Raises `RateLimited`, `QuotaReached`, `ReadOnly`, and `NotFound` for a reply still being written.
        """
        await self._limits.take(CHATS, caller.user_id)
        async with self._database.read() as db:  # it may take a step for each of a hundred thousand messages
            original = await _own_dialog_of(db, await authenticate(db, caller), message_id)
            ids = await ids_up(db, message_id)
            memory = await read_memory(db, original.id, is_off=original.memory_off)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            await check_room_for_dialog(db, person, self._limits, len(ids))
            await refuse_while_loading(db, person)
            character = await db.get_one(Character, original.character_id)
            author = await db.get(User, character.owner_id)
            if author is None or not may_talk(person, character, author):
                raise NotFound("This character doesn't exist or is private.")
            copy = _like(original)
            db.add(copy)
            await db.flush()
            await copy_worlds_of_dialog(db, original.id, copy.id)
        async with loading(self._database, copy.id):
            copying = _Copying(copy.id)
            for start in range(0, len(ids), CHUNK):
                async with self._database.write() as db:
                    await authorize_writer(db, caller)
                    await copying.store(db, ids[start : start + CHUNK])
            transfer = MemoryTransfer(copy.id, memory, copying.new_ids)
            copy = await finish_loading(self._database, caller, copy.id, transfer, copying.leaf_id)
        self._bus.publish(DialogListChanged(caller.user_id, copy.id))
        return copy


class _Copying:
    """Copies messages into a dialog, from the first one on."""

    def __init__(self, dialog_id: int) -> None:
        self._dialog_id = dialog_id
        self._places: dict[int, JumpPointer] = {}
        self.new_ids: dict[int, int] = {}
        """Maps the ids of the original messages to those of the copies stored so far."""
        self.leaf_id: int | None = None

    async def store(self, db: AsyncSession, ids: list[int]) -> None:
        these = in_ids(col(Message.id), ids, db.get_bind().dialect.name)
        columns: list[Any] = [MESSAGES.c[name] for name in KEPT]
        asked = select_rows(*columns).where(these).order_by(col(Message.id))
        said = (await (await db.connection()).execute(asked)).all()
        if len(said) < len(ids):  # erased for good meanwhile
            raise NotFound("No such message.")
        new_ids = await reserve_ids(db, MESSAGES, len(said))
        rows = []
        self.new_ids |= zip(ids, new_ids, strict=True)
        for row, new_id in zip(said, new_ids, strict=True):
            self._places[new_id] = depth, jump_id = place_below(self.leaf_id, self._places)
            own = {"id": new_id, "dialog_id": self._dialog_id, "parent_id": self.leaf_id, "is_copied": True}
            rows.append(row._asdict() | own | {"depth": depth, "jump_id": jump_id})
            self.leaf_id = new_id
        await add_rows(db, MESSAGES, rows)


async def _own_dialog_of(db: AsyncSession, person: User, message_id: int) -> Dialog:
    message = await db.get(Message, clamp_id(message_id))
    if message is None or message.state == State.RUNNING:
        raise NotFound("No such message.")
    dialog = await own_dialog(db, person, message.dialog_id)
    if await is_deleted(db, message):
        raise NotFound("No such message.")
    return dialog


def _like(original: Dialog) -> Dialog:
    """An empty dialog with the same settings, hidden until it is filled."""
    return Dialog(
        user_id=original.user_id,
        character_id=original.character_id,
        title=original.title,
        model=original.model,
        temperature=original.temperature,
        form_of_address=original.form_of_address,
        prompt_tokens=original.prompt_tokens,
        is_loaded=original.is_loaded,
        deleted_at=now(),
        loading_until=lease_for(LONGEST_LOADING),
    )

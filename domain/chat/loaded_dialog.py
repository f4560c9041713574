"""Loaded dialogs: imports and copies, which many short transactions fill and the last one shows."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_writer
from domain.errors import Busy
from domain.instances.leases import leases_now
from domain.memory.editing.kept_memory import MemoryTransfer
from domain.model.dialog import Dialog
from domain.model.user import User
from storage.database import LOCK_FOR_UPDATE, Database


async def refuse_while_loading(db: AsyncSession, person: User) -> None:
    """Allow one import at a time per user, since the messages that another has yet to add are not counted."""
    loading = select(Dialog.id).where(Dialog.user_id == person.id, col(Dialog.loading_until) > leases_now())
    if (await db.exec(loading.limit(1))).first() is not None:
        raise Busy("One moment: another chat of yours is still being imported.")


async def finish_loading(
    database: Database, caller: Caller, dialog_id: int, memory: MemoryTransfer, leaf_id: int | None
) -> Dialog:
    """Store the memory of a dialog whose messages are all there, and show the dialog."""
    for rows in memory.chunks():
        async with database.write() as db:
            await authorize_writer(db, caller)
            await memory.store(db, rows)
    async with database.write() as db:
        await authorize_writer(db, caller)
        dialog = await db.get_one(Dialog, dialog_id, with_for_update=LOCK_FOR_UPDATE)
        memory.settle(dialog)
        dialog.leaf_id, dialog.deleted_at, dialog.loading_until = leaf_id, None, None
        return dialog

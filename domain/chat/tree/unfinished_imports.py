"""Cleanup of abandoned dialogs: imports interrupted by a shutdown or a block of their user, and dialogs expired in the
bin (domain/retention.py).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from domain.instances.leases import leases_now
from domain.model.dialog import Dialog, Message
from storage.database import LOCK_FOR_UPDATE, Database, DatabaseUnavailable

log = logging.getLogger(__name__)

LONGEST_LOADING = timedelta(minutes=10)
"""Lease of an import, after which an incomplete one counts as abandoned."""
CHUNK = 500
"""Messages deleted per transaction."""


@asynccontextmanager
async def loading(database: Database, dialog_id: int) -> AsyncGenerator[None]:
    """Fill a dialog during the block. If that fails for any reason, the user can try again at once without waiting for
    the lease, and what was loaded is removed.
    """
    is_whole = False
    try:
        yield
        is_whole = True
    finally:
        if not is_whole:
            with suppress(DatabaseUnavailable):  # then the lease runs out by itself
                await _give_up(database, dialog_id)


async def _give_up(database: Database, dialog_id: int) -> None:
    is_loading = col(Dialog.id) == dialog_id, col(Dialog.loading_until).is_not(None)
    async with database.write() as db:
        await db.exec(update(Dialog).where(*is_loading).values(loading_until=leases_now()))


async def delete_abandoned(database: Database, *, all_of_them: bool = False) -> None:
    """Delete abandoned dialogs, the newest messages first, so that none is left without its parent. `all_of_them`: do
    not wait for leases, since nobody can be importing any more.
    """
    given_up = select(Dialog.id).where(col(Dialog.loading_until).is_not(None))
    if not all_of_them:
        given_up = given_up.where(col(Dialog.loading_until) < leases_now())
    async with database.read() as db:
        dialog_ids = (await db.exec(given_up)).all()
    for dialog_id in dialog_ids:
        last = select(Message.id).where(Message.dialog_id == dialog_id).order_by(col(Message.id).desc()).limit(CHUNK)
        more = True
        while more:
            async with database.write() as db:
                dialog = await db.get(Dialog, dialog_id, with_for_update=LOCK_FOR_UPDATE)
                if dialog is None or dialog.loading_until is None:
                    break
                ids = (await db.exec(last)).all()
                await db.exec(delete(Message).where(col(Message.id).in_(ids)))
                more = len(ids) == CHUNK
                if not more:
                    await db.delete(dialog)
        log.info("Dialog %s is removed: it was never loaded to its end, or lay in the bin for long", dialog_id)

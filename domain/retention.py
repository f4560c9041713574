"""Bin (trash retention), a periodic task: deleted dialogs that are not restored within a month are erased and no longer
count towards the quota.

Dialogs with a report stay: admins decide by them, and an appeal may come late.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from domain.clock import now
from domain.model.dialog import Dialog, Message
from domain.moderation.reports import Report
from domain.periodic import PeriodicTask
from storage.database import Database

log = logging.getLogger(__name__)

KEPT_IN_BIN = timedelta(days=30)
EMPTIED_EVERY = 3600  # seconds
AT_ONCE = 200


class Bin:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._rounds = PeriodicTask(
            self._empty_again, every=EMPTIED_EVERY, fault="The bin of dialogs could not be emptied"
        )

    async def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def empty(self, thrown_away_before: datetime) -> None:
        """Mark the dialogs as given up. From then on nobody can restore them, and `AbandonedReplies` erases them in
        batches, as it does with incomplete imports (domain/chat/unfinished_imports.py).
        """
        reported = select(Message.dialog_id).join(Report, col(Report.message_id) == col(Message.id))
        is_due = (
            col(Dialog.deleted_at) < thrown_away_before,
            col(Dialog.loading_until).is_(None),
            col(Dialog.id).not_in(reported),
        )
        due = select(Dialog.id).where(*is_due).limit(AT_ONCE)
        while True:
            async with self._database.read() as db:
                ids = (await db.exec(due)).all()
            if not ids:
                return
            async with self._database.write() as db:
                # Checked again, since somebody may be restoring one concurrently.
                await db.exec(update(Dialog).where(col(Dialog.id).in_(ids), *is_due).values(loading_until=now()))
            log.info("%s dialogs have lain in the bin for long and are given up", len(ids))

    async def _empty_again(self) -> None:
        await self.empty(now() - KEPT_IN_BIN)

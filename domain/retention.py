"""Bin (trash retention), a periodic task: deleted dialogs and messages that are not restored within a month are erased;
the dialogs no longer count towards the quota. The row of a character stays, with the name, for the chats with it; that
of a forgotten fact stays without its words, so that the fact is not learnt again.

Reported content stays: admins decide by it, and an appeal may come late.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CTE, delete, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.background.periodic import NOT_AT_ONCE, PeriodicTask
from domain.bin import bin_since
from domain.characters.fields import ERASED
from domain.clock import now
from domain.instances.claims import Claim
from domain.memory.rows import MemoryFact
from domain.model.book import Book, BookEntry
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.model.character_version import CharacterVersion
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.moderation.reports import Report
from storage.database import LOCK_FOR_UPDATE, Database

log = logging.getLogger(__name__)

EMPTIED_EVERY = 3600  # seconds
AT_ONCE = 200


class Bin:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._rounds = PeriodicTask(
            self.empty_all,
            every=EMPTIED_EVERY,
            fault="The bin of dialogs could not be emptied",
            claim=Claim(database, "bin", EMPTIED_EVERY),
        )

    async def start(self) -> None:
        self._rounds.start(after=NOT_AT_ONCE)

    async def close(self) -> None:
        await self._rounds.close()

    async def empty_all(self) -> None:
        """Erase everything whose month is over."""
        await self.empty(bin_since())
        await self.empty_of_messages(bin_since())
        await self.empty_of_characters(bin_since())
        await self.empty_of_books(bin_since())
        await self.empty_of_facts(bin_since())

    async def empty(self, thrown_away_before: datetime) -> None:
        """Mark the dialogs as given up. From then on nobody can restore them, and `AbandonedReplies` erases them in
        batches, as it does with incomplete imports (domain/chat/tree/unfinished_imports.py).
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

    async def empty_of_messages(self, thrown_away_before: datetime) -> None:
        """Erase the messages with all that hangs below, the newest first, so that none is left without its parent."""
        tops: Sequence[int] = [0]
        while tops:
            due = col(Message.deleted_at) < thrown_away_before, col(Message.id) > tops[-1]
            async with self._database.read() as db:
                tops = (await db.exec(select(Message.id).where(*due).order_by(col(Message.id)).limit(AT_ONCE))).all()
            for top in tops:
                while await self._erase_some(top, thrown_away_before):
                    pass

    async def _erase_some(self, top: int, thrown_away_before: datetime) -> bool:
        """Erase a batch of the message and those below it; returns whether there may be more to erase."""
        below, child = _and_below(top), aliased(Message)
        below = below.union_all(select(col(child.id)).join(below, col(child.parent_id) == below.c.id))
        async with self._database.write() as db:
            message = await db.get(Message, top, with_for_update=LOCK_FOR_UPDATE)
            if message is None or message.deleted_at is None or message.deleted_at >= thrown_away_before:
                return False
            reported = select(Report.id).where(col(Report.message_id).in_(select(below.c.id))).limit(1)
            if (await db.exec(reported)).first() is not None:
                return False
            ids = (await db.exec(select(below.c.id).order_by(below.c.id.desc()).limit(AT_ONCE))).all()
            await db.exec(delete(Message).where(col(Message.id).in_(ids)))
            return len(ids) == AT_ONCE

    async def empty_of_characters(self, thrown_away_before: datetime) -> None:
        """Erase their photo, and everything that their author wrote except the name."""
        reported = select(Report.character_id)
        gone = select(User.id).where(col(User.deleted_at).is_not(None))  # older releases left more behind an account
        is_due = (
            col(Character.deleted_at) < thrown_away_before,
            or_(col(Character.deleted_by_id) == col(Character.owner_id), col(Character.owner_id).in_(gone)),
            or_(*(col(getattr(Character, name)) != "" for name, empty in ERASED.items() if empty == "")),
            col(Character.id).not_in(reported),
        )
        while True:
            async with self._database.write() as db:
                ids = (await db.exec(select(Character.id).where(*is_due).limit(AT_ONCE))).all()
                if ids:
                    erased = update(Character).where(col(Character.id).in_(ids)).values(picture_token=None, **ERASED)
                    await db.exec(erased)
                    await db.exec(delete(Book).where(col(Book.character_id).in_(ids)))
                    await db.exec(delete(CharacterCard).where(col(CharacterCard.character_id).in_(ids)))
                    await db.exec(delete(CharacterVersion).where(col(CharacterVersion.character_id).in_(ids)))
            if not ids:
                return

    async def empty_of_books(self, thrown_away_before: datetime) -> None:
        """Erase books, and entries of those that stay."""
        for table in (Book, BookEntry):
            due = select(table.id).where(col(table.deleted_at) < thrown_away_before).limit(AT_ONCE)
            gone = AT_ONCE
            while gone == AT_ONCE:
                async with self._database.write() as db:
                    ids = (await db.exec(due)).all()
                    await db.exec(delete(table).where(col(table.id).in_(ids)))
                    gone = len(ids)

    async def empty_of_facts(self, forgotten_before: datetime) -> None:
        """Erase the words of forgotten facts, which can then no longer be restored. Their rows stay, so that earlier
        messages do not teach them anew.
        """
        is_due = col(MemoryFact.forgotten_at) < forgotten_before, col(MemoryFact.text) != ""
        due = select(MemoryFact.id).where(*is_due).limit(AT_ONCE)
        while True:
            async with self._database.write() as db:
                ids = (await db.exec(due)).all()
                emptied = update(MemoryFact).where(col(MemoryFact.id).in_(ids), *is_due)
                await db.exec(emptied.values(text="", keys="", roots="", pinned_at=None))
            if len(ids) < AT_ONCE:
                return


def _and_below(top: int) -> CTE:
    return select(col(Message.id)).where(col(Message.id) == top).cte("below", recursive=True)

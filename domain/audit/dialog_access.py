"""Break-glass access to dialogs: an admin states a reason first, it is recorded in the audit log, and the user is
notified.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.notices import NoticeKind, post_notification
from domain.accounts.row_locks import lock_accounts
from domain.accounts.sessions import Caller, authorize_admin
from domain.chat.history_page import Conversation, path_page, window_of, with_messages, with_window
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.message_tree import end_of_branch
from domain.clock import now
from domain.errors import NotAllowed, NotFound
from domain.memory.editing.dialog_overview import MemoryReader
from domain.memory.overview import MemoryOverview
from domain.model.audit_entry import record_audit
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User, names_of
from domain.text import clean_text
from storage.bus import Bus
from storage.columns import choice, clamp_id
from storage.database import LOCK_FOR_UPDATE, Database
from storage.tables import NO_ID_REUSE, Table

READABLE_FOR = timedelta(hours=1)
"""Duration of an access grant (opening)."""


class ReadingReason(StrEnum):
    """An admin's reason for reading a user's dialog."""

    REPORT = "report"
    REQUEST = "request"  # the user asked for help
    SAFETY = "safety"  # somebody may be in danger
    LAW = "law"  # an authority asked for it
    FAULT = "fault"  # to look into an error in it
    PROGRAM = "program"  # through the JSON API, which asks for no reason


class AccessGrant(Table, table=True):
    """An admin's access grant to a dialog, with its reason."""

    __tablename__ = "opening"

    id: int = Field(default=None, primary_key=True)
    admin_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE", index=True)
    reason: ReadingReason = Field(sa_type=choice(ReadingReason))
    note: str = Field(default="", sa_type=Text)
    opened_at: datetime = Field(default_factory=now)

    __table_args__ = (Index("ix_opening_admin_id_dialog_id", "admin_id", "dialog_id"), NO_ID_REUSE)


class DialogAccess:
    """Nothing of a dialog is read without an opening within the last hour, by the same admin.

    `tell_the_person`: whether the user is notified of each opening by somebody else (a setting, on by default).
    """

    def __init__(
        self, database: Database, bus: Bus, reply_writer: ReplyWriter, memory: MemoryReader, *, tell_the_person: bool
    ) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer
        self._memory = memory
        self._tell_the_person = tell_the_person

    async def open(self, caller: Caller, dialog_id: int, reason: ReadingReason, why: str = "") -> int:
        """Open a dialog for reading, even one in the bin, with a reason for the audit log; returns the id of the new or
        still valid opening.

        `why` is the admin's own explanation. Raises `Invalid` for it, `NotFound`.
        """
        why = clean_text(why, "why")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            return await self._open(db, admin, dialog_id, reason, why)

    async def opened(self, caller: Caller, dialog_id: int) -> AccessGrant | None:
        """The caller's currently valid opening of the dialog."""
        async with self._database.read() as db:
            return await _opening(db, await authorize_admin(db, caller), dialog_id)

    async def conversation(
        self,
        caller: Caller,
        dialog_id: int,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        through: int | None = None,
    ) -> Conversation:
        """A read-only window as from `Chat.open`: of the user's current path or, with `through`, of the branch through
        this message. Raises `NotFound`, `NotAllowed` without an opening.
        """
        async with self._database.read() as db:
            opened = await self._opened_conversation(db, caller, dialog_id)
            window = await window_of(db, await _leaf(db, opened.dialog, through), before, after, around)
            return await with_window(db, self._reply_writer, opened, window)

    async def refresh(self, caller: Caller, dialog_id: int, message_ids: Collection[int]) -> Conversation:
        """Some messages as they are now, with their siblings: for live updates of an open dialog."""
        async with self._database.read() as db:
            opened = await self._opened_conversation(db, caller, dialog_id)
            return await with_messages(db, self._reply_writer, opened, [clamp_id(each) for each in message_ids])

    async def memory(self, caller: Caller, dialog_id: int) -> MemoryOverview:
        """The dialog's memory, as its user sees it. Raises `NotFound`, `NotAllowed` without an opening."""
        async with self._database.read() as db:
            opened = await self._opened_conversation(db, caller, dialog_id)
            return await self._memory.overview(db, opened.reader, opened.dialog)

    async def read_for_api(self, caller: Caller, dialog_id: int, limit: int, after: int | None = None) -> list[Message]:
        """For the JSON API: the path, oldest first; keyset pagination: `after` is the last id read. It makes the
        opening itself, once an hour.
        """
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            dialog = await db.get(Dialog, clamp_id(dialog_id))
            if dialog is None or dialog.deleted_at is not None:
                raise _no_dialog()
            if await _opening(db, admin, dialog_id) is None:
                await self._open(db, admin, dialog_id, ReadingReason.PROGRAM, "")
        async with self._database.read() as db:
            return await path_page(db, self._reply_writer, dialog.leaf_id, limit, after)

    async def _open(self, db: AsyncSession, admin: User, dialog_id: int, reason: ReadingReason, why: str) -> int:
        dialog = await db.get(Dialog, clamp_id(dialog_id))
        if dialog is None or not await lock_accounts(db, dialog.user_id):
            raise _no_dialog()
        # Locking the row serialises one admin's openings, so that a double click makes only one.
        await db.refresh(admin, with_for_update=LOCK_FOR_UPDATE)
        if lasting := await _opening(db, admin, dialog.id):
            return lasting.id
        character = await db.get_one(Character, dialog.character_id)
        person = await db.get_one(User, dialog.user_id)
        opening = AccessGrant(admin_id=admin.id, dialog_id=dialog.id, reason=reason, note=why)
        db.add(opening)
        if self._tell_the_person and person.id != admin.id:
            told = {
                "dialog_id": dialog.id,
                "character_id": character.id,
                "character": character.name,
                "reason": reason.value,
            }
            post_notification(db, self._bus, person.id, NoticeKind.DIALOG_READ, told)
        record_audit(
            db,
            admin.id,
            "dialog.opened",
            "dialog",
            dialog.id,
            person_id=person.id,
            reason=why,
            without=(*names_of(person), character.name),
            changes={"reason": [None, reason.value]},
        )
        await db.flush()
        return opening.id

    async def _opened_conversation(self, db: AsyncSession, caller: Caller, dialog_id: int) -> Conversation:
        """The dialog, without its messages, if the admin has a valid opening."""
        admin = await authorize_admin(db, caller)
        dialog = await db.get(Dialog, clamp_id(dialog_id))
        if dialog is None:
            raise _no_dialog()
        if await _opening(db, admin, dialog.id) is None:
            raise NotAllowed("First say why you need to read this conversation.", field="reason")
        character = await db.get_one(Character, dialog.character_id)
        person = await db.get_one(User, dialog.user_id)
        return Conversation(dialog, character, person, may_go_on=False, admin=admin)


async def _opening(db: AsyncSession, admin: User, dialog_id: int) -> AccessGrant | None:
    found = await db.exec(
        select(AccessGrant)
        .where(AccessGrant.admin_id == admin.id, AccessGrant.dialog_id == clamp_id(dialog_id))
        .where(AccessGrant.opened_at > now() - READABLE_FOR)
        .order_by(col(AccessGrant.id).desc())
    )
    return found.first()


async def _leaf(db: AsyncSession, dialog: Dialog, through: int | None) -> int | None:
    if through is None:
        return dialog.leaf_id
    message = await db.get(Message, clamp_id(through))
    if message is None or message.dialog_id != dialog.id:
        raise NotFound("No such message.")
    return await end_of_branch(db, message.id)


def _no_dialog() -> NotFound:
    return NotFound("This chat doesn't exist.")

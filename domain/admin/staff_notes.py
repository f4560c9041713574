"""Staff notes: what admins write about a user for one another; append-only, deleted with the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, col, select

from domain.accounts.sessions import Caller, authorize_admin
from domain.clock import now
from domain.errors import Invalid
from domain.model.audit_entry import record_audit
from domain.model.user import User, existing
from domain.text import clean_text
from storage.columns import clamp_id
from storage.database import LOCK_FOR_REFERENCE, Database
from storage.tables import NO_ID_REUSE, Table


class StaffNote(Table, table=True):
    """A note by an admin about a user."""

    __tablename__ = "staff_note"

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    """The user whom it is about."""
    author_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    text: str = Field(sa_type=Text)
    at: datetime = Field(default_factory=now)

    __table_args__ = NO_ID_REUSE


class StaffNotes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, caller: Caller, user_id: int, text: str) -> StaffNote:
        """Add a note; raises `Invalid` for `text`, `NotFound`."""
        text = clean_text(text, "text")
        if not text:
            raise Invalid("Nothing to save yet.", field="text")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            person = existing(await db.get(User, clamp_id(user_id), with_for_update=LOCK_FOR_REFERENCE))
            kept = StaffNote(user_id=person.id, author_id=admin.id, text=text)
            db.add(kept)
            record_audit(db, admin.id, "note.added", "user", person.id, person_id=person.id)
            return kept

    async def of(self, caller: Caller, user_id: int) -> list[tuple[StaffNote, str]]:
        """Notes, newest first, each with its author's name ("" if the author's account is gone)."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            found = await db.exec(
                select(StaffNote, User.display_name)
                .outerjoin(User, col(User.id) == col(StaffNote.author_id))
                .where(StaffNote.user_id == clamp_id(user_id))
                .order_by(col(StaffNote.id).desc())
            )
            return [(kept, name or "") for kept, name in found]

"""Notifications (in-app): short news for a user from the admins: a measure, an answer, a dialog that was read.

Only data is stored; the sentences are made where they are shown, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, event
from sqlalchemy import select as rows_of  # yields rows even for a single column, unlike SQLModel's
from sqlmodel import Field, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, about, authenticate_even_blocked, check_signed_in, for_somebody
from domain.clock import now
from domain.model.user import User
from domain.paging import newest_first
from storage.bus import Bus
from storage.columns import choice, clamp_id
from storage.database import Database
from storage.tables import NO_ID_REUSE, Table

LISTED = 100


class NoticeKind(StrEnum):
    """Kind of event, and the shape of its `data`.

    MEASURE, MEASURE_LIFTED: measure_id, kind, reason, words, until (ISO or None), character_id, character (its name).
    APPEAL_ANSWERED: the same, and granted (bool), answer.
    REPORT_ANSWERED: report_id, character_id, character, upheld (bool), answer.
    DIALOG_READ: dialog_id, character_id, character, reason (`ReadingReason`).
    """

    MEASURE = "measure"
    MEASURE_LIFTED = "measure_lifted"
    APPEAL_ANSWERED = "appeal_answered"
    REPORT_ANSWERED = "report_answered"
    DIALOG_READ = "dialog_read"


class Notification(Table, table=True):
    """A notification for one user."""

    __tablename__ = "notice"

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: NoticeKind = Field(sa_type=choice(NoticeKind))
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now)
    seen_at: datetime | None = None

    __table_args__ = (Index("ix_notice_user_id_id", "user_id", "id"), NO_ID_REUSE)


@dataclass(frozen=True)
class NotificationPosted:
    """Event: a notification was posted; `about` is its recipient."""

    about: int


class Notifications:
    """A user's notifications; blocked users read theirs as well."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_own(self, caller: Caller, limit: int = LISTED, before: int | None = None) -> list[Notification]:
        """The caller's notifications, newest first; keyset pagination: `before` is the last id of the previous page."""
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller)
            question = select(Notification).where(Notification.user_id == person.id)
            return list(await db.exec(newest_first(question, col(Notification.id), before, limit)))

    async def seen(self, caller: Caller, notice_ids: Collection[int]) -> None:
        """Mark these notifications as read; other users' are ignored."""
        ids = [clamp_id(each) for each in notice_ids]
        async with self._database.write() as db:
            person = await authenticate_even_blocked(db, caller)
            mine = (
                col(Notification.user_id) == person.id,
                col(Notification.id).in_(ids),
                col(Notification.seen_at).is_(None),
            )
            await db.exec(update(Notification).where(*mine).values(seen_at=now()))

    async def unseen_count(self, caller: Caller) -> int:
        async with self._database.read() as db:
            count, user = (await db.exec(_UNSEEN, params=about(caller))).first() or (0, None)
        check_signed_in(user, trial_too=False)
        return int(count)


# One statement, built once: every page waits for it before it is sent.
_UNSEEN = for_somebody(
    rows_of(
        select(func.count())
        .where(Notification.user_id == User.id, col(Notification.seen_at).is_(None))
        .correlate(User)
        .scalar_subquery()
    )
)


def post_notification(db: AsyncSession, bus: Bus, user_id: int, kind: NoticeKind, data: dict[str, Any]) -> None:
    """Post a notification in the transaction of the action; its event is published after the commit."""
    db.add(Notification(user_id=user_id, kind=kind, data=data))
    event.listen(db.sync_session, "after_commit", lambda _session: bus.publish(NotificationPosted(user_id)), once=True)

"""Audit entries: who did what, to what and whom, when and why; each is written in the transaction of its action."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from storage.tables import NO_ID_REUSE, Table

ACTION_LIMIT = 48
TARGET_LIMIT = 16
ADDRESS = re.compile(r"\S+@\S+")
ONE_VISIT = timedelta(hours=1)
"""Time within which one admin's views of one thing make a single entry."""


class AuditEntry(Table, table=True):
    """An entry of the audit log, append-only."""

    __tablename__ = "journal"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, index=True)
    actor_id: int | None = None
    """The actor; None: the system itself, or the command line."""
    action: str = Field(max_length=ACTION_LIMIT)
    """The action: a code in the past tense, such as "user.blocked"."""
    target_kind: str = Field(default="", max_length=TARGET_LIMIT)
    """The type of `target_id`: user, character, dialog, report, appeal …"""
    target_id: int | None = None
    person_id: int | None = None
    """The user whom it concerns: the user, the character's author, the dialog's user."""
    reason: str = Field(default="", sa_type=Text)
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """{"what": [old, new]}: plain values without personal data."""

    __table_args__ = (
        Index("ix_journal_actor_id_id", "actor_id", "id"),
        Index("ix_journal_action_id", "action", "id"),
        Index("ix_journal_person_id_id", "person_id", "id"),
        Index("ix_journal_target_kind_target_id_id", "target_kind", "target_id", "id"),
        NO_ID_REUSE,
    )


def record_audit(
    db: AsyncSession,
    actor_id: int | None,
    action: str,
    target_kind: str = "",
    target_id: int | None = None,
    *,
    person_id: int | None = None,
    reason: str = "",
    without: Iterable[str] = (),
    changes: dict[str, Any] | None = None,
) -> None:
    """Record an audit entry in the transaction of the action.

    `without` are the names that must not appear in `reason`: they are removed there, as mail addresses are.
    """
    for name in filter(None, without):
        reason = re.sub(re.escape(name), "…", reason, flags=re.IGNORECASE)
    db.add(
        AuditEntry(
            actor_id=actor_id,
            action=action,
            target_kind=target_kind,
            target_id=target_id,
            person_id=person_id,
            reason=ADDRESS.sub("…", reason),
            changes=changes or {},
        )
    )


async def record_view(db: AsyncSession, actor_id: int, kind: str, target_id: int, *, person_id: int) -> None:
    """Record that an admin has looked at something private, unless they did so within the last hour."""
    if not await is_view_recorded(db, actor_id, kind, target_id):
        record_audit(db, actor_id, f"{kind}.viewed", kind, target_id, person_id=person_id)


async def is_view_recorded(db: AsyncSession, actor_id: int, kind: str, target_id: int) -> bool:
    """Whether `record_view` would add nothing: most looks of one visit need no write transaction."""
    lately = AuditEntry.actor_id == actor_id, col(AuditEntry.at) > now() - ONE_VISIT
    of_it = AuditEntry.action == f"{kind}.viewed", AuditEntry.target_kind == kind, AuditEntry.target_id == target_id
    return (await db.exec(select(AuditEntry.id).where(*lately, *of_it).limit(1))).first() is not None

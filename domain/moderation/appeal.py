"""Appeal: a user's objection to a moderation measure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlalchemy import text as sql
from sqlmodel import Field

from domain.clock import now
from storage.columns import choice
from storage.tables import NO_ID_REUSE, Table


class AppealState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"  # the measure ended before the appeal was answered


class Appeal(Table, table=True):
    """An appeal against a measure, and its answer."""

    id: int = Field(default=None, primary_key=True)
    measure_id: int = Field(foreign_key="measure.id", ondelete="CASCADE", index=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    words: str = Field(default="", sa_type=Text)
    state: AppealState = Field(default=AppealState.OPEN, sa_type=choice(AppealState))
    answer: str = Field(default="", sa_type=Text)
    """The text that the user reads."""
    answered_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(default_factory=now)
    answered_at: datetime | None = None

    __table_args__ = (
        Index(
            "uq_appeal_open",
            "measure_id",
            unique=True,
            sqlite_where=sql("state = 'open'"),
            postgresql_where=sql("state = 'open'"),
        ),
        Index("ix_appeal_state_id", "state", "id"),
        NO_ID_REUSE,
    )

    @property
    def is_open(self) -> bool:
        return self.state == AppealState.OPEN

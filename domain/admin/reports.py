"""What people report: a character, or what one said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field

from domain.moments import now
from storage.columns import choice
from storage.tables import NEVER_AGAIN, Table

WORDS_LIMIT = 1_000


class Complaint(StrEnum):
    """What is wrong with it, as the reporter says."""

    CHILDREN = "children"
    VIOLENCE = "violence"
    HATE = "hate"
    ADULT = "adult"  # without the 18+ mark
    REAL_PERSON = "real_person"
    SPAM = "spam"
    OTHER = "other"


class ReportState(StrEnum):
    OPEN = "open"
    POSTPONED = "postponed"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Report(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    reporter_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE", index=True)
    """The reported one, or whose words are reported."""
    message_id: int | None = Field(default=None, foreign_key="message.id", ondelete="SET NULL", index=True)
    complaint: Complaint = Field(sa_type=choice(Complaint))
    words: str = Field(default="", sa_type=Text)
    state: ReportState = Field(default=ReportState.OPEN, sa_type=choice(ReportState))
    taken_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    postponed_until: datetime | None = None
    answer: str = Field(default="", sa_type=Text)
    """What the reporter was told at the end."""
    closed_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)

    __table_args__ = (Index("ix_report_state_created_at", "state", "created_at"), NEVER_AGAIN)

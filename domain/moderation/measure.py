"""Moderation measure (sanction): an admin's decision about a user or character, with its term and reason; and its
events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, Text, and_, or_
from sqlalchemy import text as sql
from sqlmodel import Field, col

from domain.clock import now
from domain.moderation.reports import Complaint
from storage.columns import choice
from storage.tables import NO_ID_REUSE, Table

FIELD_LIMIT = 32


class MeasureKind(StrEnum):
    """The levels of enforcement, mildest first."""

    WARNING = "warning"  # a user: a text without further effect
    HIDDEN = "hidden"  # not listed for other people; a user: with all their characters
    TO_MEND = "to_mend"  # a character: hidden until its author has corrected a field and an admin has reviewed it
    READ_ONLY = "read_only"  # a user: may read and export, but neither write nor change anything
    BLOCKED = "blocked"


FOR_PEOPLE = (MeasureKind.WARNING, MeasureKind.HIDDEN, MeasureKind.READ_ONLY, MeasureKind.BLOCKED)
FOR_CHARACTERS = (MeasureKind.HIDDEN, MeasureKind.TO_MEND, MeasureKind.BLOCKED)
FIELDS_TO_MEND = ("name", "picture", "teaser", "bio", "interests", "greeting", "other_greetings", "context", "age_mark")
"""Fields of a character that can be at fault."""


class Measure(Table, table=True):
    """Changed only once, when it is lifted. Warnings are in force for ever and have no effect but their text."""

    id: int = Field(default=None, primary_key=True)
    kind: MeasureKind = Field(sa_type=choice(MeasureKind))
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    """The user concerned, or the character's author."""
    character_id: int | None = Field(default=None, foreign_key="character.id", ondelete="CASCADE", index=True)
    reason: Complaint = Field(sa_type=choice(Complaint))
    words: str = Field(default="", sa_type=Text)
    """The text that the user reads."""
    note: str = Field(default="", sa_type=Text)
    """A note for admins only."""
    field: str = Field(default="", max_length=FIELD_LIMIT)
    """For a character to be corrected: the field at fault, named as in `Character`."""
    field_words: str = Field(default="", sa_type=Text)
    """The fault of that field, in words."""
    report_id: int | None = Field(default=None, foreign_key="report.id", ondelete="SET NULL", index=True)
    """The report that led to it."""
    taken_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    taken_at: datetime = Field(default_factory=now)
    until: datetime | None = None
    """None: permanent."""
    lifted_at: datetime | None = None
    lifted_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    """None although `lifted_at` is set: it expired, or the admin's account is gone."""
    carried_id: int | None = None
    """Its `RetainedMeasure` (domain/moderation/retained_measure.py), by which it outlives an account. No foreign key:
    that row is deleted when nobody needs it.
    """
    former_id: int | None = None
    """Id of the account it was imposed on, if the user deleted that one and came back."""

    __table_args__ = (
        # One of each kind at a time: a new one replaces the old one.
        Index(
            "uq_measure_of_person",
            "user_id",
            "kind",
            unique=True,
            sqlite_where=sql("character_id IS NULL AND lifted_at IS NULL AND kind <> 'warning'"),
            postgresql_where=sql("character_id IS NULL AND lifted_at IS NULL AND kind <> 'warning'"),
        ),
        Index(
            "uq_measure_of_character",
            "character_id",
            "kind",
            unique=True,
            sqlite_where=sql("character_id IS NOT NULL AND lifted_at IS NULL"),
            postgresql_where=sql("character_id IS NOT NULL AND lifted_at IS NULL"),
        ),
        Index(
            "ix_measure_running_out",
            "until",
            sqlite_where=sql("lifted_at IS NULL AND until IS NOT NULL"),
            postgresql_where=sql("lifted_at IS NULL AND until IS NOT NULL"),
        ),
        NO_ID_REUSE,
    )

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > now())


def in_force() -> ColumnElement[bool]:
    """The same as an SQL condition. An expired measure has no effect, whether or not the periodic task has lifted
    it.
    """
    return and_(col(Measure.lifted_at).is_(None), or_(col(Measure.until).is_(None), col(Measure.until) > now()))


@dataclass(frozen=True)
class MeasureImposed:
    """Event: a measure was imposed; `about` is the user, whose open pages check again what they may do.

    `measure_id` is None where only its effect was noticed (domain/moderation/open_sessions.py).
    """

    about: int
    measure_id: int | None
    character_id: int | None = None


@dataclass(frozen=True)
class MeasureLifted:
    """Event: a measure was lifted by an admin, by a granted appeal, or because it expired."""

    about: int
    measure_id: int
    character_id: int | None = None


@dataclass(frozen=True)
class AvailabilityChanged:
    """Event: a character became available or unavailable; `about` is the character, for pages where others talk to
    it.
    """

    about: int

"""The noun Measure: what an admin decided about a person or a character, for how long and why; and its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, Text, and_, or_
from sqlalchemy import text as sql
from sqlmodel import Field, col

from domain.admin.reports import Complaint
from domain.clock import now
from storage.columns import choice
from storage.tables import NEVER_AGAIN, Table

WORDS_LIMIT = 2_000
"""For each of the texts an admin writes."""
FIELD_LIMIT = 32


class MeasureKind(StrEnum):
    """The ladder, mildest first."""

    WARNING = "warning"  # a person: words and nothing else
    HIDDEN = "hidden"  # in no list of strangers; a person: with all their characters
    TO_MEND = "to_mend"  # a character: hidden until its author has mended a field and an admin has looked
    READ_ONLY = "read_only"  # a person: may read and take along, and neither say nor change anything
    BLOCKED = "blocked"


FOR_PEOPLE = (MeasureKind.WARNING, MeasureKind.HIDDEN, MeasureKind.READ_ONLY, MeasureKind.BLOCKED)
FOR_CHARACTERS = (MeasureKind.HIDDEN, MeasureKind.TO_MEND, MeasureKind.BLOCKED)
FIELDS_TO_MEND = ("name", "picture", "teaser", "bio", "interests", "greeting", "other_greetings", "context", "age_mark")
"""What of a character can be at fault."""


class Measure(Table, table=True):
    """Never changed but once, when it is lifted. Warnings are in force for ever and have no effect but their words."""

    id: int = Field(default=None, primary_key=True)
    kind: MeasureKind = Field(sa_type=choice(MeasureKind))
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    """Whom it concerns: the person, or the character's author."""
    character_id: int | None = Field(default=None, foreign_key="character.id", ondelete="CASCADE", index=True)
    reason: Complaint = Field(sa_type=choice(Complaint))
    words: str = Field(default="", sa_type=Text)
    """What the person reads."""
    note: str = Field(default="", sa_type=Text)
    """For admins only."""
    field: str = Field(default="", max_length=FIELD_LIMIT)
    """Of a character to be mended: the field at fault, called as in `Character`."""
    field_words: str = Field(default="", sa_type=Text)
    """What is wrong with that field."""
    report_id: int | None = Field(default=None, foreign_key="report.id", ondelete="SET NULL", index=True)
    """The report that led to it."""
    taken_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    taken_at: datetime = Field(default_factory=now)
    until: datetime | None = None
    """None: for good."""
    lifted_at: datetime | None = None
    lifted_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    """None beside a `lifted_at`: its time had run out, or the admin's account is gone."""
    carried_id: int | None = None
    """Its `CarriedMeasure` (domain/admin/carried.py), by which it outlives an account. No foreign key: that row goes
    when nobody needs it.
    """
    former_id: int | None = None
    """The number of the account it was taken on, if the person deleted that and came back."""

    __table_args__ = (
        # One of a kind at a time: a new one takes the place of the old.
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
        NEVER_AGAIN,
    )

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > now())


def in_force() -> ColumnElement[bool]:
    """The same as a condition. What has run out a moment ago has no effect, whether or not the keeper has seen it."""
    return and_(col(Measure.lifted_at).is_(None), or_(col(Measure.until).is_(None), col(Measure.until) > now()))


@dataclass(frozen=True)
class MeasureTaken:
    """`about` is the person it concerns; open pages of theirs look again at what they may still do."""

    about: int
    measure_id: int
    character_id: int | None = None


@dataclass(frozen=True)
class MeasureLifted:
    """By an admin, by a granted appeal, or because its time had run out."""

    about: int
    measure_id: int
    character_id: int | None = None


@dataclass(frozen=True)
class AvailabilityChanged:
    """A character may be talked with no more, or again; `about` is the character, for pages where others talk to it."""

    about: int

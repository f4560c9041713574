"""What outlives a deleted account: the measures in force on the person, and for a day how much they had used.

Of who it was only fingerprints are kept: keyed hashes of the address and of the accounts at other sites. No key of the
tables leads to a person; domain/admin/carry_over.py writes and reads them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import Field, col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.admin.measure import Measure, MeasureKind
from domain.admin.reports import Complaint
from storage.columns import choice
from storage.tables import NEVER_AGAIN, Table

FINGERPRINT_LENGTH = 64


class CarriedMeasure(Table, table=True):
    """Without the words and notes of the admin, which may tell of the person."""

    __tablename__ = "carried_measure"

    id: int = Field(default=None, primary_key=True)
    kind: MeasureKind = Field(sa_type=choice(MeasureKind))
    reason: Complaint = Field(sa_type=choice(Complaint))
    taken_at: datetime
    taken_by_id: int | None = None
    """No foreign key: an admin who leaves at the same moment as the person would wait for them, and they for the admin.
    """
    until: datetime | None = None
    """None: for good."""
    former_id: int
    """The number of the account it was taken on."""

    __table_args__ = (
        Index(
            "ix_carried_measure_until",
            "until",
            sqlite_where=sql("until IS NOT NULL"),
            postgresql_where=sql("until IS NOT NULL"),
        ),
        NEVER_AGAIN,
    )


class CarriedKey(Table, table=True):
    """Whoever comes with this fingerprint is subject to that measure."""

    __tablename__ = "carried_key"

    fingerprint: str = Field(primary_key=True, max_length=FINGERPRINT_LENGTH)
    measure_id: int = Field(primary_key=True, foreign_key="carried_measure.id", ondelete="CASCADE", index=True)


class CarriedUsage(Table, table=True):
    """How much of the day's tokens is used up already, and whose counts go on (domain/limits.py)."""

    __tablename__ = "carried_usage"

    fingerprint: str = Field(primary_key=True, max_length=FINGERPRINT_LENGTH)
    former_id: int
    tokens: int
    tokens_until: datetime
    """When the day ends that they count for."""
    expires_at: datetime = Field(index=True)


async def hand_on(db: AsyncSession, before: Measure, instead: Measure) -> None:
    """A new measure takes the place of one of its kind: whoever comes back finds the new one."""
    if before.carried_id is not None and (kept := await db.get(CarriedMeasure, before.carried_id)):
        instead.carried_id = kept.id
        kept.reason, kept.until = instead.reason, instead.until
        kept.taken_at, kept.taken_by_id = instead.taken_at, instead.taken_by_id


async def forget_carried(db: AsyncSession, measure: Measure) -> None:
    """It was lifted: nobody comes back to it."""
    if measure.carried_id is not None:
        await db.exec(delete(CarriedMeasure).where(col(CarriedMeasure.id) == measure.carried_id))

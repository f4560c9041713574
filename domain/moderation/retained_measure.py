"""Ban-evasion protection, the tables: measures in force and the day's usage that outlive a deleted account.

The identity is kept only as fingerprints: keyed hashes of the address and of the accounts at other sites. No foreign
key leads to a user; domain/moderation/ban_evasion.py writes and reads them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import Field, col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.moderation.measure import Measure, MeasureKind
from domain.moderation.reports import Complaint
from storage.columns import choice
from storage.tables import NO_ID_REUSE, Table

FINGERPRINT_LENGTH = 64


class RetainedMeasure(Table, table=True):
    """A measure without the admin's texts and notes, which may be about the user."""

    __tablename__ = "carried_measure"

    id: int = Field(default=None, primary_key=True)
    kind: MeasureKind = Field(sa_type=choice(MeasureKind))
    reason: Complaint = Field(sa_type=choice(Complaint))
    taken_at: datetime
    taken_by_id: int | None = None
    """No foreign key: an admin and a user who delete their accounts at the same moment would deadlock."""
    until: datetime | None = None
    """None: permanent."""
    former_id: int
    """Id of the account it was imposed on."""

    __table_args__ = (
        Index(
            "ix_carried_measure_until",
            "until",
            sqlite_where=sql("until IS NOT NULL"),
            postgresql_where=sql("until IS NOT NULL"),
        ),
        NO_ID_REUSE,
    )


class RetainedKey(Table, table=True):
    """A fingerprint; whoever signs up with it is subject to that measure."""

    __tablename__ = "carried_key"

    fingerprint: str = Field(primary_key=True, max_length=FINGERPRINT_LENGTH)
    measure_id: int = Field(primary_key=True, foreign_key="carried_measure.id", ondelete="CASCADE", index=True)


class RetainedUsage(Table, table=True):
    """The tokens used that day, and whose rate limit counts are continued (domain/rate_limits.py)."""

    __tablename__ = "carried_usage"

    fingerprint: str = Field(primary_key=True, max_length=FINGERPRINT_LENGTH)
    former_id: int
    tokens: int
    tokens_until: datetime
    """End of the day for which they count."""
    expires_at: datetime = Field(index=True)


async def replace_retained(db: AsyncSession, before: Measure, instead: Measure) -> None:
    """A new measure replaces one of the same kind: whoever returns is subject to the new one."""
    if before.carried_id is not None and (kept := await db.get(RetainedMeasure, before.carried_id)):
        instead.carried_id = kept.id
        kept.reason, kept.until = instead.reason, instead.until
        kept.taken_at, kept.taken_by_id = instead.taken_at, instead.taken_by_id


async def delete_retained(db: AsyncSession, measure: Measure) -> None:
    """Delete the carried measure: it was lifted and applies to nobody who returns."""
    if measure.carried_id is not None:
        await db.exec(delete(RetainedMeasure).where(col(RetainedMeasure.id) == measure.carried_id))

"""Records of backups: a row for each that was finished, so that admins see on every instance how old the last one is.

With the first row backups are on: from then on a missing one is a fault. Whoever uses other means has no rows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from storage.database import Database, DatabaseUnavailable
from storage.tables import NO_ID_REUSE, Table
from storage.url import file_of, read_url

log = logging.getLogger(__name__)

LATE = timedelta(hours=26)
"""Age from which on the last of daily backups is late: a day, with two hours to spare."""
AHEAD = timedelta(minutes=5)
"""Maximum time that a date may lie ahead: a later one is from a wrong clock, and would look new for all that time."""
KEPT = 60


class BackupRecord(Table, table=True):
    """A backup that was written to its end."""

    __tablename__ = "backup"

    id: int = Field(default=None, primary_key=True)
    key: str = Field(max_length=32, unique=True)
    """As in its manifest."""
    made_at: datetime
    size: int = Field(sa_type=BigInteger)
    """In bytes."""
    checked_at: datetime | None = None
    """Time at which `main.py verify` last read it."""
    is_sound: bool | None = None
    """The result of that check; None: there was none."""

    __table_args__ = NO_ID_REUSE


@dataclass(frozen=True)
class BackupHealth:
    """The newest backup, and the newest check of any."""

    made_at: datetime
    size: int
    checked_at: datetime | None
    is_sound: bool | None

    @property
    def is_late(self) -> bool:
        return now() - self.made_at > LATE


async def backup_health(db: AsyncSession) -> BackupHealth | None:
    """None if there has been no backup, or none with a date that can be true."""
    latest = now() + AHEAD
    made = select(BackupRecord).where(col(BackupRecord.made_at) <= latest)
    last = (await db.exec(made.order_by(col(BackupRecord.made_at).desc()).limit(1))).first()
    if last is None:
        return None
    checked = select(BackupRecord).where(col(BackupRecord.checked_at) <= latest)
    check = (await db.exec(checked.order_by(col(BackupRecord.checked_at).desc()).limit(1))).first()
    return BackupHealth(last.made_at, last.size, check.checked_at if check else None, check.is_sound if check else None)


async def record_backup(url: str, key: str, made_at: datetime, size: int) -> bool:
    """Add a row; returns whether that was possible: an older database has no table for it."""
    database = Database(url)
    try:
        async with database.write() as db:
            db.add(BackupRecord(key=key, made_at=made_at, size=size))
            await db.flush()
            newest = select(BackupRecord.id).order_by(col(BackupRecord.id).desc()).limit(KEPT)
            await db.exec(delete(BackupRecord).where(col(BackupRecord.id).not_in(newest)))
    except (DatabaseUnavailable, SQLAlchemyError) as error:
        log.debug("The database's own words", exc_info=error)
        return False
    finally:
        await database.close()
    return True


async def record_check(url: str, key: str, *, is_sound: bool) -> bool:
    """Store the result of a check; returns whether the backup is known to this database, if there is one: a backup can
    be checked on any machine.
    """
    file = file_of(read_url(url))
    if file and not file.exists():
        return False
    database = Database(url)
    try:
        async with database.write() as db:
            checked = update(BackupRecord).where(col(BackupRecord.key) == key)
            found = await db.exec(checked.values(checked_at=now(), is_sound=is_sound))
            return bool(found.rowcount)
    except (DatabaseUnavailable, SQLAlchemyError) as error:
        log.debug("The database's own words", exc_info=error)
        return False
    finally:
        await database.close()

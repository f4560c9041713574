"""Server health (metrics): how the server is doing, for its admins. Contains no secret, address or path."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy
from sqlalchemy import func, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_admin
from domain.backup.records import BackupHealth, backup_health
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.environment.product_version import product_version
from domain.llm.port import Role
from domain.mail.outbox import QueuedMail
from domain.model.dialog import Message
from domain.model.dialog import State as MessageState
from storage.database import Database
from storage.files import Files

LATELY = timedelta(hours=1)
FAULTS_SHOWN = timedelta(days=1)
SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True)
class DatabaseHealth:
    """The database: its revision and size in bytes, and how many milliseconds a trivial query took."""

    dialect: str
    revision: str
    size: int
    answered_in: float


@dataclass(frozen=True)
class ModelHealth:
    """The model: its name, running and queued requests, and the replies of the last hour."""

    name: str
    is_demo: bool
    places: int
    busy: int
    waiting: int
    replies: int
    failed: int
    faults: list[ModelFaults]


@dataclass(frozen=True)
class ModelFaults:
    """Replies of the last day that failed for one reason: its code, their number, and when the last was asked for."""

    code: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class MailHealth:
    """Queued mails, and those among them that a mail server has refused at least once."""

    waiting: int
    failing: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class DiskHealth:
    """Disk space of the data folder, in bytes."""

    free: int
    size: int


@dataclass(frozen=True)
class HealthReport:
    version: str
    up_since: datetime
    database: DatabaseHealth
    model: ModelHealth
    letters: MailHealth
    disk: DiskHealth
    bucket_answers: bool | None
    """None: the pictures are on the disk."""
    backup: BackupHealth | None
    """The newest; None: there has been none with a plausible date."""


class ServerHealth:
    """Created when the server starts: its uptime counts from there."""

    def __init__(self, database: Database, reply_writer: ReplyWriter, data: Path, bucket: Files | None = None) -> None:
        self._database = database
        self._reply_writer = reply_writer
        self._data = data
        self._bucket = bucket
        self._up_since = now()
        self._version = product_version()

    async def now(self, caller: Caller) -> HealthReport:
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            kept, model, letters = await self._kept(db), await self._model(db), await mail_health(db)
            backup = await backup_health(db)
        return HealthReport(
            version=self._version,
            up_since=self._up_since,
            database=kept,
            model=model,
            letters=letters,
            disk=await asyncio.to_thread(disk_health, self._data),
            bucket_answers=await self._bucket.is_alive() if self._bucket else None,
            backup=backup,
        )

    async def _kept(self, db: AsyncSession) -> DatabaseHealth:
        begun = time.perf_counter()
        revision = await db.scalar(text("SELECT version_num FROM alembic_version"))
        answered_in = (time.perf_counter() - begun) * 1000
        size = await db.scalar(text(SIZE[self._database.dialect]))
        return DatabaseHealth(self._database.dialect, str(revision), int(size or 0), round(answered_in, 1))

    async def _model(self, db: AsyncSession) -> ModelHealth:
        lately = sqlalchemy.select(
            func.count(), func.coalesce(func.sum(sqlalchemy.case((col(Message.reference) != "", 1), else_=0)), 0)
        ).where(
            col(Message.created_at) >= now() - LATELY,
            col(Message.role) == Role.ASSISTANT,
            col(Message.parent_id).is_not(None),
            col(Message.state) != MessageState.RUNNING,
            col(Message.is_loaded).is_(False),
            col(Message.is_copied).is_(False),
        )
        replies, failed = (await (await db.connection()).execute(lately)).one()
        places = self._reply_writer.places
        in_use = await places.in_use(db)
        return ModelHealth(
            self._reply_writer.model_name,
            self._reply_writer.is_demo,
            places.number,
            in_use.taken,
            in_use.waiting,
            int(replies),
            int(failed),
            await _faults(db),
        )


async def _faults(db: AsyncSession) -> list[ModelFaults]:
    """The faults by kind, the latest first."""
    last_at = func.max(col(Message.created_at))
    asked = (
        sqlalchemy.select(col(Message.fault), func.count(), last_at)
        .where(
            col(Message.created_at) >= now() - FAULTS_SHOWN,
            col(Message.reference) != "",
            col(Message.is_loaded).is_(False),
            col(Message.is_copied).is_(False),
        )
        .group_by(col(Message.fault))
        .order_by(last_at.desc())
    )
    return [ModelFaults(*each) for each in (await (await db.connection()).execute(asked)).all()]


async def mail_health(db: AsyncSession) -> MailHealth:
    failing = func.coalesce(func.sum(sqlalchemy.case((col(QueuedMail.tries) > 0, 1), else_=0)), 0)
    question = sqlalchemy.select(func.count(), failing, func.min(col(QueuedMail.created_at)))
    found = await (await db.connection()).execute(question.select_from(QueuedMail))
    waiting, failed, oldest_at = found.one()
    return MailHealth(int(waiting), int(failed), oldest_at)


def disk_health(data: Path) -> DiskHealth:
    there = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    space = shutil.disk_usage(there)
    return DiskHealth(space.free, space.total)

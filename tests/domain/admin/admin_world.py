"""Test set-up for admins: their part of the product over a real database and model server, and its visitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from domain.accounts.notices import Notification, Notifications
from domain.accounts.sessions import Caller
from domain.audit.dialog_access import DialogAccess
from domain.audit.journal import AuditLog
from domain.model.audit_entry import AuditEntry
from domain.model.user import User
from domain.moderation.appeals import Appeals
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.measures import Measures
from domain.moderation.report_queue import ReportQueue
from domain.moderation.reports import Complaint, Report
from storage.database import Database
from tests.domain.chat.conftest import ChatWorld
from tests.domain.conftest import ADDRESS, Mailbox
from tests.domain.memory.memory_world import reader_of


@dataclass
class AdminWorld:
    """The admins' services; `world` creates people and characters."""

    world: ChatWorld
    mailbox: Mailbox
    notifier: MeasureNotifier
    measures: Measures
    appeals: Appeals
    journal: AuditLog
    notices: Notifications
    reading: DialogAccess
    queue: ReportQueue

    @property
    def database(self) -> Database:
        return self.world.database

    async def admin(self) -> Caller:
        caller = await self.world.somebody()
        async with self.database.write() as db:
            (await db.get_one(User, caller.user_id)).is_admin = True
        return caller

    async def person(self, caller: Caller) -> User:
        async with self.database.read() as db:
            return await db.get_one(User, caller.user_id)

    async def block(self, admin: Caller, person: Caller, **more: Any) -> int:
        """Block the person for spam; returns the measure's id."""
        return await self.take(admin, person, MeasureKind.BLOCKED, **more)

    async def take(self, admin: Caller, person: Caller, kind: MeasureKind, **more: Any) -> int:
        decision = Decision(kind, Complaint.SPAM, **({"words": "Это реклама."} | more))
        return (await self.measures.impose_on_user(admin, person.user_id, decision)).id

    async def report(
        self, reporter: Caller, character_id: int, complaint: Complaint = Complaint.SPAM, **more: Any
    ) -> int:
        async with self.database.write() as db:
            kept = Report(reporter_id=reporter.user_id, character_id=character_id, complaint=complaint, **more)
            db.add(kept)
            await db.flush()
            return kept.id

    async def actions(self) -> list[str]:
        """Actions in the audit log, oldest first."""
        async with self.database.read() as db:
            return list(await db.exec(select(AuditEntry.action).order_by(AuditEntry.id)))  # type: ignore[arg-type]

    async def told(self, person: Caller) -> list[Notification]:
        return await self.notices.list_own(person)


def admin_world_of(world: ChatWorld, mailbox: Mailbox) -> AdminWorld:
    database, bus, reply_writer = world.database, world.bus, world.reply_writer
    notifier = MeasureNotifier(bus, mailbox, address=ADDRESS)
    return AdminWorld(
        world,
        mailbox,
        notifier,
        Measures(database, bus, reply_writer, notifier),
        Appeals(database, bus, reply_writer, notifier),
        AuditLog(database),
        Notifications(database),
        DialogAccess(database, bus, reply_writer, reader_of(reply_writer), tell_the_person=True),
        ReportQueue(database, bus),
    )

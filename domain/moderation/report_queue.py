"""Moderation queue: several reports about one thing form one case; the highest priority comes first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.notices import NoticeKind, post_notification
from domain.accounts.row_locks import lock_accounts
from domain.accounts.sessions import Caller, authorize_admin
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.model.audit_entry import record_audit
from domain.model.character import Character
from domain.model.user import User
from domain.moderation.measure import Measure
from domain.moderation.report_case import CLOSED, ReportCase, answered_already, cases_of, check_not_claimed
from domain.moderation.reports import Report, ReportState
from domain.text import clean_text
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database

READ_AT_ONCE = 2_000
"""Maximum open reports that are prioritised together: the oldest ones."""
LISTED = 50


class QueueFilter(StrEnum):
    """Parts of the queue."""

    OPEN = "open"
    MINE = "mine"  # open or postponed, and claimed by the caller
    POSTPONED = "postponed"
    CLOSED = "closed"


@dataclass(frozen=True)
class ReportQueueChanged:
    """Event: a case was claimed, closed or postponed; `about` is 0, since there is one queue."""

    about: int = 0


class ReportQueue:
    """A case is identified by any of its reports; actions apply to all of its reports that are not closed."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def cases(
        self,
        caller: Caller,
        which: QueueFilter = QueueFilter.OPEN,
        limit: int = LISTED,
        *,
        before: datetime | None = None,
    ) -> list[ReportCase]:
        """Cases by priority, highest first; closed ones by time of closing, newest first, and those before `before`
        (keyset pagination: the last one's `closed_at`).
        """
        async with self._database.read() as db:
            admin = await authorize_admin(db, caller)
            order = col(Report.closed_at).desc() if which == QueueFilter.CLOSED else col(Report.created_at)
            question = select(Report).where(_of(which, admin)).order_by(order).limit(READ_AT_ONCE)
            if before is not None:
                question = question.where(col(Report.closed_at) < before, ~_closed_since(before))
            return await cases_of(db, list(await db.exec(question)), limit, by_priority=which != QueueFilter.CLOSED)

    async def case(self, caller: Caller, report_id: int) -> ReportCase:
        """Reload one case: its reports that are not closed or, if all are, all of them."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            report = await _report(db, report_id)
            reports = list(await db.exec(select(Report).where(_same_target(report))))
            waiting = [each for each in reports if each.state not in CLOSED]
            return (await cases_of(db, waiting or reports, 1, by_priority=True))[0]

    async def open_count(self, caller: Caller) -> int:
        """The number of open cases, for the badge."""
        async with self._database.read() as db:
            admin = await authorize_admin(db, caller)
            targets = select(Report.character_id, Report.message_id).where(_of(QueueFilter.OPEN, admin)).distinct()
            return (await db.exec(select(func.count()).select_from(targets.subquery()))).one()

    async def claim(self, caller: Caller, report_id: int, *, instead_of: int | None = None) -> None:
        """Claim the case. A claim by another admin is refused with their name (`NotAllowed`), unless `instead_of` is
        their id: then it passes to the caller. Idempotent: claiming one's own case again adds no audit entry.
        """
        async with self._database.write() as db:
            admin, case = await self._held(db, caller, report_id, instead_of)
            before = case[0].taken_by_id
            if all(report.taken_by_id == admin.id for report in case):
                return
            for report in case:
                report.taken_by_id = admin.id
            self._note(db, admin, "report.taken", case, changes={"taken_by": [before, admin.id]})
        self._bus.publish(ReportQueueChanged())

    async def uphold(self, caller: Caller, report_id: int, answer: str = "", measure_id: int | None = None) -> None:
        """Close the case as justified; `measure_id` is the resulting measure. Every reporter is notified."""
        await self._close(caller, report_id, ReportState.UPHELD, answer, measure_id)

    async def reject(self, caller: Caller, report_id: int, answer: str = "") -> None:
        """Close the case as unjustified."""
        await self._close(caller, report_id, ReportState.REJECTED, answer, None)

    async def postpone(self, caller: Caller, report_id: int, until: datetime) -> None:
        """Postpone the case until then; raises `Invalid` for `until`."""
        if until <= now():
            raise Invalid("The end is in the past.", field="until")
        async with self._database.write() as db:
            admin, case = await self._held(db, caller, report_id)
            for report in case:
                report.state, report.postponed_until = ReportState.POSTPONED, until
            changes: dict[str, Any] = {"until": [None, until.isoformat(timespec="seconds")]}
            self._note(db, admin, "report.postponed", case, changes=changes)
        self._bus.publish(ReportQueueChanged())

    async def _close(
        self, caller: Caller, report_id: int, state: ReportState, answer: str, measure_id: int | None
    ) -> None:
        answer = clean_text(answer, "answer")
        async with self._database.write() as db:
            admin, case = await self._held(db, caller, report_id)
            if measure_id is not None:
                await _link(db, measure_id, case[0])
            for report in case:
                report.state, report.answer, report.closed_at = state, answer, now()
                report.taken_by_id = admin.id
            await self._answer(db, case, state, answer)
            changes: dict[str, Any] = {"state": [ReportState.OPEN.value, state.value], "measure": [None, measure_id]}
            names = await _names(db, case) if answer else set()
            self._note(db, admin, f"report.{state.value}", case, reason=answer, without=names, changes=changes)
        self._bus.publish(ReportQueueChanged())

    async def _held(
        self, db: AsyncSession, caller: Caller, report_id: int, instead_of: int | None = None
    ) -> tuple[User, list[Report]]:
        """The admin who makes the request, and the case's reports that are not closed, locked, at least one."""
        admin = await authorize_admin(db, caller)
        target = _same_target(await _report(db, report_id))
        await lock_accounts(db, *await db.exec(select(Report.reporter_id).where(target)))
        question = select(Report).where(target, col(Report.state).not_in(CLOSED)).order_by(col(Report.id))
        case = list(
            await db.exec(question.with_for_update(**LOCK_FOR_UPDATE).execution_options(populate_existing=True))
        )
        if not case:
            raise answered_already()
        await check_not_claimed(db, case[0], admin.id, instead_of)
        return admin, case

    async def _answer(self, db: AsyncSession, case: list[Report], state: ReportState, answer: str) -> None:
        """Notify every reporter."""
        character = await db.get_one(Character, case[0].character_id)
        for reporter_id, report in {each.reporter_id: each for each in case}.items():
            told = {
                "report_id": report.id,
                "character_id": character.id,
                "character": character.name,
                "upheld": state == ReportState.UPHELD,
                "answer": answer,
            }
            post_notification(db, self._bus, reporter_id, NoticeKind.REPORT_ANSWERED, told)

    def _note(
        self,
        db: AsyncSession,
        admin: User,
        action: str,
        case: list[Report],
        *,
        changes: dict[str, Any],
        reason: str = "",
        without: Iterable[str] = (),
    ) -> None:
        reports = {"reports": [None, [each.id for each in case]]}
        about = case[0].character_id
        record_audit(
            db, admin.id, action, "character", about, reason=reason, without=without, changes=changes | reports
        )


def _of(which: QueueFilter, admin: User) -> ColumnElement[bool]:
    postponed = (col(Report.state) == ReportState.POSTPONED) & (col(Report.postponed_until) > now())
    match which:
        case QueueFilter.CLOSED:
            return col(Report.state).in_(CLOSED)
        case QueueFilter.POSTPONED:
            return postponed
        case QueueFilter.MINE:
            return (col(Report.taken_by_id) == admin.id) & col(Report.state).not_in(CLOSED)
    is_due = (col(Report.state) == ReportState.POSTPONED) & (col(Report.postponed_until) <= now())
    return or_(col(Report.state) == ReportState.OPEN, is_due)


def _closed_since(moment: datetime) -> ColumnElement[bool]:
    """Whether the same case was closed again then or later: it stands there, with all its reports."""
    other = aliased(Report)
    is_same = col(other.message_id).is_not_distinct_from(col(Report.message_id))
    return exists().where(col(other.character_id) == col(Report.character_id), is_same, col(other.closed_at) >= moment)


def _same_target(report: Report) -> ColumnElement[bool]:
    message = (
        col(Report.message_id).is_(None) if report.message_id is None else col(Report.message_id) == report.message_id
    )
    return (col(Report.character_id) == report.character_id) & message


async def _report(db: AsyncSession, report_id: int) -> Report:
    report = await db.get(Report, clamp_id(report_id))
    if report is None:
        raise NotFound("No such report.")
    return report


async def _names(db: AsyncSession, case: list[Report]) -> set[str]:
    """The names that the answer may mention: they must not be kept in the audit log."""
    character = await db.get_one(Character, case[0].character_id)
    whose = col(User.id).in_({character.owner_id, *(each.reporter_id for each in case)})
    people = await db.exec(select(User.display_name, User.username).where(whose))
    return {character.name, *(name for names in people for name in names if name)}


async def _link(db: AsyncSession, measure_id: int, report: Report) -> None:
    measure = await db.get(Measure, clamp_id(measure_id))
    if measure is None:
        raise NotFound("No such measure.")
    if measure.report_id is None:
        measure.report_id = report.id

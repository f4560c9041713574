"""Moderation case: all reports about one character, or about one message of it, and their priority."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import case, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.errors import NotAllowed
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.moderation.measure import Measure
from domain.moderation.reports import Complaint, Report, ReportState

CLOSED = (ReportState.UPHELD, ReportState.REJECTED)
WEIGHTS = {
    Complaint.CHILDREN: 10.0,
    Complaint.VIOLENCE: 5.0,
    Complaint.HATE: 4.0,
    Complaint.ADULT: 3.0,
    Complaint.REAL_PERSON: 3.0,
    Complaint.SPAM: 1.0,
    Complaint.OTHER: 1.0,
}
DAY = 24 * 3600
EXCERPT = 600
"""Maximum characters shown of a reported message."""

Row = TypeVar("Row", Character, Message, User)


@dataclass(frozen=True)
class Reporter:
    """A user who reported, and how many of their reports were upheld, of so many that have been decided."""

    user_id: int
    name: str
    upheld: int = 0
    decided: int = 0

    @property
    def accuracy(self) -> float:
        """Laplace smoothing, as if one earlier report had been right and one wrong: a newcomer counts half."""
        return (self.upheld + 1) / (self.decided + 2)


@dataclass(frozen=True)
class ReportCase:
    """The reports about one thing, oldest first. The reported message is shown to admins; the rest of its dialog only
    after opening it (domain/audit/dialog_access.py).
    """

    reports: list[Report]
    reporters: dict[int, Reporter]
    """Reporters by user id."""
    character: Character
    author: User
    message: Message | None
    excerpt: str
    is_after_loaded: bool
    """Whether the reported message is in an imported dialog, so that what led to it may be made up."""
    taken_by: User | None
    earlier_measures: int
    """Number of measures against the author and their characters, including those that are over."""

    priority: float

    @property
    def report_id(self) -> int:
        """The first report's id, which identifies the case."""
        return self.reports[0].id

    @property
    def closed_at(self) -> datetime | None:
        """Time when it was last closed; None while it waits."""
        return max((each.closed_at for each in self.reports if each.closed_at), default=None)

    @property
    def complaint(self) -> Complaint:
        """The most serious complaint."""
        return max((each.complaint for each in self.reports), key=WEIGHTS.__getitem__)


async def cases_of(db: AsyncSession, reports: Sequence[Report], limit: int, *, by_priority: bool) -> list[ReportCase]:
    """Group the reports into cases, by priority or in the order received; a fixed number of queries."""
    groups: dict[tuple[int, int | None], list[Report]] = {}
    for report in reports:
        groups.setdefault((report.character_id, report.message_id), []).append(report)
    reporters = await _reporters(db, {report.reporter_id for report in reports})
    shown = [(priority_of(group, reporters), group) for group in groups.values()]
    if by_priority:
        shown.sort(key=lambda weighed: weighed[0], reverse=True)
    return await _filled(db, shown[:limit], reporters)


def priority_of(reports: Sequence[Report], reporters: Mapping[int, Reporter]) -> float:
    """Priority: weight of the complaint × accuracy of these reporters × their number × (age in days + 1)."""
    accuracies = {each.reporter_id: reporters[each.reporter_id].accuracy for each in reports}
    weight = max(WEIGHTS[each.complaint] for each in reports)
    days = (now() - min(each.created_at for each in reports)).total_seconds() / DAY
    return weight * sum(accuracies.values()) * (1 + days)


async def _reporters(db: AsyncSession, ids: Collection[int]) -> dict[int, Reporter]:
    counted = {
        user_id: (upheld, closed)
        for user_id, upheld, closed in await db.exec(
            select(
                Report.reporter_id,
                func.sum(case((col(Report.state) == ReportState.UPHELD, 1), else_=0)),
                func.count(),
            )
            .where(col(Report.reporter_id).in_(ids), col(Report.state).in_(CLOSED))
            .group_by(col(Report.reporter_id))
        )
    }
    people = await db.exec(select(User).where(col(User.id).in_(ids)))
    return {each.id: Reporter(each.id, each.display_name, *counted.get(each.id, (0, 0))) for each in people}


async def _filled(
    db: AsyncSession, weighed: Sequence[tuple[float, list[Report]]], reporters: Mapping[int, Reporter]
) -> list[ReportCase]:
    groups = [group for _, group in weighed]
    characters = await _by_id(db, Character, {group[0].character_id for group in groups})
    messages = await _by_id(db, Message, {group[0].message_id for group in groups} - {None})
    loaded = await _loaded_dialogs(db, {each.dialog_id for each in messages.values()})
    authors = {each.owner_id for each in characters.values()}
    people = await _by_id(db, User, authors | {group[0].taken_by_id for group in groups} - {None})
    measures = await db.exec(
        select(Measure.user_id, func.count()).where(col(Measure.user_id).in_(authors)).group_by(col(Measure.user_id))
    )
    earlier = dict(measures.all())
    return [
        ReportCase(
            reports=sorted(group, key=lambda report: report.id),
            reporters={each.reporter_id: reporters[each.reporter_id] for each in group},
            character=characters[group[0].character_id],
            author=people[characters[group[0].character_id].owner_id],
            message=(message := messages.get(group[0].message_id)),
            excerpt=message.text[:EXCERPT] if message else "",
            is_after_loaded=message is not None and message.dialog_id in loaded,
            taken_by=people.get(group[0].taken_by_id),
            earlier_measures=earlier.get(characters[group[0].character_id].owner_id, 0),
            priority=priority,
        )
        for priority, group in weighed
    ]


async def _loaded_dialogs(db: AsyncSession, ids: Collection[int]) -> set[int]:
    return set(await db.exec(select(Dialog.id).where(col(Dialog.id).in_(ids), col(Dialog.is_loaded))))


async def check_not_claimed(db: AsyncSession, report: Report, *unless: int | None) -> None:
    """Refuse with `NotAllowed` if the report is claimed by anybody but these admins."""
    if report.taken_by_id not in {None, *unless}:
        holder = await db.get_one(User, report.taken_by_id)
        raise NotAllowed("{name} is already on this.", name=holder.display_name)


def answered_already() -> NotAllowed:
    return NotAllowed("This has already been answered.")


async def _by_id(db: AsyncSession, kind: type[Row], ids: Collection[int | None]) -> dict[int | None, Row]:
    return {each.id: each for each in await db.exec(select(kind).where(col(kind.id).in_(ids)))}

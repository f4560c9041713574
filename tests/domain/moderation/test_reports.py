"""Abuse reports: what is wrong with a character, or with what it said."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.clock import now
from domain.errors import AppError, Invalid, NotAllowed, NotFound, RateLimited
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from domain.moderation.reports import WORDS_LIMIT, Complaint, Report, Reports, ReportState
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import filled


@pytest.fixture
def reports(database: Database, bus: Bus, limits: RateLimiter) -> Reports:
    return Reports(database, bus, limits)


async def all_reports(database: Database) -> list[Report]:
    async with database.read() as db:
        return list(await db.exec(select(Report)))


async def said_to(database: Database, person: Caller, character_id: int, **values: Any) -> int:
    """Add a message of the character in a dialog of this person; returns its id."""
    async with database.write() as db:
        dialog = Dialog(user_id=person.user_id, character_id=character_id)
        db.add(dialog)
        await db.flush()
        message = Message(dialog_id=dialog.id, **{"role": Role.ASSISTANT, "text": "Это было грубо."} | values)
        db.add(message)
        await db.flush()
        return message.id


async def test_a_report_reaches_the_admins_once(
    reports: Reports, characters: Characters, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    twice = [reports.file(boris, marina.id, Complaint.SPAM, "  Продаёт маяк.\r\nДорого. ") for _ in range(2)]
    done = await asyncio.gather(*twice, return_exceptions=True)
    assert [type(each) for each in done if isinstance(each, AppError)] == [Invalid]
    (report,) = await all_reports(database)
    assert (report.reporter_id, report.character_id) == (boris.user_id, marina.id)
    assert (report.complaint, report.words) == (Complaint.SPAM, "Продаёт маяк.\nДорого.")
    assert report.state is ReportState.OPEN


async def test_what_was_answered_may_be_reported_again_by_whoever_sees_that_it_goes_on(
    reports: Reports, characters: Characters, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    first = await reports.file(boris, marina.id, Complaint.SPAM, "")
    async with database.write() as db:
        report = await db.get_one(Report, first)
        report.state, report.closed_at = ReportState.REJECTED, now()
    assert await reports.file(boris, marina.id, Complaint.SPAM, "") != first
    with pytest.raises(Invalid):
        await reports.file(boris, marina.id, Complaint.SPAM, "")


async def test_what_it_said_is_reported_by_whom_it_was_said_to(
    reports: Reports, characters: Characters, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    other = await characters.save(ira, filled(name="Другая"))
    message_id = await said_to(database, boris, marina.id)
    await reports.file(boris, marina.id, Complaint.HATE, "", message_id)
    await reports.file(boris, marina.id, Complaint.HATE, "")  # the character itself is another matter
    with pytest.raises(NotFound):
        await reports.file(boris, other.id, Complaint.HATE, "", message_id)
    with pytest.raises(NotFound):
        await reports.file(ira, marina.id, Complaint.HATE, "", message_id)
    assert [report.message_id for report in await all_reports(database)] == [message_id, None]


@pytest.mark.parametrize(
    "values",
    [
        {"role": Role.USER},
        {"is_loaded": True},
        {"state": State.RUNNING},
        {"state": State.FILTERED},
        {"state": State.FAILED, "text": ""},
    ],
    ids=["one's own words", "imported from a file", "still being written", "the filter's words", "nothing"],
)
async def test_only_what_the_character_itself_said_is_evidence(
    reports: Reports, characters: Characters, database: Database, ira: Caller, boris: Caller, values: dict[str, Any]
) -> None:
    marina = await characters.save(ira, filled())
    message_id = await said_to(database, boris, marina.id, **values)
    with pytest.raises(NotAllowed):
        await reports.file(boris, marina.id, Complaint.CHILDREN, "", message_id)
    assert await all_reports(database) == []


async def test_nobody_reports_their_own_or_what_they_cannot_see(
    reports: Reports, characters: Characters, ira: Caller, boris: Caller
) -> None:
    secret = await characters.save(ira, filled(is_public=False))
    with pytest.raises(NotAllowed):
        await reports.file(ira, secret.id, Complaint.SPAM, "")
    with pytest.raises(NotFound):
        await reports.file(boris, secret.id, Complaint.SPAM, "")


@pytest.mark.parametrize(
    ("complaint", "words"),
    [(Complaint.OTHER, " \n "), (Complaint.SPAM, "Ж" * (WORDS_LIMIT + 1)), (Complaint.SPAM, "нуль\0")],
)
async def test_words_are_looked_at(
    reports: Reports, characters: Characters, ira: Caller, boris: Caller, complaint: Complaint, words: str
) -> None:
    marina = await characters.save(ira, filled())
    with pytest.raises(Invalid) as refused:
        await reports.file(boris, marina.id, complaint, words)
    assert refused.value.field == "words"


async def test_a_flood_of_reports_is_stopped(
    database: Database, bus: Bus, characters: Characters, ira: Caller, boris: Caller
) -> None:
    reports = Reports(database, bus, RateLimiter(InMemory(), {"reports": 1}))
    first, second = [(await characters.save(ira, filled(name=name))).id for name in ("Марина", "Вторая")]
    await reports.file(boris, first, Complaint.SPAM, "")
    with pytest.raises(RateLimited):
        await reports.file(boris, second, Complaint.SPAM, "")

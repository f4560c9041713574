"""Moderation queue: the gravest comes first, a report is answered once, and whoever reported is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.accounts.notices import NoticeKind
from domain.clock import now
from domain.errors import Invalid, NotAllowed
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.report_queue import QueueFilter
from domain.moderation.reports import Complaint, ReportState
from tests.clock import Clock
from tests.domain.admin.admin_world import AdminWorld


async def test_weight_accuracy_number_and_age_make_the_order(admin_world: AdminWorld) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    liar, honest, newcomer, another = [await admin_world.world.somebody() for _ in range(4)]
    names = ["child", "old_spam", "many_spam", "honest_spam", "new_spam", "liars_spam"]
    ids = {name: (await admin_world.world.character(author)).id for name in names}
    for state, reporter in ((ReportState.REJECTED, liar), (ReportState.UPHELD, honest)):
        for _ in range(4):
            past = await admin_world.world.character(author)
            await admin_world.report(reporter, past.id, state=state, closed_at=now())
    await admin_world.report(liar, ids["liars_spam"])
    await admin_world.report(newcomer, ids["new_spam"])
    await admin_world.report(honest, ids["honest_spam"])
    for reporter in (newcomer, another, honest):
        await admin_world.report(reporter, ids["many_spam"])
    await admin_world.report(newcomer, ids["old_spam"], created_at=now() - timedelta(days=4))
    await admin_world.report(newcomer, ids["child"], Complaint.CHILDREN)
    named = {character_id: name for name, character_id in ids.items()}
    cases = await admin_world.queue.cases(admin)
    assert [named[case.character.id] for case in cases] == names
    assert [len(case.reports) for case in cases] == [1, 1, 3, 1, 1, 1]
    assert await admin_world.queue.open_count(admin) == 6
    assert cases[2].author.id == author.user_id
    known = {reporter_id: (each.upheld, each.decided) for case in cases for reporter_id, each in case.reporters.items()}
    of_each = [known[each.user_id] for each in (liar, honest, newcomer, another)]
    assert of_each == [(0, 4), (4, 4), (0, 0), (0, 0)], "and of a newcomer nothing is known yet"


async def test_a_case_is_taken_upheld_once_and_everybody_who_reported_it_hears(admin_world: AdminWorld) -> None:
    first, second, author = await admin_world.admin(), await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(author)
    reporters = [await admin_world.world.somebody() for _ in range(2)]
    report_id, _ = [await admin_world.report(each, character.id) for each in reporters]
    ends = await asyncio.gather(
        *(admin_world.queue.claim(each, report_id) for each in (first, second)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ends) == ["NoneType", "NotAllowed"]
    holder, other = (first, second) if ends[0] is None else (second, first)
    (case,) = await admin_world.queue.cases(holder, QueueFilter.MINE)
    assert case.taken_by
    assert case.taken_by.id == holder.user_id
    with pytest.raises(NotAllowed) as refused:
        await admin_world.queue.reject(other, report_id)
    assert case.taken_by.display_name in str(refused.value)
    decision = Decision(MeasureKind.BLOCKED, Complaint.SPAM, report_id=report_id)
    with pytest.raises(NotAllowed):  # half an answer would be worse than none
        await admin_world.measures.impose_on_character(other, character.id, decision)
    for _ in range(2):
        await admin_world.queue.claim(other, report_id, instead_of=holder.user_id)
    measure = await admin_world.measures.impose_on_character(other, character.id, decision)
    await admin_world.queue.uphold(other, report_id, "Спасибо!", measure.id)
    with pytest.raises(NotAllowed):
        await admin_world.queue.reject(other, report_id)
    with pytest.raises(NotAllowed):
        await admin_world.measures.impose_on_character(other, character.id, decision)
    for reporter in reporters:
        (notice,) = await admin_world.told(reporter)
        assert (notice.kind, notice.data["upheld"], notice.data["answer"]) == (
            NoticeKind.REPORT_ANSWERED,
            True,
            "Спасибо!",
        )
    assert await admin_world.queue.open_count(other) == 0
    (closed,) = await admin_world.queue.cases(other, QueueFilter.CLOSED)
    assert len(closed.reports) == 2
    assert closed.earlier_measures == 1
    assert await admin_world.actions() == ["report.taken", "report.taken", "character.blocked", "report.upheld"]


async def test_a_case_is_what_waits_of_it_and_when_nothing_does_all_there_was(admin_world: AdminWorld) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(author)
    first, second = [await admin_world.report(await admin_world.world.somebody(), character.id) for _ in range(2)]
    await admin_world.queue.reject(admin, first)
    late = await admin_world.report(await admin_world.world.somebody(), character.id)
    for named in (first, second, late):
        assert [each.id for each in (await admin_world.queue.case(admin, named)).reports] == [late]
    await admin_world.queue.reject(admin, late)
    assert [each.id for each in (await admin_world.queue.case(admin, second)).reports] == [first, second, late]


async def test_a_measure_keeps_the_report_that_led_to_it(admin_world: AdminWorld) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    about = [(await admin_world.world.character(author)).id for _ in range(2)]
    first, second = [await admin_world.report(await admin_world.world.somebody(), each) for each in about]
    measure_id = await admin_world.block(admin, author)
    for report_id in (first, second):
        await admin_world.queue.uphold(admin, report_id, measure_id=measure_id)
    (seen,) = await admin_world.measures.of_person(admin, author.user_id)
    assert seen.measure.report_id == first


async def test_what_is_put_off_comes_back(admin_world: AdminWorld, clock: Clock) -> None:
    admin, reporter = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(await admin_world.world.somebody())
    report_id = await admin_world.report(reporter, character.id)
    with pytest.raises(Invalid):
        await admin_world.queue.postpone(admin, report_id, now() - timedelta(minutes=1))
    await admin_world.queue.postpone(admin, report_id, now() + timedelta(hours=3))
    assert await admin_world.queue.cases(admin) == []
    assert len(await admin_world.queue.cases(admin, QueueFilter.POSTPONED)) == 1
    clock.advance(timedelta(hours=3))
    assert len(await admin_world.queue.cases(admin)) == 1
    assert await admin_world.queue.open_count(admin) == 1


async def test_a_reported_message_is_a_case_of_its_own_and_is_shown(admin_world: AdminWorld) -> None:
    admin, reporter = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(await admin_world.world.somebody())
    dialog_id = await admin_world.world.chat.begin(reporter, character.id)
    (greeting,) = await admin_world.world.messages(reporter, dialog_id)
    await admin_world.report(reporter, character.id)
    report_id = await admin_world.report(reporter, character.id, Complaint.HATE, message_id=greeting.id)
    case, about_character = await admin_world.queue.cases(admin)
    assert (case.report_id, case.excerpt) == (report_id, "Заходи, здесь тепло.")
    assert case.message
    assert case.message.dialog_id == dialog_id
    assert (about_character.message, about_character.excerpt) == (None, "")
    await admin_world.queue.reject(admin, report_id)
    assert len(await admin_world.queue.cases(admin)) == 1


async def test_closed_cases_are_read_page_by_page_and_none_of_them_twice(admin_world: AdminWorld, clock: Clock) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    characters = [(await admin_world.world.character(author)).id for _ in range(5)]
    for again in (False, True):
        for character_id in characters:
            clock.advance(timedelta(minutes=1))
            if not again or character_id == characters[0]:  # which was reported again later
                reporter = await admin_world.world.somebody()
                await admin_world.report(reporter, character_id, state=ReportState.REJECTED, closed_at=clock.time)
    seen: list[int] = []
    last = None
    while page := await admin_world.queue.cases(admin, QueueFilter.CLOSED, 2, before=last):
        seen += [case.character.id for case in page]
        last = page[-1].closed_at
    assert seen == [characters[0], *reversed(characters[1:])]

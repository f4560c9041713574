"""Moderation queue: what weighs most comes first, a report is answered once, and whoever reported it hears of it."""

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
from tests.domain.admin.office import Office


async def test_weight_accuracy_number_and_age_make_the_order(office: Office) -> None:
    admin, author = await office.admin(), await office.house.somebody()
    liar, honest, newcomer, another = [await office.house.somebody() for _ in range(4)]
    names = ["child", "old_spam", "many_spam", "honest_spam", "new_spam", "liars_spam"]
    ids = {name: (await office.house.character(author)).id for name in names}
    for state, reporter in ((ReportState.REJECTED, liar), (ReportState.UPHELD, honest)):
        for _ in range(4):
            past = await office.house.character(author)
            await office.report(reporter, past.id, state=state, closed_at=now())
    await office.report(liar, ids["liars_spam"])
    await office.report(newcomer, ids["new_spam"])
    await office.report(honest, ids["honest_spam"])
    for reporter in (newcomer, another, honest):
        await office.report(reporter, ids["many_spam"])
    await office.report(newcomer, ids["old_spam"], created_at=now() - timedelta(days=4))
    await office.report(newcomer, ids["child"], Complaint.CHILDREN)
    named = {character_id: name for name, character_id in ids.items()}
    cases = await office.queue.cases(admin)
    assert [named[case.character.id] for case in cases] == names
    assert [len(case.reports) for case in cases] == [1, 1, 3, 1, 1, 1]
    assert await office.queue.open_count(admin) == 6
    assert cases[2].author.id == author.user_id


async def test_a_case_is_taken_upheld_once_and_everybody_who_reported_it_hears(office: Office) -> None:
    first, second, author = await office.admin(), await office.admin(), await office.house.somebody()
    character = await office.house.character(author)
    reporters = [await office.house.somebody() for _ in range(2)]
    report_id, _ = [await office.report(each, character.id) for each in reporters]
    ends = await asyncio.gather(
        *(office.queue.claim(each, report_id) for each in (first, second)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ends) == ["NoneType", "NotAllowed"]
    holder, other = (first, second) if ends[0] is None else (second, first)
    (case,) = await office.queue.cases(holder, QueueFilter.MINE)
    assert case.taken_by
    assert case.taken_by.id == holder.user_id
    with pytest.raises(NotAllowed) as refused:
        await office.queue.reject(other, report_id)
    assert case.taken_by.display_name in str(refused.value)
    decision = Decision(MeasureKind.BLOCKED, Complaint.SPAM, report_id=report_id)
    with pytest.raises(NotAllowed):  # half an answer would be worse than none
        await office.measures.impose_on_character(other, character.id, decision)
    for _ in range(2):
        await office.queue.claim(other, report_id, instead_of=holder.user_id)
    measure = await office.measures.impose_on_character(other, character.id, decision)
    await office.queue.uphold(other, report_id, "Спасибо!", measure.id)
    with pytest.raises(NotAllowed):
        await office.queue.reject(other, report_id)
    with pytest.raises(NotAllowed):
        await office.measures.impose_on_character(other, character.id, decision)
    for reporter in reporters:
        (notice,) = await office.told(reporter)
        assert (notice.kind, notice.data["upheld"], notice.data["answer"]) == (
            NoticeKind.REPORT_ANSWERED,
            True,
            "Спасибо!",
        )
    assert await office.queue.open_count(other) == 0
    (closed,) = await office.queue.cases(other, QueueFilter.CLOSED)
    assert len(closed.reports) == 2
    assert closed.earlier_measures == 1
    assert await office.deeds() == ["report.taken", "report.taken", "character.blocked", "report.upheld"]


async def test_a_case_is_what_waits_of_it_and_when_nothing_does_all_there_was(office: Office) -> None:
    admin, author = await office.admin(), await office.house.somebody()
    character = await office.house.character(author)
    first, second = [await office.report(await office.house.somebody(), character.id) for _ in range(2)]
    await office.queue.reject(admin, first)
    late = await office.report(await office.house.somebody(), character.id)
    for named in (first, second, late):
        assert [each.id for each in (await office.queue.case(admin, named)).reports] == [late]
    await office.queue.reject(admin, late)
    assert [each.id for each in (await office.queue.case(admin, second)).reports] == [first, second, late]


async def test_a_measure_keeps_the_report_that_led_to_it(office: Office) -> None:
    admin, author = await office.admin(), await office.house.somebody()
    about = [(await office.house.character(author)).id for _ in range(2)]
    first, second = [await office.report(await office.house.somebody(), each) for each in about]
    measure_id = await office.block(admin, author)
    for report_id in (first, second):
        await office.queue.uphold(admin, report_id, measure_id=measure_id)
    (seen,) = await office.measures.of_person(admin, author.user_id)
    assert seen.measure.report_id == first


async def test_what_is_put_off_comes_back(office: Office, clock: Clock) -> None:
    admin, reporter = await office.admin(), await office.house.somebody()
    character = await office.house.character(await office.house.somebody())
    report_id = await office.report(reporter, character.id)
    with pytest.raises(Invalid):
        await office.queue.postpone(admin, report_id, now() - timedelta(minutes=1))
    await office.queue.postpone(admin, report_id, now() + timedelta(hours=3))
    assert await office.queue.cases(admin) == []
    assert len(await office.queue.cases(admin, QueueFilter.POSTPONED)) == 1
    clock.advance(timedelta(hours=3))
    assert len(await office.queue.cases(admin)) == 1
    assert await office.queue.open_count(admin) == 1


async def test_a_reported_message_is_a_case_of_its_own_and_is_shown(office: Office) -> None:
    admin, reporter = await office.admin(), await office.house.somebody()
    character = await office.house.character(await office.house.somebody())
    dialog_id = await office.house.chat.begin(reporter, character.id)
    (greeting,) = await office.house.messages(reporter, dialog_id)
    await office.report(reporter, character.id)
    report_id = await office.report(reporter, character.id, Complaint.HATE, message_id=greeting.id)
    case, about_character = await office.queue.cases(admin)
    assert (case.report_id, case.excerpt) == (report_id, "Заходи, здесь тепло.")
    assert case.message
    assert case.message.dialog_id == dialog_id
    assert (about_character.message, about_character.excerpt) == (None, "")
    await office.queue.reject(admin, report_id)
    assert len(await office.queue.cases(admin)) == 1

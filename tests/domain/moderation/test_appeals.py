"""Appeals: whoever is under a measure may answer once, and a different admin looks at it."""

from __future__ import annotations

import asyncio

import pytest

from domain.accounts.notices import NoticeKind
from domain.errors import Invalid, NotAllowed, NotFound
from domain.model.character import Character
from domain.moderation.appeal import AppealState
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.reports import Complaint
from tests.domain.admin.office import Office


async def test_a_blocked_person_answers_once_and_another_admin_lets_them_back(office: Office) -> None:
    strict, kind = await office.admin(), await office.admin()
    rowdy = await office.house.somebody()
    measure_id = await office.block(strict, rowdy)
    with pytest.raises(Invalid):
        await office.appeals.create(rowdy, measure_id, "  ")
    answers = await asyncio.gather(
        *(office.appeals.create(rowdy, measure_id, "Это была шутка.") for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in answers) == ["Appeal", "NotAllowed", "NotAllowed"]
    (seen,) = await office.appeals.waiting(strict)
    assert (seen.appeal.words, seen.may_be_answered, seen.person.id) == ("Это была шутка.", False, rowdy.user_id)
    with pytest.raises(NotAllowed):
        await office.appeals.answer(strict, seen.appeal.id, granted=False)
    assert (await office.appeals.waiting(kind))[0].may_be_answered
    ends = await asyncio.gather(
        *(office.appeals.answer(kind, seen.appeal.id, granted=True, answer="И правда.") for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in ends) == ["NoneType", "NotAllowed"], "nobody thinks theirs was read"
    assert not (await office.person(rowdy)).is_blocked
    told = [(each.kind, each.data.get("answer")) for each in await office.told(rowdy)]
    assert told == [(NoticeKind.APPEAL_ANSWERED, "И правда."), (NoticeKind.MEASURE, None)]
    assert "И правда." in office.mailbox.letters[-1].text
    assert await office.appeals.waiting_count(kind) == 0
    assert await office.deeds() == ["user.blocked", "appeal.made", "user.blocked.lifted", "appeal.granted"]


async def test_a_refusal_is_final_and_the_only_admin_answers_themselves(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    measure_id = await office.block(admin, rowdy)
    appeal = await office.appeals.create(rowdy, measure_id, "Не согласен.")
    assert [each.may_be_answered for each in await office.appeals.waiting(admin)] == [True], "there is nobody else"
    await office.appeals.answer(admin, appeal.id, granted=False, answer="Правила одни для всех.")
    (mine,) = await office.measures.in_force_on_caller(rowdy)
    assert mine.appeal
    assert (mine.appeal.state, mine.appeal.answer, mine.may_appeal) == (
        AppealState.REFUSED,
        "Правила одни для всех.",
        False,
    )
    with pytest.raises(NotAllowed):
        await office.appeals.create(rowdy, measure_id, "Но всё же…")
    assert (await office.person(rowdy)).is_blocked


async def test_nobody_answers_for_somebody_else(office: Office) -> None:
    admin, rowdy, boris = await office.admin(), await office.house.somebody(), await office.house.somebody()
    measure_id = await office.block(admin, rowdy)
    with pytest.raises(NotFound):
        await office.appeals.create(boris, measure_id, "Он хороший.")


async def test_a_character_is_mended_and_asked_about_until_it_is_right(office: Office) -> None:
    admin, author = await office.admin(), await office.house.somebody()
    character = await office.house.character(author)
    decision = Decision(
        MeasureKind.TO_MEND, Complaint.ADULT, words="Почти хорошо.", field="greeting", field_words="Слишком откровенно"
    )
    measure = await office.measures.impose_on_character(admin, character.id, decision)
    (mine,) = await office.measures.in_force_on_caller(author)
    assert (mine.field, mine.field_words, mine.character) == ("greeting", "Слишком откровенно", "Марина")
    for granted in (False, True):
        appeal = await office.appeals.create(author, measure.id)
        with pytest.raises(NotAllowed):
            await office.appeals.create(author, measure.id)
        async with office.database.read() as db:
            marks = await db.get_one(Character, character.id)
        assert (marks.is_hidden, marks.is_to_mend) == (True, True)
        await office.appeals.answer(admin, appeal.id, granted=granted)
    async with office.database.read() as db:
        marks = await db.get_one(Character, character.id)
    assert (marks.is_hidden, marks.is_to_mend) == (False, False)


async def test_an_appeal_to_what_has_ended_meanwhile_waits_for_nobody(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    measure_id = await office.block(admin, rowdy)
    appeal = await office.appeals.create(rowdy, measure_id, "Не согласен.")
    await office.measures.lift(admin, measure_id)
    assert await office.appeals.waiting(admin) == []
    with pytest.raises(NotAllowed):
        await office.appeals.answer(admin, appeal.id, granted=False)
    (seen,) = await office.measures.of_person(admin, rowdy.user_id)
    assert [each.state for each in seen.appeals] == [AppealState.OVERTAKEN]

"""Appeals: whoever is under a measure may appeal once, and a different admin reviews it."""

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
from tests.domain.admin.admin_world import AdminWorld


async def test_a_blocked_person_answers_once_and_another_admin_lets_them_back(admin_world: AdminWorld) -> None:
    strict, kind = await admin_world.admin(), await admin_world.admin()
    rowdy = await admin_world.world.somebody()
    measure_id = await admin_world.block(strict, rowdy)
    with pytest.raises(Invalid):
        await admin_world.appeals.create(rowdy, measure_id, "  ")
    answers = await asyncio.gather(
        *(admin_world.appeals.create(rowdy, measure_id, "Это была шутка.") for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in answers) == ["Appeal", "NotAllowed", "NotAllowed"]
    (seen,) = await admin_world.appeals.waiting(strict)
    assert (seen.appeal.words, seen.may_be_answered, seen.person.id) == ("Это была шутка.", False, rowdy.user_id)
    with pytest.raises(NotAllowed):
        await admin_world.appeals.answer(strict, seen.appeal.id, granted=False)
    assert (await admin_world.appeals.waiting(kind))[0].may_be_answered
    ends = await asyncio.gather(
        *(admin_world.appeals.answer(kind, seen.appeal.id, granted=True, answer="И правда.") for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in ends) == ["NoneType", "NotAllowed"], "nobody thinks theirs was read"
    assert not (await admin_world.person(rowdy)).is_blocked
    told = [(each.kind, each.data.get("answer")) for each in await admin_world.told(rowdy)]
    assert told == [(NoticeKind.APPEAL_ANSWERED, "И правда."), (NoticeKind.MEASURE, None)]
    assert "И правда." in admin_world.mailbox.letters[-1].text
    assert await admin_world.appeals.waiting_count(kind) == 0
    assert await admin_world.actions() == ["user.blocked", "appeal.made", "user.blocked.lifted", "appeal.granted"]


async def test_a_refusal_is_final_and_the_only_admin_answers_themselves(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    measure_id = await admin_world.block(admin, rowdy)
    appeal = await admin_world.appeals.create(rowdy, measure_id, "Не согласен.")
    assert [each.may_be_answered for each in await admin_world.appeals.waiting(admin)] == [True], "there is nobody else"
    await admin_world.appeals.answer(admin, appeal.id, granted=False, answer="Правила одни для всех.")
    (mine,) = await admin_world.measures.in_force_on_caller(rowdy)
    assert mine.appeal
    assert (mine.appeal.state, mine.appeal.answer, mine.may_appeal) == (
        AppealState.REFUSED,
        "Правила одни для всех.",
        False,
    )
    with pytest.raises(NotAllowed):
        await admin_world.appeals.create(rowdy, measure_id, "Но всё же…")
    assert (await admin_world.person(rowdy)).is_blocked


async def test_nobody_answers_for_somebody_else(admin_world: AdminWorld) -> None:
    admin, rowdy, boris = (
        await admin_world.admin(),
        await admin_world.world.somebody(),
        await admin_world.world.somebody(),
    )
    measure_id = await admin_world.block(admin, rowdy)
    with pytest.raises(NotFound):
        await admin_world.appeals.create(boris, measure_id, "Он хороший.")


async def test_a_character_is_mended_and_asked_about_until_it_is_right(admin_world: AdminWorld) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(author)
    decision = Decision(
        MeasureKind.TO_MEND, Complaint.ADULT, words="Почти хорошо.", field="greeting", field_words="Слишком откровенно"
    )
    measure = await admin_world.measures.impose_on_character(admin, character.id, decision)
    (mine,) = await admin_world.measures.in_force_on_caller(author)
    assert (mine.field, mine.field_words, mine.character) == ("greeting", "Слишком откровенно", "Марина")
    for granted in (False, True):
        appeal = await admin_world.appeals.create(author, measure.id)
        with pytest.raises(NotAllowed):
            await admin_world.appeals.create(author, measure.id)
        async with admin_world.database.read() as db:
            marks = await db.get_one(Character, character.id)
        assert (marks.is_hidden, marks.is_to_mend) == (True, True)
        await admin_world.appeals.answer(admin, appeal.id, granted=granted)
    async with admin_world.database.read() as db:
        marks = await db.get_one(Character, character.id)
    assert (marks.is_hidden, marks.is_to_mend) == (False, False)


async def test_an_appeal_to_what_has_ended_meanwhile_waits_for_nobody(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    measure_id = await admin_world.block(admin, rowdy)
    appeal = await admin_world.appeals.create(rowdy, measure_id, "Не согласен.")
    await admin_world.measures.lift(admin, measure_id)
    assert await admin_world.appeals.waiting(admin) == []
    with pytest.raises(NotAllowed):
        await admin_world.appeals.answer(admin, appeal.id, granted=False)
    (seen,) = await admin_world.measures.of_person(admin, rowdy.user_id)
    assert [each.state for each in seen.appeals] == [AppealState.OVERTAKEN]

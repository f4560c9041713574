"""Moderation measures, on both databases: at once, in the audit log, told to the person, and lifted in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.admins import is_last_admin
from domain.accounts.notices import NoticeKind
from domain.accounts.sessions import Caller, LoginSession, Way, authenticate, authorize_admin, authorize_writer
from domain.accounts.sessions_list import SessionEnded
from domain.chat.events import ReplyEnded
from domain.clock import now
from domain.errors import AppError, Blocked, Invalid, NotAdmin, NotAllowed, NotFound, ReadOnly, SignedOut
from domain.model.character import Character
from domain.model.dialog import State
from domain.model.user import User
from domain.moderation.enforcement import Decision
from domain.moderation.measure import Measure, MeasureImposed, MeasureKind, MeasureLifted
from domain.moderation.measure_expiry import MeasureExpiry
from domain.moderation.reports import Complaint
from tests.clock import Clock
from tests.domain.admin.office import Office

PATIENCE = 60  # seconds: far more than anything here takes


async def running_reply(office: Office, person: Caller, dialog_id: int) -> int:
    """A reply that never ends by itself, some of it written; returns its id."""
    office.house.llm.answer(fault="endless", style="fine", pause=0.01)
    await office.house.chat.send(person, dialog_id, "Расскажи длинную историю", "1")
    reply_id = (await office.house.messages(person, dialog_id))[-1].id
    async with asyncio.timeout(PATIENCE):
        while len(office.house.reply_writer.text_of(reply_id) or "") < 20:  # noqa: ASYNC110 - some text has come
            await asyncio.sleep(0.01)
    return reply_id


async def refusal(deed: Awaitable[object]) -> type[AppError] | None:
    try:
        await deed
    except AppError as error:
        return type(error)
    return None


async def test_a_block_in_mid_reply_stops_it_within_a_second_and_leaves_nothing_to_do_but_to_read_why(
    office: Office,
) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(rowdy)
    over, told = asyncio.Event(), list[MeasureImposed]()
    office.house.bus.subscribe(ReplyEnded, dialog_id, lambda _fact: over.set())
    office.house.bus.subscribe(MeasureImposed, rowdy.user_id, told.append)
    reply_id = await running_reply(office, rowdy, dialog_id)
    began = time.monotonic()
    await office.block(admin, rowdy)
    await asyncio.wait_for(over.wait(), PATIENCE)
    assert time.monotonic() - began < 1
    assert len(told) == 1
    assert office.house.reply_writer.text_of(reply_id) is None
    with pytest.raises(Blocked):
        await office.house.chat.send(rowdy, dialog_id, "Ещё", "2")
    (mine,) = await office.measures.in_force_on_caller(rowdy)
    assert (mine.kind, mine.words, mine.until, mine.may_appeal) == (MeasureKind.BLOCKED, "Это реклама.", None, True)
    (notice,) = await office.told(rowdy)
    assert (notice.kind, notice.data["kind"]) == (NoticeKind.MEASURE, "blocked")
    assert "Это реклама." in office.mailbox.letters[-1].text
    await office.measures.lift(admin, mine.measure_id)
    assert (await office.house.messages(rowdy, dialog_id))[-1].state == State.STOPPED
    assert await office.deeds() == ["user.blocked", "user.blocked.lifted"]


async def test_replies_with_the_characters_of_a_blocked_author_stop_too_and_can_be_read_on(office: Office) -> None:
    admin, author, guest = await office.admin(), await office.house.somebody(), await office.house.somebody()
    character = await office.house.character(author)
    for take in (
        office.measures.impose_on_character(admin, character.id, Decision(MeasureKind.BLOCKED, Complaint.HATE)),
        office.measures.impose_on_user(admin, author.user_id, Decision(MeasureKind.BLOCKED, Complaint.HATE)),
    ):
        dialog_id = await office.house.chat.begin(guest, character.id)
        await running_reply(office, guest, dialog_id)
        measure = await take
        assert (await office.house.ended(guest, dialog_id)).state == State.STOPPED
        assert not (await office.house.chat.open(guest, dialog_id)).may_go_on
        await office.measures.lift(admin, measure.id)
        assert (await office.house.chat.open(guest, dialog_id)).may_go_on


async def test_who_may_do_what(office: Office) -> None:
    admin, other = await office.admin(), await office.house.somebody()
    person, reader, blocked = [await office.house.somebody() for _ in range(3)]
    await office.take(admin, reader, MeasureKind.READ_ONLY, until=now() + timedelta(days=1))
    await office.block(admin, blocked)
    character = await office.house.character(other)
    decision = Decision(MeasureKind.WARNING, Complaint.OTHER)
    deeds: dict[str, Callable[[Caller], Awaitable[object]]] = {
        "write": lambda who: office.house.chat.begin(who, character.id),
        "look": office.house.dialogs.list_own,
        "read why": office.measures.in_force_on_caller,
        "take along": office.house.dialogs.exportable,
        "measure": lambda who: office.measures.impose_on_user(who, other.user_id, decision),
        "measure a character": lambda who: office.measures.impose_on_character(
            who, character.id, Decision(MeasureKind.HIDDEN, Complaint.OTHER)
        ),
        "lift": lambda who: office.measures.lift(who, 1_000_000),
        "read the journal": office.journal.page,
        "see measures": lambda who: office.measures.of_person(who, other.user_id),
        "see appeals": office.appeals.waiting,
        "see reports": office.queue.cases,
    }
    for_admins: dict[str, type[AppError]] = {
        name: NotAdmin for name in deeds if name not in {"write", "look", "read why", "take along"}
    }
    stranger = Caller(1_000_000, 1_000_000)
    expected: dict[Caller, dict[str, type[AppError]]] = {
        stranger: dict.fromkeys(deeds, SignedOut),
        person: for_admins,
        reader: for_admins | {"write": ReadOnly},
        blocked: dict.fromkeys(deeds.keys() - {"read why", "take along"}, Blocked),
        admin: {"lift": NotFound},
    }
    for who, refusals in expected.items():
        found = {name: kind for name, deed in deeds.items() if (kind := await refusal(deed(who)))}
        assert found == refusals


async def test_whoever_may_only_read_is_told_until_when(office: Office) -> None:
    admin, reader = await office.admin(), await office.house.somebody()
    until = now() + timedelta(days=7)
    dialog_id = await office.house.dialog(reader)
    await office.take(admin, reader, MeasureKind.READ_ONLY, until=until)
    with pytest.raises(ReadOnly) as refused:
        await office.house.chat.send(reader, dialog_id, "Привет", "1")
    assert (refused.value.until, refused.value.values, refused.value.field) == (until, {"time": until}, "text")
    await office.house.messages(reader, dialog_id)
    await office.house.dialogs.transcript(reader, dialog_id)


async def test_a_term_that_has_run_out_silences_nobody_though_no_round_has_lifted_it_yet(
    office: Office, clock: Clock
) -> None:
    admin, reader = await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(reader)
    await office.take(admin, reader, MeasureKind.READ_ONLY, until=now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    with pytest.raises(ReadOnly):
        await office.house.chat.send(reader, dialog_id, "Привет", "1")
    clock.advance(timedelta(microseconds=1))
    assert (await office.person(reader)).is_read_only, "the mark is still there, and means nothing any more"
    assert await office.measures.in_force_on_caller(reader) == []
    await office.house.chat.send(reader, dialog_id, "Привет", "1")


async def test_a_warning_and_a_fault_to_mend_have_no_term_whatever_was_filled_in(office: Office) -> None:
    admin, author = await office.admin(), await office.house.somebody()
    character = await office.house.character(author)
    tomorrow = now() + timedelta(days=1)
    await office.take(admin, author, MeasureKind.WARNING, until=tomorrow)
    to_mend = Decision(MeasureKind.TO_MEND, Complaint.ADULT, until=tomorrow, field="bio")
    await office.measures.impose_on_character(admin, character.id, to_mend)
    hidden = Decision(MeasureKind.HIDDEN, Complaint.ADULT, until=tomorrow)
    await office.measures.impose_on_character(admin, character.id, hidden)
    terms = {each.kind: each.until for each in await office.measures.in_force_on_caller(author)}
    assert terms == {MeasureKind.WARNING: None, MeasureKind.TO_MEND: None, MeasureKind.HIDDEN: tomorrow}


async def test_a_program_of_a_blocked_person_is_told_at_once_and_refused_everything(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    async with office.database.write() as db:
        program = LoginSession(
            user_id=rowdy.user_id, token_hash="p", way=Way.PROGRAM, entered_at=now(), expires_at=now() + timedelta(1)
        )
        db.add(program)
    told: list[SessionEnded] = []
    for session_id in (program.id, rowdy.session_id):
        office.house.bus.subscribe(SessionEnded, session_id, told.append)
    await office.block(admin, rowdy)
    await asyncio.sleep(0)
    assert [fact.about for fact in told] == [program.id], "a browser may stay, to read why"
    async with office.database.read() as db:
        with pytest.raises(Blocked):
            await authenticate(db, Caller(program.id, rowdy.user_id))


async def test_a_new_measure_takes_the_place_of_one_of_its_kind_and_the_marks_follow(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    await office.block(admin, rowdy)
    longer = await office.block(admin, rowdy, until=now() + timedelta(days=30))
    await office.take(admin, rowdy, MeasureKind.HIDDEN)
    await office.take(admin, rowdy, MeasureKind.WARNING)
    kinds = [each.kind for each in await office.measures.in_force_on_caller(rowdy)]
    assert kinds == [MeasureKind.WARNING, MeasureKind.HIDDEN, MeasureKind.BLOCKED]
    assert len(await office.measures.of_person(admin, rowdy.user_id)) == 4
    await office.measures.lift(admin, longer)
    await office.measures.lift(admin, longer)  # twice is no complaint
    marks = await office.person(rowdy)
    assert (marks.is_blocked, marks.is_hidden) == (False, True)


async def test_what_is_filled_in_wrongly_is_said_at_its_field(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    character = await office.house.character(rowdy)
    yesterday = now() - timedelta(days=1)
    for decision, field in (
        (Decision(MeasureKind.TO_MEND, Complaint.HATE), "kind"),
        (Decision(MeasureKind.BLOCKED, Complaint.HATE, until=yesterday), "until"),
        (Decision(MeasureKind.BLOCKED, Complaint.HATE, words="я" * 2001), "words"),
    ):
        with pytest.raises(Invalid) as refused:
            await office.measures.impose_on_user(admin, rowdy.user_id, decision)
        assert refused.value.field == field
    with pytest.raises(Invalid) as refused:
        await office.measures.impose_on_character(admin, character.id, Decision(MeasureKind.TO_MEND, Complaint.HATE))
    assert refused.value.field == "field"
    assert await office.deeds() == []


async def test_nobody_measures_themselves(office: Office) -> None:
    admin = await office.admin()
    await office.admin()
    for kind in (MeasureKind.WARNING, MeasureKind.BLOCKED):
        with pytest.raises(NotAllowed):
            await office.take(admin, admin, kind)


async def test_a_blocked_admin_is_no_one_who_could_undo_what_is_done_to_the_last(office: Office) -> None:
    boss, rowdy = await office.admin(), await office.admin()
    await office.block(boss, rowdy)
    async with office.database.write() as db:
        assert await is_last_admin(db, await db.get_one(User, boss.user_id))
        assert not await is_last_admin(db, await db.get_one(User, rowdy.user_id))
    await office.admin()
    async with office.database.write() as db:
        assert not await is_last_admin(db, await db.get_one(User, boss.user_id))


async def test_of_the_last_two_admins_who_block_each_other_one_is_left(office: Office) -> None:
    for _ in range(5):
        first, second = await office.admin(), await office.admin()
        ends = await asyncio.gather(office.block(first, second), office.block(second, first), return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == ["Blocked", "int"]
        (left,) = [who for who in (first, second) if not (await office.person(who)).is_blocked]
        async with office.database.write() as db:
            (await authorize_admin(db, left)).is_admin = False


async def test_admins_who_block_and_lift_at_the_same_moment_leave_one_truth(office: Office) -> None:
    admins = [await office.admin() for _ in range(3)]
    rowdy = await office.house.somebody()
    for _ in range(5):
        measure_id = await office.block(admins[0], rowdy)
        await asyncio.gather(
            office.block(admins[0], rowdy),
            office.block(admins[1], rowdy),
            office.measures.lift(admins[2], measure_id),
            office.measures.lift(admins[1], measure_id),
        )
        async with office.database.read() as db:
            standing = list(await db.exec(select(Measure).where(Measure.lifted_at == None)))  # noqa: E711 - SQL's NULL
        assert len(standing) == 1
        assert (await office.person(rowdy)).is_blocked
        await office.measures.lift(admins[0], standing[0].id)
        assert not (await office.person(rowdy)).is_blocked


async def test_a_message_sent_at_the_moment_of_the_block_gets_no_reply(office: Office) -> None:
    admin = await office.admin()
    for n in range(5):
        rowdy = await office.house.somebody()
        dialog_id = await office.house.dialog(rowdy)
        office.house.llm.answer(fault="endless", style="fine", pause=0.01)
        await asyncio.gather(
            office.house.chat.send(rowdy, dialog_id, "Успею?", str(n)), office.block(admin, rowdy),
            return_exceptions=True,
        )  # fmt: skip
        (mine,) = await office.measures.in_force_on_caller(rowdy)
        async with asyncio.timeout(PATIENCE):
            while office.house.llm.in_flight:  # noqa: ASYNC110 - the model is no longer asked
                await asyncio.sleep(0.01)
        await office.measures.lift(admin, mine.measure_id)
        assert (await office.house.ended(rowdy, dialog_id)).state in {State.STOPPED, State.DONE}


async def test_what_has_run_out_is_lifted_at_the_start(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    character = await office.house.character(rowdy)
    tomorrow = now() + timedelta(days=1)
    await office.block(admin, rowdy, until=tomorrow)
    hiding = Decision(MeasureKind.HIDDEN, Complaint.ADULT, until=tomorrow)
    await office.measures.impose_on_character(admin, character.id, hiding)
    async with office.database.write() as db:
        for measure in await db.exec(select(Measure)):
            measure.until = now() - timedelta(seconds=1)
    lifted = list[MeasureLifted]()
    office.house.bus.subscribe(MeasureLifted, rowdy.user_id, lifted.append)
    keeper = MeasureExpiry(office.database, office.house.bus, office.house.reply_writer, office.notifier)
    await keeper.start()
    await keeper.close()
    async with office.database.read() as db:
        await authorize_writer(db, rowdy)
        assert not (await db.get_one(Character, character.id)).is_hidden
    assert len(lifted) == 2
    assert (await office.deeds())[-2:] == ["user.blocked.lifted", "character.hidden.lifted"]
    entry = (await office.journal.page(admin))[0]
    assert entry.actor_id is None
    kinds = [notice.kind for notice in await office.told(rowdy)]
    assert kinds.count(NoticeKind.MEASURE_LIFTED) == 2


async def test_the_json_apis_block_sets_and_turns_round(office: Office) -> None:
    admin, rowdy = await office.admin(), await office.house.somebody()
    character = await office.house.character(rowdy)
    for block, target in (
        (office.measures.block_user, rowdy.user_id),
        (office.measures.block_character, character.id),
    ):
        wanted = (True, True, None, None, False, False)
        assert [await block(admin, target, blocked=each) for each in wanted] == [True, True, False, True, False, False]
    assert len(await office.deeds()) == 8


async def test_what_another_admin_decided_about_ones_own_character_is_for_the_others_to_undo(office: Office) -> None:
    author, other = await office.admin(), await office.admin()
    mine = await office.house.character(author)
    blocked = Decision(MeasureKind.BLOCKED, Complaint.SPAM)
    measure = await office.measures.impose_on_character(other, mine.id, blocked)
    for deed in (
        office.measures.lift(author, measure.id),
        office.measures.block_character(author, mine.id, blocked=False),
        office.measures.impose_on_character(author, mine.id, replace(blocked, until=now() + timedelta(seconds=9))),
    ):
        with pytest.raises(NotAllowed):
            await deed
    await office.measures.lift(other, measure.id)
    own = await office.measures.impose_on_character(author, mine.id, blocked)
    await office.measures.lift(author, own.id)
    alone = await office.measures.impose_on_character(other, mine.id, blocked)
    async with office.database.write() as db:
        (await db.get_one(User, other.user_id)).is_admin = False
    await office.measures.lift(author, alone.id)

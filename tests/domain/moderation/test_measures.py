"""Moderation measures, on both databases: effective at once, in the audit log, told to the person, lifted in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.admins import is_last_admin
from domain.accounts.notices import NoticeKind
from domain.accounts.sessions import Caller, LoginMethod, LoginSession, authenticate, authorize_admin, authorize_writer
from domain.accounts.sessions_list import SessionEnded
from domain.chat.branches import can_continue
from domain.chat.replies.reply_end import WITHDRAWN
from domain.chat.tree.events import ReplyEnded
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
from tests.domain.admin.admin_world import AdminWorld

PATIENCE = 60  # seconds: far more than anything here takes


async def running_reply(admin_world: AdminWorld, person: Caller, dialog_id: int) -> int:
    """A reply that never ends by itself, some of it written; returns its id."""
    admin_world.world.llm.answer(fault="endless", style="fine", pause=0.01)
    await admin_world.world.chat.send(person, dialog_id, "Расскажи длинную историю", "1")
    reply_id = (await admin_world.world.messages(person, dialog_id))[-1].id
    async with asyncio.timeout(PATIENCE):
        while len(admin_world.world.reply_writer.text_of(reply_id) or "") < 20:  # noqa: ASYNC110 - some text has come
            await asyncio.sleep(0.01)
    return reply_id


async def refusal(action: Awaitable[object]) -> type[AppError] | None:
    try:
        await action
    except AppError as error:
        return type(error)
    return None


async def test_a_block_in_mid_reply_stops_it_and_leaves_nothing_to_do_but_to_read_why(
    admin_world: AdminWorld,
) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(rowdy)
    over, told = asyncio.Event(), list[MeasureImposed]()
    admin_world.world.bus.subscribe(ReplyEnded, dialog_id, lambda _fact: over.set())
    admin_world.world.bus.subscribe(MeasureImposed, rowdy.user_id, told.append)
    reply_id = await running_reply(admin_world, rowdy, dialog_id)
    await admin_world.block(admin, rowdy)
    await asyncio.wait_for(over.wait(), PATIENCE)
    assert len(told) == 1
    assert admin_world.world.reply_writer.text_of(reply_id) is None
    with pytest.raises(Blocked):
        await admin_world.world.chat.send(rowdy, dialog_id, "Ещё", "2")
    (mine,) = await admin_world.measures.in_force_on_caller(rowdy)
    assert (mine.kind, mine.words, mine.until, mine.may_appeal) == (MeasureKind.BLOCKED, "Это реклама.", None, True)
    (notice,) = await admin_world.told(rowdy)
    assert (notice.kind, notice.data["kind"]) == (NoticeKind.MEASURE, "blocked")
    assert "Это реклама." in admin_world.mailbox.letters[-1].text
    await admin_world.measures.lift(admin, mine.measure_id)
    broken_off = (await admin_world.world.messages(rowdy, dialog_id))[-1]
    assert (broken_off.state, broken_off.fault) == (State.INTERRUPTED, WITHDRAWN), "they have not stopped it"
    assert can_continue(broken_off)
    assert await admin_world.actions() == ["user.blocked", "user.blocked.lifted"]


async def test_replies_with_the_characters_of_a_blocked_author_stop_too_and_can_be_read_on(
    admin_world: AdminWorld,
) -> None:
    admin, author, guest = (
        await admin_world.admin(),
        await admin_world.world.somebody(),
        await admin_world.world.somebody(),
    )
    character = await admin_world.world.character(author)
    for take in (
        admin_world.measures.impose_on_character(admin, character.id, Decision(MeasureKind.BLOCKED, Complaint.HATE)),
        admin_world.measures.impose_on_user(admin, author.user_id, Decision(MeasureKind.BLOCKED, Complaint.HATE)),
    ):
        dialog_id = await admin_world.world.chat.begin(guest, character.id)
        await running_reply(admin_world, guest, dialog_id)
        measure = await take
        broken_off = await admin_world.world.ended(guest, dialog_id)
        assert (broken_off.state, broken_off.fault) == (State.INTERRUPTED, WITHDRAWN)
        assert not (await admin_world.world.chat.open(guest, dialog_id)).may_go_on
        await admin_world.measures.lift(admin, measure.id)
        assert (await admin_world.world.chat.open(guest, dialog_id)).may_go_on


async def test_who_may_do_what(admin_world: AdminWorld) -> None:
    admin, other = await admin_world.admin(), await admin_world.world.somebody()
    person, reader, blocked = [await admin_world.world.somebody() for _ in range(3)]
    await admin_world.take(admin, reader, MeasureKind.READ_ONLY, until=now() + timedelta(days=1))
    await admin_world.block(admin, blocked)
    character = await admin_world.world.character(other)
    decision = Decision(MeasureKind.WARNING, Complaint.OTHER)
    actions: dict[str, Callable[[Caller], Awaitable[object]]] = {
        "write": lambda who: admin_world.world.chat.begin(who, character.id),
        "look": admin_world.world.dialogs.list_own,
        "read why": admin_world.measures.in_force_on_caller,
        "take along": admin_world.world.dialogs.exportable,
        "measure": lambda who: admin_world.measures.impose_on_user(who, other.user_id, decision),
        "measure a character": lambda who: admin_world.measures.impose_on_character(
            who, character.id, Decision(MeasureKind.HIDDEN, Complaint.OTHER)
        ),
        "lift": lambda who: admin_world.measures.lift(who, 1_000_000),
        "read the journal": admin_world.journal.page,
        "see measures": lambda who: admin_world.measures.of_person(who, other.user_id),
        "see appeals": admin_world.appeals.waiting,
        "see reports": admin_world.queue.cases,
    }
    for_admins: dict[str, type[AppError]] = {
        name: NotAdmin for name in actions if name not in {"write", "look", "read why", "take along"}
    }
    stranger = Caller(1_000_000, 1_000_000)
    expected: dict[Caller, dict[str, type[AppError]]] = {
        stranger: dict.fromkeys(actions, SignedOut),
        person: for_admins,
        reader: for_admins | {"write": ReadOnly},
        blocked: dict.fromkeys(actions.keys() - {"read why", "take along"}, Blocked),
        admin: {"lift": NotFound},
    }
    for who, refusals in expected.items():
        found = {name: kind for name, action in actions.items() if (kind := await refusal(action(who)))}
        assert found == refusals


async def test_whoever_may_only_read_is_told_until_when(admin_world: AdminWorld) -> None:
    admin, reader = await admin_world.admin(), await admin_world.world.somebody()
    until = now() + timedelta(days=7)
    dialog_id = await admin_world.world.dialog(reader)
    await admin_world.take(admin, reader, MeasureKind.READ_ONLY, until=until)
    with pytest.raises(ReadOnly) as refused:
        await admin_world.world.chat.send(reader, dialog_id, "Привет", "1")
    assert (refused.value.until, refused.value.values, refused.value.field) == (until, {"time": until}, "text")
    await admin_world.world.messages(reader, dialog_id)
    await admin_world.world.dialogs.transcript(reader, dialog_id)


async def test_a_term_that_has_run_out_silences_nobody_though_no_round_has_lifted_it_yet(
    admin_world: AdminWorld, clock: Clock
) -> None:
    admin, reader = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(reader)
    await admin_world.take(admin, reader, MeasureKind.READ_ONLY, until=now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    with pytest.raises(ReadOnly):
        await admin_world.world.chat.send(reader, dialog_id, "Привет", "1")
    clock.advance(timedelta(microseconds=1))
    assert (await admin_world.person(reader)).is_read_only, "the mark is still there, and means nothing any more"
    assert await admin_world.measures.in_force_on_caller(reader) == []
    await admin_world.world.chat.send(reader, dialog_id, "Привет", "1")


async def test_a_warning_and_a_fault_to_mend_have_no_term_whatever_was_filled_in(admin_world: AdminWorld) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(author)
    tomorrow = now() + timedelta(days=1)
    await admin_world.take(admin, author, MeasureKind.WARNING, until=tomorrow)
    to_mend = Decision(MeasureKind.TO_MEND, Complaint.ADULT, until=tomorrow, field="bio")
    await admin_world.measures.impose_on_character(admin, character.id, to_mend)
    hidden = Decision(MeasureKind.HIDDEN, Complaint.ADULT, until=tomorrow)
    await admin_world.measures.impose_on_character(admin, character.id, hidden)
    terms = {each.kind: each.until for each in await admin_world.measures.in_force_on_caller(author)}
    assert terms == {MeasureKind.WARNING: None, MeasureKind.TO_MEND: None, MeasureKind.HIDDEN: tomorrow}


async def test_a_program_of_a_blocked_person_is_told_at_once_and_refused_everything(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    async with admin_world.database.write() as db:
        program = LoginSession(
            user_id=rowdy.user_id,
            token_hash="p",
            method=LoginMethod.PROGRAM,
            entered_at=now(),
            expires_at=now() + timedelta(1),
        )
        db.add(program)
    told: list[SessionEnded] = []
    for session_id in (program.id, rowdy.session_id):
        admin_world.world.bus.subscribe(SessionEnded, session_id, told.append)
    await admin_world.block(admin, rowdy)
    await asyncio.sleep(0)
    assert [fact.about for fact in told] == [program.id], "a browser may stay, to read why"
    async with admin_world.database.read() as db:
        with pytest.raises(Blocked):
            await authenticate(db, Caller(program.id, rowdy.user_id))


async def test_a_new_measure_takes_the_place_of_one_of_its_kind_and_the_marks_follow(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    await admin_world.block(admin, rowdy)
    longer = await admin_world.block(admin, rowdy, until=now() + timedelta(days=30))
    await admin_world.take(admin, rowdy, MeasureKind.HIDDEN)
    await admin_world.take(admin, rowdy, MeasureKind.WARNING)
    kinds = [each.kind for each in await admin_world.measures.in_force_on_caller(rowdy)]
    assert kinds == [MeasureKind.WARNING, MeasureKind.HIDDEN, MeasureKind.BLOCKED]
    assert len(await admin_world.measures.of_person(admin, rowdy.user_id)) == 4
    await admin_world.measures.lift(admin, longer)
    await admin_world.measures.lift(admin, longer)  # twice raises nothing
    marks = await admin_world.person(rowdy)
    assert (marks.is_blocked, marks.is_hidden) == (False, True)


async def test_what_is_filled_in_wrongly_is_said_at_its_field(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(rowdy)
    yesterday = now() - timedelta(days=1)
    for decision, field in (
        (Decision(MeasureKind.TO_MEND, Complaint.HATE), "kind"),
        (Decision(MeasureKind.BLOCKED, Complaint.HATE, until=yesterday), "until"),
        (Decision(MeasureKind.BLOCKED, Complaint.HATE, words="я" * 2001), "words"),
    ):
        with pytest.raises(Invalid) as refused:
            await admin_world.measures.impose_on_user(admin, rowdy.user_id, decision)
        assert refused.value.field == field
    with pytest.raises(Invalid) as refused:
        await admin_world.measures.impose_on_character(
            admin, character.id, Decision(MeasureKind.TO_MEND, Complaint.HATE)
        )
    assert refused.value.field == "field"
    assert await admin_world.actions() == []


async def test_nobody_measures_themselves(admin_world: AdminWorld) -> None:
    admin = await admin_world.admin()
    await admin_world.admin()
    for kind in (MeasureKind.WARNING, MeasureKind.BLOCKED):
        with pytest.raises(NotAllowed):
            await admin_world.take(admin, admin, kind)


async def test_a_blocked_admin_is_no_one_who_could_undo_what_is_done_to_the_last(admin_world: AdminWorld) -> None:
    boss, rowdy = await admin_world.admin(), await admin_world.admin()
    await admin_world.block(boss, rowdy)
    async with admin_world.database.write() as db:
        assert await is_last_admin(db, await db.get_one(User, boss.user_id))
        assert not await is_last_admin(db, await db.get_one(User, rowdy.user_id))
    await admin_world.admin()
    async with admin_world.database.write() as db:
        assert not await is_last_admin(db, await db.get_one(User, boss.user_id))


async def test_of_the_last_two_admins_who_block_each_other_one_is_left(admin_world: AdminWorld) -> None:
    for _ in range(5):
        first, second = await admin_world.admin(), await admin_world.admin()
        ends = await asyncio.gather(
            admin_world.block(first, second), admin_world.block(second, first), return_exceptions=True
        )
        assert sorted(type(end).__name__ for end in ends) == ["Blocked", "int"]
        (left,) = [who for who in (first, second) if not (await admin_world.person(who)).is_blocked]
        async with admin_world.database.write() as db:
            (await authorize_admin(db, left)).is_admin = False


async def test_admins_who_block_and_lift_at_the_same_moment_leave_one_truth(admin_world: AdminWorld) -> None:
    admins = [await admin_world.admin() for _ in range(3)]
    rowdy = await admin_world.world.somebody()
    for _ in range(5):
        measure_id = await admin_world.block(admins[0], rowdy)
        await asyncio.gather(
            admin_world.block(admins[0], rowdy),
            admin_world.block(admins[1], rowdy),
            admin_world.measures.lift(admins[2], measure_id),
            admin_world.measures.lift(admins[1], measure_id),
        )
        async with admin_world.database.read() as db:
            standing = list(await db.exec(select(Measure).where(Measure.lifted_at == None)))  # noqa: E711 - SQL's NULL
        assert len(standing) == 1
        assert (await admin_world.person(rowdy)).is_blocked
        await admin_world.measures.lift(admins[0], standing[0].id)
        assert not (await admin_world.person(rowdy)).is_blocked


async def test_a_message_sent_at_the_moment_of_the_block_gets_no_reply(admin_world: AdminWorld) -> None:
    admin = await admin_world.admin()
    for n in range(5):
        rowdy = await admin_world.world.somebody()
        dialog_id = await admin_world.world.dialog(rowdy)
        admin_world.world.llm.answer(fault="endless", style="fine", pause=0.01)
        await asyncio.gather(
            admin_world.world.chat.send(rowdy, dialog_id, "Успею?", str(n)), admin_world.block(admin, rowdy),
            return_exceptions=True,
        )  # fmt: skip
        (mine,) = await admin_world.measures.in_force_on_caller(rowdy)
        async with asyncio.timeout(PATIENCE):
            while admin_world.world.llm.in_flight:  # noqa: ASYNC110 - the model is no longer asked
                await asyncio.sleep(0.01)
        await admin_world.measures.lift(admin, mine.measure_id)
        assert (await admin_world.world.ended(rowdy, dialog_id)).state in {State.INTERRUPTED, State.DONE}


async def test_what_has_run_out_is_lifted_at_the_start(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(rowdy)
    tomorrow = now() + timedelta(days=1)
    await admin_world.block(admin, rowdy, until=tomorrow)
    hiding = Decision(MeasureKind.HIDDEN, Complaint.ADULT, until=tomorrow)
    await admin_world.measures.impose_on_character(admin, character.id, hiding)
    async with admin_world.database.write() as db:
        for measure in await db.exec(select(Measure)):
            measure.until = now() - timedelta(seconds=1)
    lifted = list[MeasureLifted]()
    admin_world.world.bus.subscribe(MeasureLifted, rowdy.user_id, lifted.append)
    keeper = MeasureExpiry(
        admin_world.database, admin_world.world.bus, admin_world.world.reply_writer, admin_world.notifier
    )
    await keeper.start()
    await keeper.close()
    async with admin_world.database.read() as db:
        await authorize_writer(db, rowdy)
        assert not (await db.get_one(Character, character.id)).is_hidden
    assert len(lifted) == 2
    assert (await admin_world.actions())[-2:] == ["user.blocked.lifted", "character.hidden.lifted"]
    entry = (await admin_world.journal.page(admin))[0]
    assert entry.actor_id is None
    kinds = [notice.kind for notice in await admin_world.told(rowdy)]
    assert kinds.count(NoticeKind.MEASURE_LIFTED) == 2


async def test_the_json_apis_block_sets_and_turns_round(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    character = await admin_world.world.character(rowdy)
    for block, target in (
        (admin_world.measures.block_user, rowdy.user_id),
        (admin_world.measures.block_character, character.id),
    ):
        wanted = (True, True, None, None, False, False)
        assert [await block(admin, target, blocked=each) for each in wanted] == [True, True, False, True, False, False]
    assert len(await admin_world.actions()) == 8


async def test_what_another_admin_decided_about_ones_own_character_is_for_the_others_to_undo(
    admin_world: AdminWorld,
) -> None:
    author, other = await admin_world.admin(), await admin_world.admin()
    mine = await admin_world.world.character(author)
    blocked = Decision(MeasureKind.BLOCKED, Complaint.SPAM)
    measure = await admin_world.measures.impose_on_character(other, mine.id, blocked)
    for action in (
        admin_world.measures.lift(author, measure.id),
        admin_world.measures.block_character(author, mine.id, blocked=False),
        admin_world.measures.impose_on_character(author, mine.id, replace(blocked, until=now() + timedelta(seconds=9))),
    ):
        with pytest.raises(NotAllowed):
            await action
    await admin_world.measures.lift(other, measure.id)
    own = await admin_world.measures.impose_on_character(author, mine.id, blocked)
    await admin_world.measures.lift(author, own.id)
    alone = await admin_world.measures.impose_on_character(other, mine.id, blocked)
    async with admin_world.database.write() as db:
        (await db.get_one(User, other.user_id)).is_admin = False
    await admin_world.measures.lift(author, alone.id)

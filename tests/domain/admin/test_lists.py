"""Admin lists: filters, orders and keyset pagination of people, characters and dialogs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlmodel import select

from domain.accounts.sessions import Caller, LoginSession
from domain.admin.announcements import AnnouncementFields, Announcements, Level
from domain.admin.characters import AdminCharacters, CharacterFilter, CharacterOrder, CharacterState
from domain.admin.details import AdminDetails
from domain.admin.dialogs import AdminDialogs, DialogFilter, DialogOrder, Faults
from domain.admin.people import AdminUsers, UserFilter, UserOrder, UserState
from domain.admin.quotas import Quotas
from domain.clock import now
from domain.email_address import email_key
from domain.errors import Invalid, NotAllowed, NotFound, SignedOut
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import DISPLAY_NAME_LIMIT, User
from domain.moderation.reports import Complaint, Report, ReportState
from domain.paging import Cursor, Page, cursor_at
from domain.statistics.overview import Overview
from domain.statistics.period_stats import Period
from domain.statistics.person_stats import UserStats
from domain.statistics.roll_up import RollUp
from domain.usage.budget import TokenBudgets
from domain.usage.usage import Usage, hour_begins, hour_of
from storage.bus import Bus
from storage.database import Database
from storage.text_search import fold
from tests.clock import Clock
from tests.domain.admin.crowd import an_admin, gather

MOSCOW = ZoneInfo("Europe/Moscow")
NOBODY = Caller(session_id=999_999, user_id=999_999)


async def walked(page: Callable[..., Any], **more: Any) -> list[Any]:
    """All rows of a list, read page by page."""
    rows: list[Any] = []
    after = ""
    while True:
        found: Page[Any] = await page(after=after, limit=4, **more)
        rows += found.rows
        after = found.next
        if not after:
            return rows


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """SQL statements that the readers execute in the block."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = database._reader.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", hear)


async def test_people_are_listed_in_every_order_page_by_page(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 40)
    await RollUp(database).people()
    people = AdminUsers(database, TokenBudgets())
    month = now() - timedelta(days=30)
    for person in (await people.page(admin, limit=100)).rows:
        said = [each for each in crowd.said if each.user_id == person.id]
        assert person.messages == len(said)
        assert person.dialogs == sum(each.user_id == person.id for each in crowd.dialogs)
        lately = [each for each in said if each.at > month]
        assert person.cost == pytest.approx(sum(each.cost for each in lately), abs=900_000)  # to the hour
    keys: dict[UserOrder, Callable[[Any], Any]] = {
        UserOrder.REGISTERED: lambda row: row.registered_at,
        UserOrder.NAME: lambda row: fold(row.name),
        UserOrder.SEEN: lambda row: row.seen_at is not None,
        UserOrder.DIALOGS: lambda row: row.dialogs,
        UserOrder.MESSAGES: lambda row: row.messages,
        UserOrder.COST: lambda row: row.cost,
        UserOrder.REPORTS: lambda row: row.reports,
    }
    for order, key in keys.items():
        for descending in (True, False):
            rows = await walked(people.page, caller=admin, order=order, descending=descending)
            assert len({row.id for row in rows}) == len(crowd.people) + 1
            assert rows == sorted(rows, key=lambda row: (key(row), row.id), reverse=descending), order


async def test_who_has_just_signed_up_stands_in_the_list_before_anything_is_summed_up(database: Database) -> None:
    admin, people = await an_admin(database), AdminUsers(database, TokenBudgets())
    newcomer = User(display_name="Новенькая", email="new@example.test", email_key="new@example.test")
    trial = User(display_name="", is_trial=True)
    async with database.write() as db:
        db.add_all([newcomer, trial])
    assert [person.name for person in (await people.page(admin)).rows] == ["Новенькая"]
    assert [person.name for person in (await people.page(admin, UserFilter(words="нов"))).rows] == ["Новенькая"]


async def test_the_last_page_that_is_just_full_leads_to_no_other(database: Database) -> None:
    admin, _ = await an_admin(database), await gather(database, 3, people=3, said=1)
    await RollUp(database).people()
    people = AdminUsers(database, TokenBudgets())
    first = await people.page(admin, limit=2)
    last = await people.page(admin, limit=2, after=first.next)
    assert [len(page.rows) for page in (first, last)] == [2, 2]
    assert (bool(first.next), last.next) == (True, "")


async def test_people_are_found_by_how_they_are_called_and_how_they_stand(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 20)
    blocked, watched, silent, reported = crowd.people[:4]
    async with database.write() as db:
        (await db.get_one(User, blocked.id)).is_blocked = True
        (await db.get_one(User, watched.id)).is_hidden = True
        served = await db.get_one(User, silent.id)
        served.is_read_only, served.read_only_until = True, now() - timedelta(days=1)  # over by now
        served.email, served.email_key = "Захар@почта.рф", email_key("Захар@почта.рф")
        for character in crowd.characters[:2]:
            (await db.get_one(Character, character.id)).owner_id = reported.id
            db.add(Report(reporter_id=silent.id, character_id=character.id, complaint=Complaint.SPAM))
    await RollUp(database).people()
    people = AdminUsers(database, TokenBudgets())

    async def found(**sought: Any) -> set[int]:
        rows = await walked(people.page, caller=admin, sought=UserFilter(**sought), order=UserOrder.NAME)
        assert (await people.page(admin, UserFilter(**sought), limit=1)).count == len(rows)
        return {row.id for row in rows}

    everybody = {each.id for each in crowd.people} | {admin.user_id}
    assert await found(words="ЁЛКА") == {each.id for each in crowd.people if each.display_name.startswith("Ёлка")}
    assert await found(words="анна") == {each.id for each in crowd.people if "анна" in each.display_name.casefold()}
    assert await found(words="P1@Example.test") == {crowd.people[1].id}
    for typed in ("захар@", "ЗАХАР@поч", "захар@почта.рф"):
        assert await found(words=typed) == {silent.id}
    assert crowd.people[5].id in await found(words=str(crowd.people[5].id))
    assert await found(words="%") == await found(words="\x00\ud800 никого") - everybody == set()
    assert await found(state=UserState.BLOCKED) == {blocked.id}
    assert await found(state=UserState.HIDDEN) == {watched.id}
    assert await found(state=UserState.READ_ONLY) == set()
    assert await found(state=UserState.FREE) == everybody - {blocked.id, watched.id}
    assert await found(is_admin=True) == {admin.user_id}
    assert await found(is_admin=False, state=UserState.BLOCKED) == {blocked.id}
    assert await found(has_reports=True) == {reported.id}
    halfway = now() - timedelta(days=10)
    young = {each.id for each in crowd.people if each.created_at >= halfway}
    assert await found(registered_since=halfway) == young
    assert await found(registered_until=halfway) == everybody - young
    day = now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    async with database.read() as db:
        hours = await db.exec(select(Usage.user_id, Usage.hour))
        spoke = {user_id for user_id, hour in hours if day <= hour_begins(hour) < day + timedelta(days=1)}
    assert await found(spoken_since=day, spoken_until=day + timedelta(days=1)) == spoke
    assert set() < spoke < everybody
    assert await found(seen_since=now() - timedelta(minutes=6)) == {admin.user_id}


async def test_a_name_that_grows_when_it_is_folded_stops_no_count(database: Database) -> None:
    admin = await an_admin(database)
    async with database.write() as db:
        long_one = User(display_name="İ" * DISPLAY_NAME_LIMIT)
        db.add(long_one)
    await RollUp(database).people()
    rows = (await AdminUsers(database, TokenBudgets()).page(admin, UserFilter(words="İ" * DISPLAY_NAME_LIMIT))).rows
    assert [row.id for row in rows] == [long_one.id]


async def test_dialogs_are_listed_in_every_order_without_a_word_of_them(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 20)
    async with database.write() as db:
        (await db.get_one(Dialog, crowd.dialogs[0].id)).deleted_at = now()
    shown = crowd.dialogs[1:]
    talks = AdminDialogs(database)
    for order in DialogOrder:
        for descending in (True, False):
            rows = await walked(talks.page, caller=admin, order=order, descending=descending)
            assert [row.id for row in rows] == [
                each.id for each in sorted(shown, key=lambda one: (getattr(one, order), one.id), reverse=descending)
            ]
    middle = now() - timedelta(days=7)
    asked: tuple[tuple[DialogFilter, Callable[[Any], bool]], ...] = (
        (DialogFilter(user_id=crowd.people[3].id), lambda one: one.user_id == crowd.people[3].id),
        (DialogFilter(character_id=crowd.characters[0].id), lambda one: one.character_id == crowd.characters[0].id),
        (DialogFilter(since=middle), lambda one: one.spoken_at >= middle),
        (DialogFilter(started_until=middle, faults=Faults.ANY), lambda one: one.started_at < middle and one.faults > 0),
    )
    for sought, is_meant in asked:
        rows = await walked(talks.page, caller=admin, sought=sought, order=DialogOrder.TOKENS)
        assert {row.id for row in rows} == {each.id for each in shown if is_meant(each)}
        assert (await talks.page(admin, sought, limit=1)).count == len(rows)


async def test_characters_are_listed_in_every_order_and_by_their_state(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 20)
    async with database.write() as db:
        worst = await db.get_one(Character, crowd.characters[0].id)
        worst.is_blocked = worst.is_hidden = True
        (await db.get_one(Character, crowd.characters[1].id)).is_to_mend = True
        db.add(Report(reporter_id=admin.user_id, character_id=worst.id, complaint=Complaint.HATE))
    cast = AdminCharacters(database)
    for order in CharacterOrder:
        for descending in (True, False):
            rows = await walked(cast.page, caller=admin, order=order, descending=descending)
            expected = sorted(crowd.characters, key=lambda one: (getattr(one, order), one.id), reverse=descending)
            assert [row.id for row in rows] == [each.id for each in expected]

    async def found(**sought: Any) -> list[int]:
        page = await cast.page(admin, CharacterFilter(**sought), CharacterOrder.MADE, descending=False)
        assert page.count == len(page.rows)
        return [row.id for row in page.rows]

    first, second, *others = [each.id for each in crowd.characters]
    assert await found(state=CharacterState.BLOCKED) == await found(has_reports=True) == [first]
    assert await found(state=CharacterState.TO_MEND) == [second]
    assert await found(state=CharacterState.HIDDEN) == []
    assert await found(state=CharacterState.FREE) == others
    assert await found(words="тих") == [each.id for each in crowd.characters if each.name.startswith("Тихон")]
    author = crowd.characters[2].owner_id
    assert await found(author_id=author) == [each.id for each in crowd.characters if each.owner_id == author]


async def test_each_number_of_a_line_stands_under_its_own_name(database: Database) -> None:
    admin, _crowd = await an_admin(database), await gather(database, 4)
    await RollUp(database).people()
    counts = ("dialogs", "messages", "tokens", "cost", "reports")
    async with database.write() as db:
        for number, standing in enumerate(await db.exec(select(UserStats)), 1):
            for place, name in enumerate(counts):
                setattr(standing, name, 100 * number + place)
        for number, dialog in enumerate(await db.exec(select(Dialog)), 1):
            for place, name in enumerate(("messages", "tokens", "cost", "faults")):
                setattr(dialog, name, 100 * number + place)
    async with database.read() as db:
        standings = {each.user_id: each for each in await db.exec(select(UserStats))}
        dialogs = {each.id: each for each in await db.exec(select(Dialog))}
    for person in (await AdminUsers(database, TokenBudgets()).page(admin, limit=100)).rows:
        for name in ("registered_at", *counts):
            assert getattr(person, name) == getattr(standings[person.id], name), name
    for talk in (await AdminDialogs(database).page(admin, limit=100)).rows:
        for name in (
            *("user_id", "character_id", "started_at", "spoken_at"),
            *("messages", "tokens", "cost", "faults", "is_loaded"),
        ):
            assert getattr(talk, name) == getattr(dialogs[talk.id], name), name


async def test_a_cursor_that_is_none_is_refused_and_not_looked_for(database: Database) -> None:
    admin = await an_admin(database)
    talks = AdminDialogs(database)
    of_the_gallery = cursor_at(Cursor(datetime(2026, 1, 1, tzinfo=UTC), 1), "new")
    contents = (
        *("x", "[1]", "null", "[" * 100_000, '["", 0, "2026-01-01T00:00:00", 1]', '["", 0, {}, 1]'),
        *('["", 0, "2026-01-01T00:00:00Z", "1"]', '["", true, "2026-01-01T00:00:00Z", 1]', '["", 0, 1, 1]'),
        *('["", 0, "0001-01-01T00:00:00+14:00", 1]', '["", 0, "2026-01-01T00:00:00Z", 99999999999999999999]'),
    )
    for after in ("x", "\N{CYRILLIC SMALL LETTER YA}", "%00", of_the_gallery, *map(_cursor_with, contents)):
        with pytest.raises(Invalid):
            await talks.page(admin, after=after)
    for content in ('["", 0, 99999999999999999999, 1]', '["", 0, -1, 1]', '["", 0, true, 1]', '["", 0, 1.0, 1]'):
        with pytest.raises(Invalid):
            await talks.page(admin, order=DialogOrder.TOKENS, after=_cursor_with(content))
    assert not (await talks.page(admin, after=_cursor_with('["", 0, "2026-01-01T00:00:00Z", 1]'))).rows


def _cursor_with(content: str) -> str:
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


async def test_details_take_as_many_questions_for_a_busy_person_as_for_a_new_one(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 20)
    dossiers = AdminDetails(database, Bus())
    busy = max(crowd.people, key=lambda each: sum(said.user_id == each.id for said in crowd.said))
    numbers = set()
    for user_id in (busy.id, admin.user_id):
        with statements(database) as asked:
            await dossiers.person(admin, user_id, MOSCOW)
        numbers.add(len(asked))
    assert len(numbers) == 1
    assert numbers.pop() <= 10
    detail = await dossiers.person(admin, busy.id, MOSCOW)
    said = [each for each in crowd.said if each.user_id == busy.id]
    assert detail.spoken.messages == len(said)
    assert detail.spoken.tokens == sum(each.tokens for each in said)
    assert len(detail.days) == 30
    assert sum(day.cost for day in detail.days) == sum(each.cost for each in said)
    assert detail.days[-1].day == now().astimezone(MOSCOW).date()
    assert len(detail.talks.rows) == sum(each.user_id == busy.id for each in crowd.dialogs)
    character = await dossiers.character(admin, crowd.characters[0].id, MOSCOW)
    assert character.talkers == len(
        {each.user_id for each in crowd.dialogs if each.character_id == crowd.characters[0].id}
    )
    for nobody in (0, 10**12):
        with pytest.raises(NotFound):
            await dossiers.person(admin, nobody, MOSCOW)


@pytest.mark.parametrize("zone", [ZoneInfo("Pacific/Kiritimati"), MOSCOW, ZoneInfo("Pacific/Pago_Pago")], ids=str)
async def test_the_first_of_thirty_days_is_whole_wherever_the_reader_lives(
    database: Database, clock: Clock, zone: ZoneInfo
) -> None:
    admin, crowd = await an_admin(database), await gather(database, 3, said=0)
    clock.set(clock.time.replace(hour=12, minute=30))
    person = crowd.people[0].id
    first_day = clock.time.astimezone(zone).date() - timedelta(days=29)
    begins = datetime.combine(first_day, time(), zone)
    async with database.write() as db:
        for moment in (begins - timedelta(hours=1), begins, begins + timedelta(hours=23), clock.time):
            usage = Usage(hour=hour_of(moment), user_id=person, character_id=1, model="m")
            usage.replies, usage.tokens_in, usage.tokens_out = 1, 1, 0
            db.add(usage)
    days = (await AdminDetails(database, Bus()).person(admin, person, zone)).days
    assert (days[0].day, days[0].replies, days[-1].replies) == (first_day, 2, 1)
    assert sum(day.replies for day in days) == 3


async def test_only_who_said_something_is_counted_among_those_who_talked(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 3, said=0)
    character = crowd.characters[0].id
    async with database.write() as db:
        db.add(Dialog(user_id=crowd.people[0].id, character_id=character, messages=2))
        db.add(Dialog(user_id=crowd.people[0].id, character_id=character, messages=1))
        db.add(Dialog(user_id=crowd.people[1].id, character_id=character, messages=1, deleted_at=now()))
    assert (await AdminDetails(database, Bus()).character(admin, character, MOSCOW)).talkers == 1


async def test_a_report_that_was_rejected_is_held_against_nobody(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 3, said=0)
    upheld, rejected = crowd.people[:2]
    async with database.write() as db:
        for owner, character, state in zip(
            (upheld, rejected), crowd.characters, (ReportState.UPHELD, ReportState.REJECTED), strict=False
        ):
            (await db.get_one(Character, character.id)).owner_id = owner.id
            report = Report(reporter_id=admin.user_id, character_id=character.id, complaint=Complaint.SPAM)
            report.state, report.closed_at = state, now()
            db.add(report)
    await RollUp(database).people()
    found = await AdminUsers(database, TokenBudgets()).page(admin, UserFilter(has_reports=True))
    assert [(row.id, row.reports) for row in found.rows] == [(upheld.id, 1)]


async def test_none_of_it_is_for_anybody_but_admins(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 2)
    person = crowd.people[0]
    async with database.write() as db:
        session = LoginSession(user_id=person.id, token_hash="one", entered_at=now(), expires_at=now() + timedelta(1))
        db.add(session)
        await db.flush()
    bus = Bus()
    announcements = Announcements(database, bus)
    actions: list[Callable[[Caller], Any]] = [
        lambda caller: Overview(database).of(caller, Period(now() - timedelta(1), now()), MOSCOW),
        lambda caller: AdminUsers(database, TokenBudgets()).page(caller),
        lambda caller: AdminCharacters(database).page(caller),
        lambda caller: AdminDialogs(database).page(caller),
        lambda caller: AdminDetails(database, bus).person(caller, person.id, MOSCOW),
        lambda caller: AdminDetails(database, bus).character(caller, crowd.characters[0].id, MOSCOW),
        lambda caller: AdminDetails(database, bus).end_sessions(caller, crowd.people[1].id),
        lambda caller: Quotas(database, TokenBudgets(1)).of(caller, person.id),
        lambda caller: Quotas(database, TokenBudgets(1)).change(caller, person.id, 5),
        announcements.page,
        lambda caller: announcements.create(caller, AnnouncementFields(Level.INFO, "Привет")),
        lambda caller: announcements.change(caller, 1, AnnouncementFields(Level.INFO, "Привет")),
        lambda caller: announcements.end(caller, 1),
    ]
    for action in actions:
        for caller, refusal in ((Caller(session.id, person.id), NotAllowed), (NOBODY, SignedOut)):
            with pytest.raises(refusal):
                await action(caller)
        with suppress(NotFound):
            await action(admin)


async def test_an_admin_ends_somebodys_sessions_and_the_journal_tells(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 2)
    dossiers = AdminDetails(database, Bus())
    async with database.write() as db:
        for number in range(2):
            db.add(
                LoginSession(
                    user_id=crowd.people[0].id,
                    token_hash=str(number),
                    entered_at=now(),
                    expires_at=now() + timedelta(1),
                )
            )
    assert len((await dossiers.person(admin, crowd.people[0].id, MOSCOW)).sessions) == 2
    assert await dossiers.end_sessions(admin, crowd.people[0].id, "Чужой телефон") == 2
    assert (await dossiers.person(admin, crowd.people[0].id, MOSCOW)).sessions == []

"""Statistics: the overview's hourly sums equal those of a plain recount."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete
from sqlmodel import col, func, select

from domain.admin.dialogs import AdminDialogs, DialogFilter
from domain.admin.people import AdminUsers, UserFilter
from domain.clock import now
from domain.errors import Invalid
from domain.llm.port import Role
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import SYSTEM_EMAIL, User
from domain.statistics.daily_totals import Rank
from domain.statistics.hourly_totals import HourTotal
from domain.statistics.latency_histogram import add, histogram, percentile
from domain.statistics.overview import Overview
from domain.statistics.period_stats import Period, PeriodStats, figures_of
from domain.statistics.person_stats import UserStats
from domain.statistics.roll_up import RollUp
from domain.usage.budget import TokenBudgets
from domain.usage.usage import hour_begins, hour_of
from storage.database import Database
from tests.clock import Clock
from tests.domain.admin.crowd import Crowd, Said, an_admin, gather

ZONES = [ZoneInfo(name) for name in ("Europe/Moscow", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu")]
"""Berlin changes its clocks within the months before and after; the last two are off by parts of an hour."""


def within(crowd: Crowd, hours: range) -> list[Said]:
    return [each for each in crowd.said if hour_of(each.at) in hours]


def check_sums(figures: PeriodStats, crowd: Crowd, period: Period) -> None:
    for hours, shown in ((period.hours, "value"), (period.hours_before, "before")):
        said = within(crowd, hours)
        assert getattr(figures.messages, shown) == len(said)
        assert getattr(figures.replies, shown) == len(said)
        assert getattr(figures.active, shown) == len({each.user_id for each in said})
        assert getattr(figures.tokens, shown) == sum(each.tokens for each in said)
        assert getattr(figures.cost, shown) == sum(each.cost for each in said)
        assert getattr(figures.failed, shown) == sum(each.state == State.FAILED for each in said)
        assert getattr(figures.filtered, shown) == sum(each.state == State.FILTERED for each in said)
        assert getattr(figures.new_people, shown) == sum(hour_of(each.created_at) in hours for each in crowd.people)
        assert getattr(figures.new_dialogs, shown) == sum(hour_of(each.started_at) in hours for each in crowd.dialogs)
        waits = sorted(each.first_text_ms for each in said)
        assert getattr(figures.first_text_p50, shown) == pytest.approx(waits[(len(waits) + 1) // 2 - 1], rel=0.05)


def check_charts(figures: PeriodStats, crowd: Crowd, period: Period, zone: ZoneInfo) -> None:
    """Check the charts. Days are the reader's; an hour of theirs without a row of its own in the sums is the hour in
    which it begins.
    """
    hours = {
        hour_of(each.at): each.at.replace(minute=0, second=0, microsecond=0).astimezone(zone) for each in crowd.said
    }
    said = within(crowd, period.hours)
    days = Counter(hours[hour_of(each.at)].date() for each in said)
    assert {point.begins.date(): point.messages for point in figures.series if point.messages} == days
    people = {day: len({each.user_id for each in said if hours[hour_of(each.at)].date() == day}) for day in days}
    assert {point.begins.date(): point.people for point in figures.series if point.people} == people
    dates = [point.begins.date() for point in figures.series]
    assert dates == [dates[0] + timedelta(days=number) for number in range(len(dates))], "a day is missing"
    heat = Counter((hours[hour_of(each.at)].weekday(), hours[hour_of(each.at)].hour) for each in said)
    assert {
        (day, hour): count for day, row in enumerate(figures.heat) for hour, count in enumerate(row) if count
    } == heat


@pytest.mark.slow
async def test_the_numbers_are_those_of_a_plain_recount_in_every_time_zone(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 70)
    await RollUp(database).hours()
    overview = Overview(database)
    for zone in ZONES:
        period = Period(now() - timedelta(days=35), now())
        figures = await overview.of(admin, period, zone)
        check_sums(figures, crowd, period)
        check_charts(figures, crowd, period, zone)
        tokens = Counter[str]()
        for each in within(crowd, period.hours):
            tokens[each.model] += each.tokens
        assert {each.model: each.tokens_in + each.tokens_out for each in figures.models} == tokens


async def test_hours_that_are_not_summed_up_yet_are_counted_from_the_rows(database: Database) -> None:
    admin, crowd = await an_admin(database), await gather(database, 0)  # all of it an hour ago
    period = Period(now() - timedelta(hours=2), now())
    figures = await Overview(database).of(admin, period, ZONES[0])
    assert figures.by_hour
    assert figures.messages.value == len(crowd.said)
    assert figures.tokens.value == sum(each.tokens for each in crowd.said)
    assert figures.models


async def test_a_loaded_talk_is_in_no_sum_and_gives_no_hour_of_long_ago(database: Database) -> None:
    admin, crowd = await an_admin(database, for_days=1), await gather(database, 0)
    await _load_a_talk(database, now() - timedelta(hours=1), datetime(1970, 1, 1, tzinfo=UTC))
    await RollUp(database).hours()
    async with database.read() as db:
        assert (await db.exec(select(func.min(HourTotal.hour)))).one() > hour_of(now() - timedelta(days=365))
    period = Period(now() - timedelta(hours=2), now())
    figures = await Overview(database).of(admin, period, ZONES[0])
    assert figures.messages.value == len(crowd.said)
    assert (await Overview(database).counts(admin)).messages == await _said_here(database)


async def _load_a_talk(database: Database, *moments: datetime) -> None:
    """Add a talk of the author with the first character, loaded from a file by which it was at these moments."""
    async with database.write() as db:
        character = (await db.exec(select(Character).limit(1))).one()
        dialog = Dialog(user_id=character.owner_id, character_id=character.id, started_at=moments[0], is_loaded=True)
        db.add(dialog)
        await db.flush()
        for role in (Role.USER, Role.ASSISTANT):
            db.add_all(Message(dialog_id=dialog.id, role=role, created_at=at, is_loaded=True) for at in moments)


async def _said_here(database: Database) -> int:
    async with database.read() as db:
        return (await db.exec(select(func.count()).select_from(Message).where(col(Message.is_loaded).is_(False)))).one()


async def test_the_first_ten_are_the_first_ten_at_both_ends_of_any_period(database: Database) -> None:
    admin, crowd = await an_admin(database, for_days=10), await gather(database, 9, people=14)
    await RollUp(database).hours()
    overview = Overview(database)
    for (begins, ends), rank in product(((9, 0), (8.4, 1.3), (5.1, 4.9), (0.6, 0)), Rank):
        period = Period(now() - timedelta(days=begins), now() - timedelta(days=ends))
        figures = await overview.of(admin, period, ZONES[0], rank)
        for top, name in ((figures.top_people, "user_id"), (figures.top_characters, "character_id")):
            sums = Counter[int]()
            for each in within(crowd, period.hours):
                weight = {Rank.REPLIES: 1, Rank.TOKENS: each.tokens, Rank.COST: each.cost}[rank]
                sums[getattr(each, name)] += weight
            first = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
            assert [(each.id, getattr(each, rank)) for each in top] == first


async def test_what_is_summed_up_stays_when_somebody_leaves(database: Database, clock: Clock) -> None:
    clock.set(clock.time.replace(minute=30))  # an hour that has just ended is not rolled up yet
    admin, crowd = await an_admin(database, for_days=7), await gather(database, 5)
    summing = RollUp(database)
    await summing.hours()
    await summing.hours()  # and nothing is counted twice
    async with database.write() as db:
        await db.exec(delete(User).where(User.id == crowd.people[0].id))  # type: ignore[arg-type]
    figures = await Overview(database).of(admin, Period(now() - timedelta(days=6), now()), ZONES[0])
    assert figures.messages.value == len(crowd.said)


async def test_new_users_are_those_whom_their_list_shows(database: Database) -> None:
    """Not the account that owns the starter characters, nor a trial, nor whoever has left since the roll-up."""
    admin, crowd = await an_admin(database), await gather(database, 2)
    async with database.write() as db:
        db.add(User(display_name="Beseda", email=SYSTEM_EMAIL, email_key=SYSTEM_EMAIL))
        db.add(User(display_name="Гость", is_trial=True))
    summing = RollUp(database)
    await summing.hours()
    await summing.people()
    async with database.write() as db:
        left = await db.get_one(User, crowd.people[0].id)
        left.deleted_at = now()
        await db.exec(delete(UserStats).where(col(UserStats.user_id) == left.id))
    people = {each.id for each in crowd.people[1:]}
    period, overview = Period(now() - timedelta(days=3), now()), Overview(database)
    listed = await AdminUsers(database, TokenBudgets()).page(admin, UserFilter(registered_since=period.since))
    assert {each.id for each in listed.rows} == people
    assert (await overview.of(admin, period, ZONES[0])).new_people.value == len(people)
    assert (await overview.counts(admin)).users == len(people) + 1, "and the admin"
    assert {each.id for each in await overview.users(admin, 100)} == people | {admin.user_id}


async def test_new_conversations_are_those_that_their_list_shows(database: Database) -> None:
    """Not a trial, nor one from a file, nor one that was deleted since the roll-up."""
    admin, crowd = await an_admin(database), await gather(database, 2)
    await _load_a_talk(database, now() - timedelta(hours=2))
    async with database.write() as db:
        guest = User(display_name="Гость", is_trial=True)
        db.add(guest)
        await db.flush()
        db.add(Dialog(user_id=guest.id, character_id=crowd.characters[0].id, started_at=now() - timedelta(hours=2)))
    await RollUp(database).hours()
    async with database.write() as db:
        (await db.get_one(Dialog, crowd.dialogs[0].id)).deleted_at = now()
    period = Period(now() - timedelta(days=3), now())
    shown = DialogFilter(started_since=period.since, is_trial=False, is_loaded=False)
    listed = await AdminDialogs(database).page(admin, shown, limit=100)
    assert {each.id for each in listed.rows} == {each.id for each in crowd.dialogs[1:]}
    assert (await Overview(database).of(admin, period, ZONES[0])).new_dialogs.value == len(listed.rows)


def test_a_percentile_of_many_hours_is_near_the_true_one() -> None:
    chance = Random(1)
    waits = [int(chance.lognormvariate(7, 1)) for _ in range(5000)]
    counts: Counter[int] = Counter()
    for start in range(0, 5000, 250):
        add(counts, histogram(waits[start : start + 250]))
    for share in (0.5, 0.95, 1):
        assert percentile(counts, share) == pytest.approx(sorted(waits)[int(share * 5000) - 1], rel=0.05)
    assert percentile(Counter(), 0.5) is None


def test_a_period_has_a_beginning_before_its_end_and_is_no_longer_than_a_year() -> None:
    moment = now()
    for since, until in ((0, 0), (0, 1), (400, 0)):
        with pytest.raises(Invalid):
            Period(moment - timedelta(days=since), moment - timedelta(days=until))


def test_a_period_is_its_whole_hours_and_the_one_before_it_as_many() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    period = Period(noon, noon + timedelta(hours=2))
    assert [hour_begins(each) for each in period.hours] == [noon, noon + timedelta(hours=1)]
    assert [hour_begins(each) for each in period.hours_before] == [noon - timedelta(hours=2), noon - timedelta(hours=1)]
    assert len(Period(noon + timedelta(minutes=59), noon + timedelta(hours=1, microseconds=1)).hours) == 2


@pytest.mark.parametrize(("more", "by_hour"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_up_to_three_days_are_drawn_by_the_hour_and_longer_ones_by_the_day(more: timedelta, by_hour: bool) -> None:
    begins = datetime(2026, 3, 1, tzinfo=UTC)
    period = Period(begins, begins + timedelta(days=3) + more)
    figures = figures_of(
        period, [], [], UTC, people_now=0, new_people=(0, 0), new_dialogs=(0, 0), top_characters=[], top_people=[]
    )
    assert (figures.by_hour, len(figures.series)) == ((True, 72) if by_hour else (False, 4))

"""Re-registration: measures and daily limits when somebody deletes their account and comes back; on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, col, func, select, update

from domain.accounts.accounts import Accounts
from domain.accounts.identities import ExternalIdentity, Identities
from domain.accounts.profile import ProfileEditing
from domain.accounts.providers import GITHUB
from domain.accounts.providers import ProviderProfile as Told
from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.erasure import AccountErasure
from domain.errors import AppError, RateLimited
from domain.limit_counts import InDatabase
from domain.model.audit_entry import AuditEntry
from domain.model.user import User
from domain.moderation.appeals import Appeals
from domain.moderation.ban_evasion import BanEvasion
from domain.moderation.enforcement import Decision
from domain.moderation.measure import Measure, MeasureKind
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.measures import Measures, MyMeasure
from domain.moderation.reports import Complaint
from domain.moderation.retained_measure import RetainedKey, RetainedMeasure, RetainedUsage
from domain.rate_limits import MESSAGES_A_DAY, InMemory, RateLimiter
from domain.usage.budget import TokenBudgets, tomorrow
from domain.usage.usage import add_counts, hour_of
from storage.bus import Bus
from storage.database import Database
from tests.clock import Clock
from tests.conftest import UNLIMITED
from tests.domain.conftest import PASSWORD, Mailbox, People, filled

AT_GITHUB = Told("583231", "ira")


class Admins:
    """One admin, and what they can do."""

    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter, caller: Caller) -> None:
        notifier = MeasureNotifier(bus, Mailbox(), address="https://beseda.test")
        self._database = database
        self.caller = caller
        self.measures = Measures(database, bus, reply_writer, notifier)
        self.appeals = Appeals(database, bus, reply_writer, notifier)

    async def take(self, person: Caller, kind: MeasureKind, **more: Any) -> Measure:
        decision = Decision(kind, Complaint.HATE, **{"words": "Ира, так нельзя."} | more)
        return await self.measures.impose_on_user(self.caller, person.user_id, decision)

    async def actions(self) -> list[str]:
        async with self._database.read() as db:
            return list(await db.exec(select(AuditEntry.action).order_by(col(AuditEntry.id))))

    async def mine(self, person: Caller) -> list[MyMeasure]:
        return await self.measures.in_force_on_caller(person)


@pytest.fixture
async def admins(database: Database, bus: Bus, reply_writer: ReplyWriter, people: People) -> Admins:
    admin = await people.come("admin")
    await Accounts(database, Bus()).set_admin("admin@example.org", is_admin=True)
    return Admins(database, bus, reply_writer, admin)


@pytest.fixture
def store() -> InMemory:
    return InMemory()


@pytest.fixture
def limits(store: InMemory) -> RateLimiter:
    return RateLimiter(store, UNLIMITED)


@pytest.fixture
def identities(database: Database, ban_evasion: BanEvasion) -> Identities:
    return Identities(database, ban_evasion, (GITHUB,))


async def row_of(database: Database, person: Caller) -> User:
    async with database.read() as db:
        return await db.get_one(User, person.user_id)


async def count(database: Database, kind: type[SQLModel]) -> int:
    async with database.read() as db:
        return (await db.exec(select(func.count()).select_from(kind))).one()


@pytest.mark.parametrize("kind", [MeasureKind.BLOCKED, MeasureKind.READ_ONLY, MeasureKind.HIDDEN])
async def test_a_measure_outlives_the_account_for_its_term(
    admins: Admins, leaving: AccountErasure, people: People, database: Database, ira: Caller, kind: MeasureKind
) -> None:
    until = now() + timedelta(days=7)
    first = await admins.take(ira, kind, until=until)
    await admins.take(ira, MeasureKind.WARNING)
    await leaving.delete(ira, PASSWORD, keep_public=True)
    again = await people.come("ira")
    marks = await row_of(database, again)
    assert (marks.is_blocked, marks.is_read_only, marks.is_hidden) == tuple(
        kind == each for each in (MeasureKind.BLOCKED, MeasureKind.READ_ONLY, MeasureKind.HIDDEN)
    )
    (measure,) = await admins.mine(again)
    assert (measure.kind, measure.reason, measure.until) == (kind, Complaint.HATE, first.until)
    assert (measure.taken_at, measure.may_appeal) == (first.taken_at, True)
    assert measure.words == "Это решение касалось аккаунта, который вы удалили; оно действует и здесь."
    (seen,) = await admins.measures.of_person(admins.caller, again.user_id)
    assert (seen.measure.former_id, seen.taken_by) == (ira.user_id, "admin")
    assert (await admins.actions())[-2:] == ["user.left_under_measure", "user.came_back"]


async def test_it_follows_an_identity_as_well_as_an_address_and_as_often_as_it_takes(
    admins: Admins, leaving: AccountErasure, people: People, identities: Identities, database: Database, ira: Caller
) -> None:
    await identities.link(ira, GITHUB, AT_GITHUB)
    await admins.take(ira, MeasureKind.BLOCKED)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    by_github = await people.enter((await identities.log_in(GITHUB, AT_GITHUB, language="ru")).ticket)
    by_letter = await people.come("ira")
    for person in (by_github, by_letter):
        assert (await row_of(database, person)).is_blocked
    await leaving.delete(by_letter, PASSWORD, keep_public=False)
    assert (await row_of(database, await people.come("ira"))).is_blocked
    assert await count(database, RetainedMeasure) == 1
    assert not (await row_of(database, await people.come("boris"))).is_blocked


async def test_nothing_is_kept_but_fingerprints_and_they_go_with_the_term(
    admins: Admins, leaving: AccountErasure, people: People, database: Database, ban_evasion: BanEvasion, limits:
    RateLimiter, ira: Caller
) -> None:  # fmt: skip
    await admins.take(ira, MeasureKind.BLOCKED, until=now() + timedelta(days=7))
    await leaving.delete(ira, PASSWORD, keep_public=False)
    async with database.read() as db:
        kept = [*await db.exec(select(RetainedKey.fingerprint)), *await db.exec(select(RetainedUsage.fingerprint))]
    assert {len(each) for each in kept} == {64}
    another = BanEvasion(database, limits, secret="another secret")
    assert set(kept) == {ban_evasion.of_address("IRA@example.org")} != {another.of_address("ira@example.org")}
    await ban_evasion.sweep()
    assert await count(database, RetainedKey) == 1
    async with database.write() as db:
        await db.exec(update(RetainedMeasure).values(until=now()))
        await db.exec(update(RetainedUsage).values(expires_at=now()))
    assert not (await row_of(database, await people.come("ira"))).is_blocked
    await ban_evasion.sweep()
    assert [await count(database, kind) for kind in (RetainedMeasure, RetainedKey, RetainedUsage)] == [0, 0, 0]


async def test_a_warning_was_read_and_comes_back_with_nobody(
    admins: Admins, leaving: AccountErasure, people: People, database: Database, ira: Caller
) -> None:
    await admins.take(ira, MeasureKind.WARNING)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    assert await count(database, RetainedMeasure) == 0
    assert await admins.mine(await people.come("ira")) == []
    assert "user.left_under_measure" not in await admins.actions()


async def test_what_is_lifted_from_the_new_account_is_lifted_for_good(
    admins: Admins, leaving: AccountErasure, people: People, database: Database, ira: Caller
) -> None:
    await admins.take(ira, MeasureKind.BLOCKED)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    again = await people.come("ira")
    (measure,) = await admins.mine(again)
    appeal = await admins.appeals.create(again, measure.measure_id, "Меня взломали.")
    await admins.appeals.answer(admins.caller, appeal.id, granted=True)
    assert not (await row_of(database, again)).is_blocked
    await leaving.delete(again, PASSWORD, keep_public=False)
    assert not (await row_of(database, await people.come("ira"))).is_blocked


async def test_a_new_measure_in_its_place_is_what_outlives_the_next_account(
    admins: Admins, leaving: AccountErasure, people: People, database: Database, ira: Caller
) -> None:
    await admins.take(ira, MeasureKind.BLOCKED)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    again = await people.come("ira")
    shorter = await admins.take(again, MeasureKind.BLOCKED, until=now() + timedelta(days=2))
    await leaving.delete(again, PASSWORD, keep_public=False)
    (measure,) = await admins.mine(await people.come("ira"))
    assert measure.until == shorter.until
    assert await count(database, RetainedMeasure) == 1


async def test_a_given_up_address_or_identity_is_no_way_round(
    admins: Admins, leaving: AccountErasure, profile: ProfileEditing, identities: Identities, people: People, mailbox:
    Mailbox, database: Database, ira: Caller
) -> None:  # fmt: skip
    await identities.link(ira, GITHUB, AT_GITHUB)
    await admins.take(ira, MeasureKind.HIDDEN)
    await identities.unlink(ira, GITHUB)
    await profile.ask_new_email(ira, PASSWORD, "new@example.org")
    await profile.confirm_email(mailbox.token())
    for person in (
        await people.come("ira"),
        await people.enter((await identities.log_in(GITHUB, AT_GITHUB, language="ru")).ticket),
    ):
        assert (await row_of(database, person)).is_hidden
    (measure,) = await admins.mine(ira)
    await admins.measures.lift(admins.caller, measure.measure_id)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    assert not (await row_of(database, await people.come("new"))).is_hidden


@pytest.mark.parametrize("way", ["address", "identity"])
async def test_an_account_that_gets_the_address_or_the_identity_later_gets_the_measure_too(
    admins: Admins, leaving: AccountErasure, profile: ProfileEditing, identities: Identities, mailbox: Mailbox,
    database: Database, ira: Caller, boris: Caller, way: str
) -> None:  # fmt: skip
    await identities.link(ira, GITHUB, AT_GITHUB)
    await admins.take(ira, MeasureKind.READ_ONLY, until=now() + timedelta(days=7))
    short = await admins.take(boris, MeasureKind.READ_ONLY, until=now() + timedelta(days=1))
    await leaving.delete(ira, PASSWORD, keep_public=False)
    if way == "address":
        await profile.ask_new_email(boris, PASSWORD, "ira@example.org")
        await profile.confirm_email(mailbox.token())
    else:
        await identities.link(boris, GITHUB, AT_GITHUB)
    (measure,) = await admins.mine(boris)
    assert measure.until > short.until, "of two of a kind the longer one"  # type: ignore[operator]
    assert (await row_of(database, boris)).read_only_until == measure.until


async def test_the_only_admin_is_not_locked_out(
    admins: Admins, leaving: AccountErasure, profile: ProfileEditing, mailbox: Mailbox, database: Database, ira: Caller
) -> None:
    await admins.take(ira, MeasureKind.BLOCKED)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    await profile.ask_new_email(admins.caller, PASSWORD, "ira@example.org")
    await profile.confirm_email(mailbox.token())
    assert not (await row_of(database, admins.caller)).is_blocked


async def test_the_days_tokens_stay_used_up(
    leaving: AccountErasure, people: People, characters: Characters, database: Database, clock: Clock, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    used = {"hour": hour_of(now()), "user_id": ira.user_id, "character_id": marina.id, "model": "m", "replies": 3}
    counts = {"tokens_in": 600, "tokens_out": 300, "cost": 0, "failed": 0, "filtered": 0}
    async with database.write() as db:
        await add_counts(db, [used | counts])
    again = ira
    for _ in range(2):
        await leaving.delete(again, PASSWORD, keep_public=False)
        again = await people.come("ira")
    async with database.read() as db:
        budget = await TokenBudgets(1000).today(db, await db.get_one(User, again.user_id))
    assert budget
    assert (budget.tokens, budget.used) == (1000, 900)
    clock.set(tomorrow())
    async with database.read() as db:
        budget = await TokenBudgets(1000).today(db, await db.get_one(User, again.user_id))
    assert budget
    assert budget.used == 0, "tomorrow is another day"


@pytest.mark.parametrize("where", ["memory", "database"])
async def test_the_days_counts_go_on(database: Database, where: str) -> None:
    limits = RateLimiter(InMemory() if where == "memory" else InDatabase(database), {MESSAGES_A_DAY.name: 3})
    for _ in range(3):
        await limits.take(MESSAGES_A_DAY, 1)
    for _ in range(2):  # a link opened twice
        await limits.transfer(1, 2)
    await limits.refund(MESSAGES_A_DAY, 2)
    await limits.take(MESSAGES_A_DAY, 2)
    with pytest.raises(RateLimited):
        await limits.take(MESSAGES_A_DAY, 2)
    await limits.take(MESSAGES_A_DAY, 3)


async def test_whoever_comes_back_goes_on_where_they_stopped(
    leaving: AccountErasure, people: People, store: InMemory, ira: Caller
) -> None:
    limits = RateLimiter(store)
    for _ in range(MESSAGES_A_DAY.times):
        await limits.take(MESSAGES_A_DAY, ira.user_id)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    again = await people.come("ira")
    with pytest.raises(RateLimited):
        await limits.take(MESSAGES_A_DAY, again.user_id)


async def test_who_comes_back_at_the_very_moment_of_leaving_is_not_free(
    admins: Admins, leaving: AccountErasure, identities: Identities, database: Database, ira: Caller
) -> None:
    await identities.link(ira, GITHUB, AT_GITHUB)
    await admins.take(ira, MeasureKind.BLOCKED)
    arrivals = [identities.log_in(GITHUB, AT_GITHUB, language="ru") for _ in range(6)]
    ends = await asyncio.gather(
        *arrivals[:3], leaving.delete(ira, PASSWORD, keep_public=False), *arrivals[3:], return_exceptions=True
    )
    assert not [end for end in ends if isinstance(end, BaseException) and not isinstance(end, AppError)]
    await identities.log_in(GITHUB, AT_GITHUB, language="ru")
    async with database.read() as db:
        whose = select(User).join(ExternalIdentity, col(ExternalIdentity.user_id) == col(User.id))
        assert [(each.is_blocked, each.id == ira.user_id) for each in await db.exec(whose)] == [(True, False)]

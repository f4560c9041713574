"""Active sessions: where people are logged in, and logging devices out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.sessions import IDLE_LIMIT, Caller, LoginMethod, LoginSession, authenticate
from domain.accounts.sessions_list import SessionEnded, SessionList, device_name
from domain.clock import now
from domain.errors import SignedOut
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database, DatabaseUnavailable
from tests.clock import Clock
from tests.domain.conftest import PASSWORD, People

IRA = "ira@example.org"


async def is_open(database: Database, caller: Caller) -> bool:
    async with database.read() as db:
        try:
            await authenticate(db, caller)
        except SignedOut:
            return False
    return True


def heard_by(bus: Bus, *callers: Caller) -> list[SessionEnded]:
    """Events that the open pages of these sessions receive."""
    heard: list[SessionEnded] = []
    for caller in callers:
        bus.subscribe(SessionEnded, caller.session_id, heard.append)
    return heard


CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36", "Chrome, Linux"),
        (f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {CHROME} Mobile Safari/537.36", "Chrome, Android"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} YaBrowser/25.10.0.0 Safari/537.36", "Yandex Browser, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Safari/537.36 Edg/142.0.0.0", "Edge, Windows"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {SAFARI} Mobile Safari/604.1", "Safari, iPhone"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Safari/605.1.15", "Safari, macOS"),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32.3", "python-requests"),
        ("Mozilla/5.0 (PlayStation 5)", ""),
        ("<script>alert(1)</script>", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)
def test_devices_are_called_what_people_call_them(said: str, shown: str) -> None:
    assert device_name(said) == shown


async def test_people_see_where_they_are_logged_in_this_device_first(
    log_in: LogIn, devices: SessionList, people: People, clock: Clock
) -> None:
    await people.come("boris")
    phone = await people.come("ira")
    clock.advance(timedelta(hours=1))
    laptop = await people.enter(await log_in.by_password(IRA, PASSWORD, "Firefox, Windows"))
    await log_in.by_password(IRA, PASSWORD)  # a ticket that nobody has redeemed is no device yet
    mine = await devices.list_own(phone)
    assert [(each.session_id, each.is_this) for each in mine] == [
        (phone.session_id, True),
        (laptop.session_id, False),
    ]
    assert (mine[1].name, mine[1].method) == ("Firefox, Windows", LoginMethod.PASSWORD)
    assert mine[0].seen_at < mine[1].seen_at


async def test_a_device_whose_session_is_over_is_none(
    log_in: LogIn, devices: SessionList, people: People, clock: Clock
) -> None:
    old = await people.come("ira")
    clock.advance(IDLE_LIMIT - timedelta(seconds=1))
    new = await people.enter(await log_in.by_password(IRA, PASSWORD))
    assert {each.session_id for each in await devices.list_own(new)} == {old.session_id, new.session_id}
    clock.advance(timedelta(seconds=1))
    assert {each.session_id for each in await devices.list_own(new)} == {new.session_id}


async def test_one_device_is_logged_out_from_another(
    log_in: LogIn, devices: SessionList, people: People, database: Database, bus: Bus
) -> None:
    phone = await people.come("ira")
    laptop = await people.enter(await log_in.by_password(IRA, PASSWORD))
    heard = heard_by(bus, phone, laptop)
    await devices.end(phone, laptop.session_id)
    await asyncio.sleep(0)
    assert heard == [SessionEnded(laptop.session_id)]
    assert not await is_open(database, laptop)
    assert [each.session_id for each in await devices.list_own(phone)] == [phone.session_id]
    await devices.end(phone, laptop.session_id)  # a second click: raises nothing
    with pytest.raises(SignedOut):
        await devices.end_others(laptop)


async def test_nobody_ends_the_sessions_of_others(
    devices: SessionList, ira: Caller, boris: Caller, database: Database, bus: Bus
) -> None:
    heard = heard_by(bus, boris)
    await devices.end(ira, boris.session_id)
    await devices.end_others(ira)
    await asyncio.sleep(0)
    assert heard == []
    assert await is_open(database, boris)


async def test_all_others_are_logged_out_at_once(
    log_in: LogIn, accounts: Accounts, devices: SessionList, people: People, database: Database, bus: Bus
) -> None:
    phone = await people.come("ira")
    others = [await people.enter(await log_in.by_password(IRA, PASSWORD)) for _ in range(3)]
    waiting = await log_in.by_password(IRA, PASSWORD)
    heard = heard_by(bus, phone, *others)
    await devices.end_others(phone)
    await asyncio.sleep(0)
    assert {fact.about for fact in heard} == {other.session_id for other in others}
    assert await is_open(database, phone)
    assert not any([await is_open(database, other) for other in others])
    with pytest.raises(Exception, match="took too long"):  # nor is a ticket left to log in with after all
        await accounts.activate_session(waiting)


async def test_a_session_that_nobody_uses_ends_after_two_weeks(
    devices: SessionList, people: People, database: Database, clock: Clock
) -> None:
    phone = await people.come("ira")
    clock.advance(timedelta(days=13, hours=23))
    assert await is_open(database, phone)
    clock.advance(timedelta(hours=1))
    assert not await is_open(database, phone)
    with pytest.raises(SignedOut):
        await devices.list_own(phone)


async def test_looking_around_keeps_a_session_alive_but_not_beyond_its_month(
    log_in: LogIn, accounts: Accounts, devices: SessionList, people: People, clock: Clock
) -> None:
    await people.come("ira")
    token = await accounts.activate_session(await log_in.by_password(IRA, PASSWORD))
    clock.advance(timedelta(days=13))
    assert await devices.authenticate(token)
    await devices.use.write()
    clock.advance(timedelta(days=13))
    assert await devices.authenticate(token)
    await devices.use.write()
    clock.advance(timedelta(days=4) - timedelta(seconds=1))
    assert await devices.authenticate(token)
    clock.advance(timedelta(seconds=1))
    assert await devices.authenticate(token) is None


async def test_looking_around_is_written_down_every_five_minutes_only(
    devices: SessionList, ira: Caller, database: Database, clock: Clock
) -> None:
    async def seen() -> str:
        async with database.read() as db:
            return str((await db.get_one(LoginSession, ira.session_id)).seen_at)

    clock.advance(timedelta(minutes=4))
    before = await seen()
    await devices.check(ira)
    await devices.use.write()
    assert await seen() == before
    clock.advance(timedelta(minutes=2))
    await devices.check(ira)
    await devices.use.write()
    assert await seen() > before


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_looking_around_waits_for_nobody_who_writes_and_is_written_down_later(
    ira: Caller, database: Database, database_url: str, bus: Bus, clock: Clock
) -> None:
    clock.advance(timedelta(minutes=6))
    impatient = Database(database_url, wait=0.1)
    devices = SessionList(impatient, bus)
    async with database.write() as db:  # another process, such as one that fills the database, locks the file for long
        before = (await db.get_one(LoginSession, ira.session_id)).seen_at
        assert (await devices.check(ira)).id == ira.user_id
        with pytest.raises(DatabaseUnavailable):
            await devices.use.write()
    await devices.use.close()
    async with database.read() as db:
        assert (await db.get_one(LoginSession, ira.session_id)).seen_at > before
    await impatient.close()


async def test_a_deleted_person_is_nobody(devices: SessionList, ira: Caller, database: Database) -> None:
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).deleted_at = now()
    with pytest.raises(SignedOut):
        await devices.check(ira)

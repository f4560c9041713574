"""Log-in and sessions: by e-mail or username and password; tickets; log-out, expiry and blocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlmodel import select

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.sessions import Caller, LoginSession, authenticate
from domain.accounts.sessions_list import SessionEnded, SessionList
from domain.accounts.sign_up import SignUp
from domain.clock import now
from domain.errors import Blocked, Invalid, NotFound, SignedOut
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import PASSWORD, People


@asynccontextmanager
async def changed(database: Database, caller: Caller) -> AsyncIterator[User]:
    """The person's row, to be changed as by an admin's action."""
    async with database.write() as db:
        yield await db.get_one(User, caller.user_id)


async def let_sessions_age(database: Database, passed: timedelta) -> None:
    async with database.write() as db:
        for session in await db.exec(select(LoginSession)):
            session.expires_at -= passed


async def whoever_asks(database: Database, caller: Caller | None) -> User:
    async with database.read() as db:
        return await authenticate(db, caller)


async def test_people_log_in_by_address_and_by_username_in_any_case(log_in: LogIn, people: People) -> None:
    caller = await people.come("ira", username="Keeper")
    for login in ("ira@example.org", "IRA@example.ORG", " ira@example.org ", "keeper", "KeePer"):
        again = await people.enter(await log_in.by_password(login, PASSWORD))
        assert again.user_id == caller.user_id
        assert again.session_id != caller.session_id


WRONG_PAIRS = [
    ("\u212aeeper", PASSWORD),  # the Kelvin sign
    ("ke\u017f", PASSWORD),  # the long s
    ("ira@example.org", PASSWORD.upper()),
    ("ira@example.org", PASSWORD + " "),
    ("ira@example.org", ""),
    ("ira@example.org", "x" * 100_000),
    ("ira@example.org", "\udcff\0"),
    ("nobody@example.org", PASSWORD),
    ("nobody@example.org", "nobody has this password"),
    ("", PASSWORD),
    ("ira' OR 1=1 --", PASSWORD),
]


async def test_every_wrong_pair_gets_the_same_sentence(log_in: LogIn, people: People) -> None:
    await people.come("ira", username="keeper")
    await people.come("boris", username="kes")
    for login, password in WRONG_PAIRS:
        with pytest.raises(Invalid) as refused:
            await log_in.by_password(login, password)
        assert str(refused.value) == "Wrong email, username or password."
        assert refused.value.field == "password"


@pytest.mark.usefixtures("real_hashes")
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_time_of_an_answer_does_not_tell_who_has_an_account(
    log_in: LogIn, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it goes into checking a hash, equally expensive whether or not there is an account."""
    await people.come("ira", username="ira")
    checked: list[Parameters] = []
    verify = PasswordHasher.verify

    def noted(hasher: PasswordHasher, password_hash: str, password: bytes) -> bool:
        checked.append(extract_parameters(password_hash))
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    for login in ("ira@example.org", "ira", "nobody@example.org", "nobody"):
        with pytest.raises(Invalid):
            await log_in.by_password(login, "not her password")
    assert len(checked) == 4
    assert checked == [checked[0]] * 4


@pytest.mark.parametrize("login", ["ira\0", "\udcff", "ira\udcff@example.org"])
async def test_a_name_no_database_can_hold_is_simply_wrong(sign_up: SignUp, log_in: LogIn, login: str) -> None:
    with pytest.raises(Invalid):
        await log_in.by_password(login, PASSWORD)
    with pytest.raises(Invalid):
        await sign_up.open_by_code(login, "123456")


async def test_a_ticket_is_good_once_also_when_handed_in_twice_at_once(
    accounts: Accounts, log_in: LogIn, devices: SessionList, people: People
) -> None:
    await people.come("ira")
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    answers = await asyncio.gather(*(accounts.activate_session(ticket) for _ in range(4)), return_exceptions=True)
    tokens = [answer for answer in answers if isinstance(answer, str)]
    assert len(tokens) == 1
    assert sum(isinstance(answer, NotFound) for answer in answers) == 3
    assert await devices.authenticate(tokens[0])
    with pytest.raises(NotFound):
        await accounts.activate_session(ticket)


async def test_a_ticket_is_good_for_a_minute(
    accounts: Accounts, log_in: LogIn, database: Database, people: People
) -> None:
    await people.come("ira")
    early, late = [await log_in.by_password("ira@example.org", PASSWORD) for _ in range(2)]
    await let_sessions_age(database, timedelta(seconds=50))
    assert await accounts.activate_session(early)
    await let_sessions_age(database, timedelta(seconds=10))
    with pytest.raises(NotFound):
        await accounts.activate_session(late)


async def test_a_ticket_alone_opens_nothing(
    log_in: LogIn, devices: SessionList, database: Database, people: People
) -> None:
    caller = await people.come("ira")
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    assert await devices.authenticate(ticket) is None
    async with database.read() as db:
        waiting = (await db.exec(select(LoginSession.id).where(LoginSession.entered_at == None))).one()  # noqa: E711 - SQL
    with pytest.raises(SignedOut):
        await whoever_asks(database, Caller(waiting, caller.user_id))


async def test_log_out_ends_the_session_and_tells_its_open_pages(
    accounts: Accounts, log_in: LogIn, devices: SessionList, database: Database, bus: Bus, people: People
) -> None:
    await people.come("ira")
    token = await accounts.activate_session(await log_in.by_password("ira@example.org", PASSWORD))
    visitor = await devices.authenticate(token)
    assert visitor
    told: list[SessionEnded] = []
    bus.subscribe(SessionEnded, visitor.caller.session_id, told.append)
    await devices.log_out(visitor.caller)
    await asyncio.sleep(0)
    assert told == [SessionEnded(visitor.caller.session_id)]
    assert await devices.authenticate(token) is None
    with pytest.raises(SignedOut):
        await whoever_asks(database, visitor.caller)
    await devices.log_out(visitor.caller)  # from a second tab: raises nothing


async def test_other_sessions_of_the_person_stay_open(
    log_in: LogIn, devices: SessionList, database: Database, people: People
) -> None:
    phone = await people.come("ira")
    laptop = await people.enter(await log_in.by_password("ira@example.org", PASSWORD))
    await devices.log_out(phone)
    assert (await whoever_asks(database, laptop)).id == phone.user_id


async def test_a_session_ends_after_thirty_days(log_in: LogIn, database: Database, people: People) -> None:
    caller = await people.come("ira")
    await let_sessions_age(database, timedelta(days=29, hours=23))
    assert await whoever_asks(database, caller)
    await let_sessions_age(database, timedelta(hours=1))
    with pytest.raises(SignedOut):
        await whoever_asks(database, caller)
    await log_in.by_password("ira@example.org", PASSWORD)  # and deletes the dead row
    async with database.read() as db:
        assert all(session.expires_at > now() for session in await db.exec(select(LoginSession)))


async def test_a_session_of_somebody_else_is_no_session(database: Database, people: People) -> None:
    ira, boris = await people.come("ira"), await people.come("boris")
    for stranger in (None, Caller(ira.session_id, boris.user_id), Caller(ira.session_id + 1000, ira.user_id)):
        with pytest.raises(SignedOut):
            await whoever_asks(database, stranger)


async def test_a_blocked_person_can_do_nothing_any_more_but_come_and_read_why(
    accounts: Accounts, log_in: LogIn, devices: SessionList, database: Database, people: People
) -> None:
    await people.come("ira")
    token = await accounts.activate_session(await log_in.by_password("ira@example.org", PASSWORD))
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    visitor = await devices.authenticate(token)
    assert visitor
    async with changed(database, visitor.caller) as user:
        user.is_blocked = True
    with pytest.raises(Blocked):
        await whoever_asks(database, visitor.caller)
    with pytest.raises(Blocked):
        await devices.check(visitor.caller)
    for way_in in (ticket, await log_in.by_password("ira@example.org", PASSWORD)):
        again = await devices.authenticate(await accounts.activate_session(way_in))
        assert again
        assert again.user.is_blocked
        with pytest.raises(Blocked):
            await whoever_asks(database, again.caller)
    with pytest.raises(Invalid):  # a stranger does not learn that the account is blocked
        await log_in.by_password("ira@example.org", "not her password")


async def test_an_account_without_a_password_lets_nobody_in(log_in: LogIn, database: Database, people: People) -> None:
    caller = await people.come("ira")
    async with changed(database, caller) as user:
        user.password_hash = None
    for password in (PASSWORD, "", "nobody has this password"):
        with pytest.raises(Invalid):
            await log_in.by_password("ira@example.org", password)


async def test_admin_rights_are_granted_and_revoked_by_the_exact_address(
    accounts: Accounts, database: Database, people: People
) -> None:
    caller = await people.come("ira")
    bystander = await people.come("boris")
    with pytest.raises(NotFound, match="There is no account with"):
        await accounts.set_admin("IRA@example.org", is_admin=True)
    assert not (await whoever_asks(database, caller)).is_admin
    await accounts.set_admin("ira@EXAMPLE.org", is_admin=True)  # domains ignore case
    assert (await whoever_asks(database, caller)).is_admin
    assert not (await whoever_asks(database, bystander)).is_admin
    await accounts.set_admin("ira@example.org", is_admin=False)
    assert not (await whoever_asks(database, caller)).is_admin
    with pytest.raises(NotFound, match="There is no account with"):
        await accounts.set_admin("nobody@example.org", is_admin=True)


async def test_the_chosen_language_stays(
    accounts: Accounts, devices: SessionList, database: Database, people: People
) -> None:
    caller = await people.come("ira")
    await accounts.choose_appearance(caller, language="en")
    await accounts.choose_appearance(caller, language="tlh")
    assert (await whoever_asks(database, caller)).language == "en"
    await devices.log_out(caller)
    with pytest.raises(SignedOut):
        await accounts.choose_appearance(caller, language="ru")

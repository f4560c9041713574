"""API tokens: how long they are valid, and what revokes them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.sessions import LoginMethod, LoginSession, open_session
from domain.accounts.sessions_list import SessionList
from domain.accounts.tokens import Pair, Tokens
from domain.errors import NotFound, SignedOut
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database
from tests.clock import Clock

SECRET = "a secret that is long enough for anything"


@pytest.fixture
def tokens(database: Database, bus: Bus, devices: SessionList) -> Tokens:
    return Tokens(database, bus, devices, secret=SECRET, minutes=60, issuer="https://beseda.test")


@pytest.fixture
async def ticket(database: Database) -> str:
    """Ticket that a log-in gives."""
    async with database.write() as db:
        user = User(email="ira@example.test", email_key="ira@example.test", display_name="Ира")
        db.add(user)
        await db.flush()
        return open_session(db, user, LoginMethod.PASSWORD, "curl")


@pytest.fixture
async def pair(tokens: Tokens, ticket: str) -> Pair:
    return await tokens.issue(ticket, "curl")


async def later(database: Database, *, idle: timedelta = timedelta(), age: timedelta = timedelta()) -> None:
    """Age the session, as if it had been unused for so long, or had begun so long ago."""
    async with database.write() as db:
        session = (await db.exec(select(LoginSession))).one()
        session.seen_at -= idle
        session.expires_at -= age


async def refused(tokens: Tokens, pair: Pair) -> bool:
    """Whether neither token is accepted any more."""
    with pytest.raises(SignedOut):
        await tokens.authenticate(pair.access_token)
    with pytest.raises(SignedOut):
        await tokens.refresh(pair.refresh_token)
    return True


async def test_a_program_is_a_device_of_its_owner(database: Database, bus: Bus, tokens: Tokens, pair: Pair) -> None:
    visitor = await tokens.authenticate(pair.access_token)
    [device] = await SessionList(database, bus).list_own(visitor.caller)
    assert (device.name, device.method) == ("curl", LoginMethod.PROGRAM)
    await SessionList(database, bus).end(visitor.caller, device.session_id)
    assert await refused(tokens, pair)


async def test_a_ticket_is_good_once(tokens: Tokens, ticket: str) -> None:
    await tokens.issue(ticket)
    with pytest.raises(NotFound):
        await tokens.issue(ticket)


async def test_a_session_nobody_uses_for_two_weeks_is_over(
    database: Database, devices: SessionList, tokens: Tokens, pair: Pair
) -> None:
    await later(database, idle=timedelta(days=13, hours=23))
    pair = await tokens.refresh(pair.refresh_token)
    await later(database, idle=timedelta(days=13, hours=23))
    assert await tokens.authenticate(pair.access_token), "each refresh is a use"
    await devices.use.write()
    await later(database, idle=timedelta(days=13, hours=23))
    assert await tokens.authenticate(pair.access_token), "and so is each request"
    await later(database, idle=timedelta(days=14, hours=1))
    assert await refused(tokens, pair)


async def test_a_session_is_over_after_thirty_days_however_much_it_is_used(
    database: Database, tokens: Tokens, pair: Pair
) -> None:
    await later(database, age=timedelta(days=29, hours=23, minutes=30))
    last = await tokens.refresh(pair.refresh_token)
    assert await tokens.authenticate(last.access_token)
    await later(database, age=timedelta(hours=1))
    assert await refused(tokens, last)


async def test_a_refresh_token_used_twice_at_once_ends_the_session(tokens: Tokens, pair: Pair) -> None:
    answers = await asyncio.gather(*(tokens.refresh(pair.refresh_token) for _ in range(4)), return_exceptions=True)
    given = [answer for answer in answers if isinstance(answer, Pair)]
    assert len(given) <= 1
    assert all(isinstance(answer, Pair | SignedOut) for answer in answers)
    for each in (pair, *given):
        assert await refused(tokens, each)


async def test_another_secret_or_another_site_is_not_ours(database: Database, bus: Bus, pair: Pair) -> None:
    for secret, issuer in ((SECRET * 2, "https://beseda.test"), (SECRET, "https://other.test")):
        other = Tokens(database, bus, SessionList(database, bus), secret=secret, minutes=60, issuer=issuer)
        assert await refused(other, pair)


async def test_expires_in_is_the_truth(database: Database, tokens: Tokens, pair: Pair) -> None:
    assert pair.expires_in == 60 * 60
    await later(database, age=timedelta(days=29, hours=23, minutes=30))
    last = await tokens.refresh(pair.refresh_token)
    assert last.expires_in <= 30 * 60, "no token outlives its session"


async def test_a_ticket_is_changed_for_tokens_within_a_minute_or_never(
    tokens: Tokens, ticket: str, clock: Clock
) -> None:
    clock.advance(timedelta(seconds=60))
    with pytest.raises(NotFound):
        await tokens.issue(ticket, "curl")


async def test_a_ticket_of_just_under_a_minute_still_gives_tokens(tokens: Tokens, ticket: str, clock: Clock) -> None:
    clock.advance(timedelta(seconds=59))
    assert await tokens.issue(ticket, "curl")


async def test_an_access_token_lives_for_its_minutes_and_its_session_for_thirty_days(
    clock: Clock, tokens: Tokens, pair: Pair
) -> None:
    clock.advance(timedelta(minutes=59, seconds=58))
    assert await tokens.authenticate(pair.access_token)
    clock.advance(timedelta(seconds=2))
    with pytest.raises(SignedOut, match="expired"):
        await tokens.authenticate(pair.access_token)
    for _ in range(3):  # in use all the time, so that only its age ends it
        clock.advance(timedelta(days=9))
        pair = await tokens.refresh(pair.refresh_token)
    clock.advance(timedelta(days=3))
    assert await refused(tokens, pair)

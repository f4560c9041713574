"""Lockout by rate limits: a stranger uses up every limit; the owner still gets in and then does what owners do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from domain.accounts.accounts import Accounts
from domain.accounts.identities import Identities
from domain.accounts.known_browsers import KNOWN_FOR, MOST_KNOWN, KnownBrowser
from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import LINK_LIFE
from domain.accounts.profile import ProfileEditing
from domain.accounts.providers import GOOGLE, ProviderProfile
from domain.accounts.sessions import Caller
from domain.accounts.sign_up import SignUp
from domain.erasure import AccountErasure
from domain.errors import AppError, Invalid, RateLimited, SignedOut
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.rate_limits import (
    CODES_A_DAY,
    DAY,
    LETTERS_TO_ADDRESS,
    PASSWORDS_A_DAY,
    PASSWORDS_OF_ACCOUNT,
    InMemory,
    RateLimiter,
)
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import PASSWORD, Mailbox, People

IRA = "ira@example.org"
HOME, CAFE = "192.0.2.1", "192.0.2.2"
LAPTOP = "the mark of Ira's laptop"
NEW_PASSWORD = "лампа компас якорь"


@pytest.fixture
def limits() -> RateLimiter:
    """The real rate limits, except those of a day: trying so many passwords is not worth the time of a test."""
    return RateLimiter(InMemory(), {PASSWORDS_A_DAY.name: 30, CODES_A_DAY.name: 10})


@dataclass
class Stranger:
    log_in: LogIn
    sign_up: SignUp

    async def uses_up_everything(self, *places: str) -> None:
        """Try passwords by both names, and ask for letters, from each IP address until each is refused."""
        for place in places:
            for login in (IRA, "ira"):
                await until_refused(partial(self.log_in.by_password, login, "наугад", ip=place))
            for way in (self.log_in, self.sign_up):
                await until_refused(partial(way.request, IRA, "ru", place))


async def until_refused(attack: Callable[[], Awaitable[object]]) -> None:
    for _ in range(100):
        try:
            await attack()
        except RateLimited:
            return
        except Invalid:
            pass
    pytest.fail("nothing ever refused it")


@pytest.fixture
def stranger(log_in: LogIn, sign_up: SignUp) -> Stranger:
    return Stranger(log_in, sign_up)


@pytest.fixture
async def ira(people: People, log_in: LogIn) -> Caller:
    """Ira, who has logged in with her laptop before."""
    await people.come("ira", username="ira")
    return await people.enter(await log_in.by_password(IRA, PASSWORD, ip=HOME, browser=LAPTOP))


CROWD = [f"198.51.100.{n}" for n in range(12)]


@pytest.mark.parametrize("places", [[CAFE], [HOME], [*CROWD, HOME]], ids=["one place", "her own place", "everywhere"])
async def test_the_owner_gets_in_in_her_own_browser_whatever_strangers_try(
    ira: Caller, stranger: Stranger, log_in: LogIn, people: People, mailbox: Mailbox, places: list[str]
) -> None:
    await stranger.uses_up_everything(*places)
    for login in (IRA, "ira"):
        ticket = await log_in.by_password(login, PASSWORD, ip=HOME, browser=LAPTOP)
        assert (await people.enter(ticket)).user_id == ira.user_id
    await log_in.request(IRA, "ru", HOME, browser=LAPTOP)
    assert (await people.enter(await log_in.by_letter(mailbox.token()))).user_id == ira.user_id


async def test_a_browser_that_was_away_for_a_year_is_a_strangers_again(
    ira: Caller, stranger: Stranger, log_in: LogIn, people: People, clock: Clock
) -> None:
    clock.advance(KNOWN_FOR - timedelta(hours=1))
    await stranger.uses_up_everything(HOME)
    ticket = await log_in.by_password(IRA, PASSWORD, ip=HOME, browser=LAPTOP)  # known from now on for another year
    assert (await people.enter(ticket)).user_id == ira.user_id
    clock.advance(KNOWN_FOR)
    await stranger.uses_up_everything(HOME)
    with pytest.raises(RateLimited):
        await log_in.by_password(IRA, PASSWORD, ip=HOME, browser=LAPTOP)


async def test_a_stranger_at_one_place_closes_that_place_only(
    ira: Caller, stranger: Stranger, log_in: LogIn, people: People
) -> None:
    await stranger.uses_up_everything(CAFE)
    ticket = await log_in.by_password(IRA, PASSWORD, ip=HOME, browser="a browser never seen before")
    assert (await people.enter(ticket)).user_id == ira.user_id


async def test_whoever_is_refused_a_letter_has_one_in_the_mailbox_that_opens(
    ira: Caller, stranger: Stranger, log_in: LogIn, people: People, mailbox: Mailbox
) -> None:
    await stranger.uses_up_everything(*CROWD)
    with pytest.raises(RateLimited):
        await log_in.request(IRA, "ru", HOME)
    last = [letter for letter in mailbox.letters if "/log-in/" in letter.text][-1]
    assert last.to == IRA
    assert (await people.enter(await log_in.by_letter(mailbox.token(last)))).user_id == ira.user_id
    assert LETTERS_TO_ADDRESS.per <= LINK_LIFE  # it is valid for as long as the refusals last


@pytest.mark.usefixtures("ira")
async def test_letters_for_one_thing_are_not_counted_for_another(
    log_in: LogIn, sign_up: SignUp, mailbox: Mailbox
) -> None:
    await until_refused(partial(sign_up.request, IRA, "ru"))
    await until_refused(partial(log_in.request, IRA, "ru"))
    assert len([letter for letter in mailbox.letters if "/log-in/" in letter.text]) == LETTERS_TO_ADDRESS.times


async def test_who_is_logged_in_changes_the_keys_and_leaves_whatever_strangers_try(
    ira: Caller,
    stranger: Stranger,
    profile: ProfileEditing,
    leaving: AccountErasure,
    database: Database,
    mailbox: Mailbox,
) -> None:
    await stranger.uses_up_everything(*CROWD, HOME)
    await profile.set_password(ira, PASSWORD, NEW_PASSWORD)
    await profile.ask_new_email(ira, NEW_PASSWORD, "irina@example.org")
    assert await profile.confirm_email(mailbox.token()) == "irina@example.org"
    await leaving.delete(ira, NEW_PASSWORD, keep_public=False)
    async with database.read() as db:
        assert await db.get(User, ira.user_id) is None


async def test_who_has_no_password_leaves_by_a_letter_whatever_strangers_try(
    ira: Caller, stranger: Stranger, leaving: AccountErasure, database: Database, mailbox: Mailbox
) -> None:
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).password_hash = None
    await stranger.uses_up_everything(*CROWD, HOME)
    await leaving.mail_code(ira)
    await leaving.delete(ira, mailbox.code(), keep_public=False)
    async with database.read() as db:
        assert await db.get(User, ira.user_id) is None


async def test_a_session_guesses_no_more_than_ten_times_and_spoils_no_other(
    ira: Caller, profile: ProfileEditing, log_in: LogIn, people: People
) -> None:
    thief = await people.enter(await log_in.by_password(IRA, PASSWORD, browser="a thief's"))
    for n in range(PASSWORDS_OF_ACCOUNT.times):
        with pytest.raises(Invalid):
            await profile.set_password(thief, f"наугад {n}", NEW_PASSWORD)
    with pytest.raises(RateLimited) as refused:
        await profile.set_password(thief, PASSWORD, NEW_PASSWORD)
    assert refused.value.field == "old"
    await profile.set_password(ira, PASSWORD, NEW_PASSWORD)
    with pytest.raises(SignedOut):
        await profile.asks_old_password(thief)


@pytest.mark.usefixtures("ira")
async def test_guessing_stays_slow_for_strangers_however_many_places_they_come_from(log_in: LogIn) -> None:
    async def tried(login: str) -> int:
        password_attempts = (log_in.by_password(login, f"наугад {n}", ip=f"198.51.100.{n}") for n in range(40))
        answers = await asyncio.gather(*password_attempts, return_exceptions=True)
        assert all(isinstance(answer, AppError) for answer in answers), answers
        return sum(isinstance(answer, Invalid) for answer in answers)

    assert [await tried(login) for login in (IRA, "ira")] == [30, 30]
    with pytest.raises(RateLimited):  # else the right one would prove to be right
        await log_in.by_password(IRA, PASSWORD, ip=HOME)


@pytest.mark.usefixtures("ira")
async def test_guessing_stays_slow_in_browsers_that_were_here(log_in: LogIn, people: People) -> None:
    marks = [f"{LAPTOP} {n}" for n in range(4)]
    for mark in marks:
        await people.enter(await log_in.by_password(IRA, PASSWORD, browser=mark))
    tried = 0
    for mark in marks:
        for n in range(PASSWORDS_OF_ACCOUNT.times + 1):
            try:
                await log_in.by_password(IRA, f"наугад {n}", browser=mark)
            except RateLimited:
                break
            except Invalid:
                tried += 1
    assert tried == 30  # ten in each browser, until the limit of the day


def test_one_place_cannot_use_up_the_count_of_a_day() -> None:
    assert PASSWORDS_OF_ACCOUNT.times * (DAY / PASSWORDS_OF_ACCOUNT.per) < PASSWORDS_A_DAY.times


@pytest.mark.usefixtures("ira")
async def test_a_username_does_not_tell_whose_address_it_belongs_to(log_in: LogIn, people: People) -> None:
    """After ten wrong passwords for the address, her username answers like another's, and like one that nobody has."""
    await people.come("boris", username="boris")
    for n in range(PASSWORDS_OF_ACCOUNT.times):
        with pytest.raises(Invalid):
            await log_in.by_password(IRA, f"наугад {n}", ip=CAFE)
    for login in ("ira", "boris", "nobody", "boris@example.org", "nobody@example.org"):
        with pytest.raises(Invalid):
            await log_in.by_password(login, "наугад", ip=CAFE)
    for login in (IRA, "Ira@Example.ORG"):
        with pytest.raises(RateLimited):
            await log_in.by_password(login, "наугад", ip=CAFE)


async def test_every_way_in_makes_the_browser_known(
    people: People,
    sign_up: SignUp,
    log_in: LogIn,
    mailbox: Mailbox,
    database: Database,
    ban_evasion: BanEvasion,
    accounts: Accounts,
) -> None:
    identities = Identities(database, ban_evasion, (GOOGLE,))
    google = ProviderProfile("7", "Глеб")
    await people.come("ira")

    async def by_letter() -> str:
        await log_in.request(IRA, "ru")
        return await log_in.by_letter(mailbox.token(), "letter")

    async def by_letter_with_a_new_password() -> str:
        await log_in.request(IRA, "ru")
        return await log_in.with_new_password(mailbox.token(), NEW_PASSWORD, "new password")

    async def by_provider() -> str:
        return (await identities.log_in(GOOGLE, google, language="ru", browser="provider")).ticket

    async def by_sign_up() -> str:
        await sign_up.request("boris@example.org", "ru")
        return await sign_up.complete(mailbox.token(), PASSWORD, "", "Борис", browser="sign-up")

    for way, mark in (
        (log_in.by_password(IRA, PASSWORD, browser="password"), "password"),
        (by_letter(), "letter"),
        (by_letter_with_a_new_password(), "new password"),
        (by_sign_up(), "sign-up"),
        (by_provider(), "provider"),
    ):
        ticket = await way
        before = len(await known(database))
        await accounts.activate_session(ticket)
        assert len(await known(database)) == before + 1, mark
    kept = "".join(row.mark_hash for row in await known(database))
    assert "password" not in kept
    assert "provider" not in kept


async def known(database: Database) -> list[KnownBrowser]:
    async with database.read() as db:
        return list(await db.exec(select(KnownBrowser)))


async def test_a_ticket_that_is_not_handed_in_makes_no_browser_known(
    log_in: LogIn, people: People, database: Database
) -> None:
    await people.come("ira")
    await log_in.by_password(IRA, PASSWORD, browser=LAPTOP)
    assert await known(database) == []


@pytest.mark.usefixtures("ira")
async def test_a_browser_is_known_to_its_own_people_only(stranger: Stranger, people: People, log_in: LogIn) -> None:
    await people.come("mallory")
    await people.enter(await log_in.by_password("mallory@example.org", PASSWORD, browser="Mallory's"))
    await stranger.uses_up_everything(HOME)
    with pytest.raises(RateLimited):
        await log_in.by_password(IRA, PASSWORD, ip=HOME, browser="Mallory's")
    with pytest.raises(RateLimited):
        await log_in.request(IRA, "ru", HOME, browser="Mallory's")


async def test_a_new_password_forgets_every_browser_but_the_one_it_was_set_in(
    ira: Caller, log_in: LogIn, people: People, profile: ProfileEditing, mailbox: Mailbox, database: Database
) -> None:
    await people.enter(await log_in.by_password(IRA, PASSWORD, browser="a thief's"))
    laptop = [row.mark_hash for row in await known(database)][:1]
    await profile.set_password(ira, PASSWORD, NEW_PASSWORD)
    assert [row.mark_hash for row in await known(database)] == laptop
    await log_in.request(IRA, "ru")
    await people.enter(await log_in.with_new_password(mailbox.token(), PASSWORD, "her phone"))
    assert len(await known(database)) == 1
    assert [row.mark_hash for row in await known(database)] != laptop


@pytest.mark.usefixtures("ira")
async def test_the_last_browsers_are_known_and_none_for_ever(
    log_in: LogIn, people: People, database: Database, stranger: Stranger
) -> None:
    for n in range(MOST_KNOWN):
        await people.enter(await log_in.by_password(IRA, PASSWORD, browser=f"browser {n}"))
    assert len(await known(database)) == MOST_KNOWN
    await stranger.uses_up_everything(HOME)
    with pytest.raises(RateLimited):
        await log_in.by_password(IRA, PASSWORD, ip=HOME, browser=LAPTOP)
    async with database.write() as db:
        for row in await db.exec(select(KnownBrowser)):
            row.seen_at -= timedelta(days=365)
    with pytest.raises(RateLimited):
        await log_in.by_password(IRA, PASSWORD, ip=HOME, browser="browser 7")


@pytest.mark.usefixtures("ira")
async def test_a_browser_that_comes_in_twice_at_once_is_known_once(
    log_in: LogIn, accounts: Accounts, database: Database
) -> None:
    tickets = [await log_in.by_password(IRA, PASSWORD, browser="her phone") for _ in range(6)]
    await asyncio.gather(*(accounts.activate_session(ticket) for ticket in tickets))
    assert len(await known(database)) == 2


async def test_new_letters_give_no_end_of_codes_to_try(log_in: LogIn, mailbox: Mailbox, people: People) -> None:
    """Five tries per letter, letters all day: one code in a million was found sooner or later; the link still works."""
    await people.come("ira")
    for place in (HOME, CAFE):
        await log_in.request(IRA, "ru", place)
        wrong = "000000" if mailbox.code() != "000000" else "111111"
        for _ in range(5):
            with pytest.raises(Invalid, match="not the code"):
                await log_in.open_by_code(IRA, wrong)
    await log_in.request(IRA, "ru", HOME)
    with pytest.raises(RateLimited) as refused:
        await log_in.open_by_code(IRA, mailbox.code())
    assert refused.value.field == "code"
    assert await log_in.by_letter(mailbox.token())


async def test_a_right_code_is_no_try(log_in: LogIn, mailbox: Mailbox, people: People, limits: RateLimiter) -> None:
    await people.come("ira")
    for _ in range(3):
        await log_in.request(IRA, "ru", HOME)
        assert await log_in.by_letter(await log_in.open_by_code(IRA, mailbox.code()))
    for _ in range(10):
        await limits.take(CODES_A_DAY, f"log_in {IRA}")

"""Brute-force protection: guessing passwords and asking for letters is slowed down, and no owner is locked out."""

from __future__ import annotations

import asyncio

import pytest

from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLinks
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.sign_up import SignUp
from domain.errors import Invalid, RateLimited
from domain.moderation.ban_evasion import BanEvasion
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import ADDRESS, PASSWORD, Mailbox, People


@pytest.fixture
def limits() -> RateLimiter:
    """The real rate limits."""
    return RateLimiter(InMemory())


async def test_ten_wrong_passwords_close_the_door_and_a_letter_still_opens_it(
    log_in: LogIn, people: People, mailbox: Mailbox
) -> None:
    await people.come("ira")
    for n in range(10):
        with pytest.raises(Invalid):
            await log_in.by_password("ira@example.org", f"неверный {n}")
    with pytest.raises(RateLimited) as refusal:
        await log_in.by_password("IRA@example.org", PASSWORD)
    assert refusal.value.field == "password"
    await log_in.request("ira@example.org", "ru")
    assert await log_in.by_letter(mailbox.token())


async def test_a_name_that_nobody_has_is_slowed_down_alike(log_in: LogIn) -> None:
    for n in range(10):
        with pytest.raises(Invalid):
            await log_in.by_password("nobody@example.org", f"неверный {n}")
    with pytest.raises(RateLimited):
        await log_in.by_password("nobody@example.org", "ещё раз")


async def test_log_ins_and_wrong_passwords_stand_in_the_log_without_what_was_typed(
    log_in: LogIn, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ira = await people.come("ira")
    for login, password in (("ira@example.org", "секрет в поле пароля"), ("секрет в поле имени", PASSWORD)):
        with pytest.raises(Invalid):
            await log_in.by_password(login, password, ip="192.0.2.7")
    await log_in.by_password("ira@example.org", PASSWORD)
    assert f"Person {ira.user_id} comes in by password" in caplog.text
    assert f"A wrong password for person {ira.user_id} from 192.0.2.7" in caplog.text
    assert "A wrong password for nobody from 192.0.2.7" in caplog.text
    assert "секрет" not in caplog.text
    assert "ira@" not in caplog.text


async def test_right_passwords_are_not_counted(log_in: LogIn, people: People) -> None:
    await people.come("ira")
    for _ in range(12):
        assert await log_in.by_password("ira@example.org", PASSWORD, ip="192.0.2.1")


async def test_many_guesses_at_once_do_not_slip_through(log_in: LogIn, people: People) -> None:
    await people.come("ira")
    password_attempts = (log_in.by_password("ira@example.org", f"неверный {n}") for n in range(30))
    answers = await asyncio.gather(*password_attempts, return_exceptions=True)
    assert sum(isinstance(answer, RateLimited) for answer in answers) == 20
    assert sum(isinstance(answer, Invalid) for answer in answers) == 10


async def test_one_address_on_the_net_cannot_try_many_accounts(log_in: LogIn) -> None:
    for n in range(25):
        with pytest.raises(Invalid):
            await log_in.by_password(f"person{n}@example.org", "наугад", ip="192.0.2.1")
    with pytest.raises(RateLimited):
        await log_in.by_password("another@example.org", "наугад", ip="192.0.2.1")
    with pytest.raises(Invalid):
        await log_in.by_password("another@example.org", "наугад", ip="192.0.2.2")


async def test_an_address_gets_three_letters_a_half_hour_for_each_thing_whether_anybody_is_there_or_not(
    database: Database, limits: RateLimiter, bus: Bus, people: People, mailbox: Mailbox, ban_evasion: BanEvasion
) -> None:
    await people.come("ira")
    links = MailedLinks(database, RateLimiter(InMemory()), secret="a secret that is long enough for anything")
    ways: list[SignUp | LogIn] = [
        SignUp(database, links, mailbox, ban_evasion, address=ADDRESS),
        LogIn(database, links, PasswordAttempts(limits), mailbox, bus, address=ADDRESS),
    ]
    for email in ("ira@example.org", "nobody@example.org"):
        for way in ways:
            before = len(mailbox.letters)
            for _ in range(3):
                await way.request(email, "ru")
            assert len(mailbox.letters) == before + 3
            with pytest.raises(RateLimited) as refusal:
                await way.request(email.upper(), "ru")
            assert refusal.value.field == "email"
            assert len(mailbox.letters) == before + 3

"""Log-in by letter (magic link), and the new password it allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLink, Purpose
from domain.accounts.sessions import LoginMethod
from domain.accounts.sessions_list import SessionEnded, SessionList
from domain.accounts.sign_up import SignUp
from domain.clock import now
from domain.errors import AppError, Blocked, Invalid, NotFound
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import ADDRESS, PASSWORD, Mailbox, People

EMAIL = "ira@example.org"
NEW_PASSWORD = "лампа компас якорь"


async def change(database: Database, user_id: int, **fields: object) -> None:
    async with database.write() as db:
        user = await db.get_one(User, user_id)
        for name, value in fields.items():
            setattr(user, name, value)


async def links_of(database: Database, purpose: Purpose) -> list[MailedLink]:
    async with database.read() as db:
        return list(await db.exec(select(MailedLink).where(MailedLink.purpose == purpose)))


async def test_a_letter_lets_its_reader_in_without_a_password(
    log_in: LogIn, mailbox: Mailbox, people: People, devices: SessionList
) -> None:
    ira = await people.come("ira")
    await log_in.request(" IRA@example.org", "ru")
    letter = mailbox.letters[-1]
    assert letter.to == EMAIL  # as it stands in the account
    assert f"{ADDRESS}/log-in/{mailbox.token()}" in letter.text.splitlines()
    caller = await people.enter(await log_in.by_letter(mailbox.token(), device="Firefox, Linux"))
    assert caller.user_id == ira.user_id
    [here, _] = await devices.list_own(caller)
    assert (here.method, here.name) == (LoginMethod.LETTER, "Firefox, Linux")


async def test_whoever_has_no_account_is_told_by_letter_only(log_in: LogIn, mailbox: Mailbox, people: People) -> None:
    await people.come("ira")
    await log_in.request("nobody@example.org", "ru")  # no exception, as for Ira
    letter = mailbox.letters[-1]
    assert f"{ADDRESS}/sign-up" in letter.text.splitlines()
    assert "/log-in/" not in letter.text
    for _ in range(5):  # and the code field answers as for Ira
        with pytest.raises(Invalid, match="not the code"):
            await log_in.open_by_code("nobody@example.org", "a guess")
    with pytest.raises(Invalid, match="no longer valid"):
        await log_in.open_by_code("nobody@example.org", "a guess")


async def test_the_same_work_is_done_for_a_known_and_an_unknown_address(
    log_in: LogIn, sign_up: SignUp, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """Equal work takes equal time, which tells nothing; statements are compared, since times on a busy machine vary."""
    await people.come("ira")

    async def statements(ask: Callable[[str, str], Awaitable[None]], email: str) -> list[str]:
        caplog.clear()
        await ask(email, "ru")
        return [line.message.split("\n")[0] for line in caplog.records if not line.message.startswith("[")]

    caplog.set_level(logging.INFO, "sqlalchemy.engine")
    for ask in (log_in.request, sign_up.request):
        known, unknown = await statements(ask, EMAIL), await statements(ask, "nobody@example.org")
        assert len(known) >= 5, "no statements were seen at all"
        assert known == unknown


async def test_looking_at_a_link_shows_whose_it_is_and_uses_nothing_up(
    log_in: LogIn, mailbox: Mailbox, people: People
) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    for _ in range(3):
        assert (await log_in.link_of(mailbox.token(), "somebody's scanner")).email == EMAIL
    assert await log_in.by_letter(mailbox.token(), "Ira's browser")


async def test_the_browser_that_used_a_link_may_use_it_again_for_a_minute(
    log_in: LogIn, mailbox: Mailbox, people: People, clock: Clock
) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    token = mailbox.token()
    await people.enter(await log_in.by_letter(token, "Ira's phone"))
    clock.advance(timedelta(seconds=50))
    assert (await log_in.link_of(token, "Ira's phone")).email == EMAIL
    await people.enter(await log_in.by_letter(token, "Ira's phone"))
    for another in ("somebody's laptop", ""):
        with pytest.raises(NotFound):
            await log_in.link_of(token, another)
        with pytest.raises(NotFound):
            await log_in.by_letter(token, another)
    clock.advance(timedelta(seconds=10))
    with pytest.raises(NotFound):
        await log_in.by_letter(token, "Ira's phone")


async def test_a_link_used_by_eight_browsers_at_once_lets_one_in(
    log_in: LogIn, mailbox: Mailbox, people: People
) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    ways = [log_in.by_letter(mailbox.token(), f"browser {number}") for number in range(4)]
    ways += [log_in.with_new_password(mailbox.token(), f"{PASSWORD} {n}", f"another {n}") for n in range(4)]
    answers = await asyncio.gather(*ways, return_exceptions=True)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert all(isinstance(answer, str | NotFound) for answer in answers), answers


async def test_a_link_opened_twice_at_once_by_one_browser_lets_it_in_both_times(
    log_in: LogIn, mailbox: Mailbox, people: People
) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    tickets = await asyncio.gather(*(log_in.by_letter(mailbox.token(), "Ira's phone") for _ in range(2)))
    assert len({(await people.enter(ticket)).session_id for ticket in tickets}) == 2


async def test_twenty_requests_for_one_address_at_once_leave_one_link_and_its_letter(
    log_in: LogIn, mailbox: Mailbox, people: People, database: Database
) -> None:
    await people.come("ira")
    answers = await asyncio.gather(*(log_in.request(EMAIL, "ru") for _ in range(20)), return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    assert all(isinstance(answer, AppError) for answer in refused), refused[:2]
    [_] = await links_of(database, Purpose.LOG_IN)
    living = []
    for letter in mailbox.letters[1:]:
        try:
            living.append((await log_in.link_of(mailbox.token(letter))).email)
        except NotFound:
            continue
    assert living == [EMAIL]


async def test_the_code_does_what_the_link_does(log_in: LogIn, mailbox: Mailbox, people: People) -> None:
    ira = await people.come("ira")
    await log_in.request(EMAIL, "ru")
    mailed = mailbox.token()
    token = await log_in.open_by_code("IRA@example.org", f" {mailbox.code()} ")
    with pytest.raises(NotFound):
        await log_in.by_letter(mailed)
    with pytest.raises(Invalid, match="no longer valid"):  # nor is the link renewed again, which would kill this token
        await log_in.open_by_code(EMAIL, mailbox.code())
    assert (await people.enter(await log_in.by_letter(token))).user_id == ira.user_id


async def test_five_wrong_codes_kill_the_code_but_not_the_link(log_in: LogIn, mailbox: Mailbox, people: People) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    wrong = "000000" if mailbox.code() != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(Invalid, match="not the code"):
            await log_in.open_by_code(EMAIL, wrong)
    with pytest.raises(Invalid, match="no longer valid"):
        await log_in.open_by_code(EMAIL, mailbox.code())
    assert await log_in.by_letter(mailbox.token())


async def test_a_letter_for_one_thing_is_good_for_no_other(
    log_in: LogIn, sign_up: SignUp, mailbox: Mailbox, people: People
) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    token, code = mailbox.token(), mailbox.code()
    with pytest.raises(NotFound):
        await sign_up.link_of(token)
    with pytest.raises(NotFound):
        await sign_up.complete(token, PASSWORD, "", "Ира")
    with pytest.raises(Invalid):
        await sign_up.open_by_code(EMAIL, code)
    await sign_up.request("boris@example.org", "ru")
    with pytest.raises(NotFound):
        await log_in.by_letter(mailbox.token())
    assert await log_in.by_letter(token)


async def test_a_new_password_ends_every_session_there_was(
    log_in: LogIn, accounts: Accounts, devices: SessionList, mailbox: Mailbox, people: People, bus: Bus
) -> None:
    laptop = await people.come("ira")
    boris = await people.come("boris")
    lost_phone = await accounts.activate_session(await log_in.by_password(EMAIL, PASSWORD))
    told: list[SessionEnded] = []
    bus.subscribe(SessionEnded, laptop.session_id, told.append)
    await log_in.request(EMAIL, "ru")
    here = await people.enter(await log_in.with_new_password(mailbox.token(), NEW_PASSWORD))
    await asyncio.sleep(0)  # events are delivered by the event loop
    assert told == [SessionEnded(laptop.session_id)]
    assert await devices.authenticate(lost_phone) is None
    assert [device.session_id for device in await devices.list_own(here)] == [here.session_id]
    assert await devices.list_own(boris)
    with pytest.raises(Invalid):
        await log_in.by_password(EMAIL, PASSWORD)
    assert await log_in.by_password(EMAIL, NEW_PASSWORD)


async def test_a_refused_password_leaves_the_link_alive_and_everybody_logged_in(
    log_in: LogIn, devices: SessionList, mailbox: Mailbox, people: People
) -> None:
    laptop = await people.come("ira")
    await log_in.request(EMAIL, "ru")
    for bad in ("short", "пароль123", "x" * 257):
        with pytest.raises(Invalid) as refused:
            await log_in.with_new_password(mailbox.token(), bad)
        assert refused.value.field == "password"
    assert await devices.list_own(laptop)
    assert await log_in.with_new_password(mailbox.token(), NEW_PASSWORD)


async def test_an_account_without_a_password_gets_one_by_letter(
    log_in: LogIn, mailbox: Mailbox, people: People, database: Database
) -> None:
    ira = await people.come("ira")
    await change(database, ira.user_id, password_hash=None)
    await log_in.request(EMAIL, "ru")
    await log_in.with_new_password(mailbox.token(), NEW_PASSWORD)
    assert await log_in.by_password(EMAIL, NEW_PASSWORD)


async def test_a_blocked_person_comes_by_letter_to_read_why_and_for_nothing_else(
    log_in: LogIn, mailbox: Mailbox, people: People, database: Database, devices: SessionList
) -> None:
    ira = await people.come("ira")
    await log_in.request(EMAIL, "ru")
    await change(database, ira.user_id, is_blocked=True)
    caller = await people.enter(await log_in.with_new_password(mailbox.token(), NEW_PASSWORD))
    assert caller.user_id == ira.user_id
    with pytest.raises(Blocked):
        await devices.check(caller)


@pytest.mark.parametrize("since", [{"deleted_at": now()}, {"email": "new@example.org", "email_key": "new@example.org"}])
async def test_a_letter_to_an_address_that_is_no_longer_anybodys_opens_nothing(
    log_in: LogIn, mailbox: Mailbox, people: People, database: Database, since: dict[str, object]
) -> None:
    ira = await people.come("ira")
    await log_in.request(EMAIL, "ru")
    await change(database, ira.user_id, **since)
    with pytest.raises(NotFound):
        await log_in.by_letter(mailbox.token())
    await log_in.request(EMAIL, "ru")
    assert f"{ADDRESS}/sign-up" in mailbox.letters[-1].text.splitlines()
    with pytest.raises(Invalid, match=r"Wrong email, username or password\."):
        await log_in.by_password(EMAIL, PASSWORD)


async def test_a_used_link_stays_until_it_expires_and_is_swept_out_later(
    log_in: LogIn, mailbox: Mailbox, people: People, database: Database, clock: Clock
) -> None:
    await people.come("ira")
    await log_in.request(EMAIL, "ru")
    await log_in.by_letter(mailbox.token(), "Ira's phone")
    [used] = await links_of(database, Purpose.LOG_IN)
    assert used.used_at
    assert "Ira's phone" not in str(used.model_dump()), "the browser's own mark is kept as it is"
    clock.advance(timedelta(days=8))
    await log_in.request("nobody@example.org", "ru")
    assert [link.email for link in await links_of(database, Purpose.LOG_IN)] == ["nobody@example.org"]

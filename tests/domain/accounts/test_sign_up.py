"""Sign-up: by a letter's link or code."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import col, func, select

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLink
from domain.accounts.sessions import LoginSession, hash_of
from domain.accounts.sessions_list import SessionList
from domain.accounts.sign_up import SignUp
from domain.clock import now
from domain.errors import AppError, Invalid, NotFound
from domain.model.user import User
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import ADDRESS, PASSWORD, Mailbox, People

EMAIL = "ira@example.org"


async def users(database: Database) -> int:
    async with database.read() as db:
        return (await db.exec(select(func.count(col(User.id))))).one()


async def test_a_letter_leads_to_an_account(
    accounts: Accounts, sign_up: SignUp, log_in: LogIn, devices: SessionList, mailbox: Mailbox, people: People
) -> None:
    await sign_up.request(EMAIL, "ru")
    assert [letter.to for letter in mailbox.letters] == [EMAIL]
    ticket = await sign_up.complete(mailbox.token(), PASSWORD, "Ira", " Ира ")
    caller = await people.enter(ticket)
    visitor = await devices.authenticate(await accounts.activate_session(await log_in.by_password(EMAIL, PASSWORD)))
    assert visitor
    assert visitor.caller.user_id == caller.user_id
    assert (visitor.user.username, visitor.user.display_name, visitor.user.email) == ("Ira", "Ира", EMAIL)
    assert (visitor.user.is_admin, visitor.user.is_blocked, visitor.user.language) == (False, False, "ru")


async def test_a_letter_speaks_the_readers_language(sign_up: SignUp, mailbox: Mailbox) -> None:
    await sign_up.request(EMAIL, "ru")
    await sign_up.request(EMAIL, "en")
    russian, english = mailbox.letters
    assert "Здравствуйте" in russian.text
    assert "Hello" in english.text
    assert mailbox.code() in english.subject


async def test_looking_at_a_link_does_not_consume_it(sign_up: SignUp, mailbox: Mailbox) -> None:
    await sign_up.request(EMAIL, "ru")
    for _ in range(3):  # mail scanners and curious people
        assert (await sign_up.link_of(mailbox.token())).email == EMAIL
    await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира")


async def test_a_link_is_good_once(sign_up: SignUp, log_in: LogIn, mailbox: Mailbox, database: Database) -> None:
    await sign_up.request(EMAIL, "ru")
    await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира")
    with pytest.raises(NotFound):
        await sign_up.link_of(mailbox.token())
    with pytest.raises(NotFound):
        await sign_up.complete(mailbox.token(), "another password entirely", "", "Не Ира")
    assert await users(database) == 1
    assert await log_in.by_password(EMAIL, PASSWORD)


async def test_the_browser_that_signed_up_may_send_the_form_again_for_a_minute(
    sign_up: SignUp, log_in: LogIn, mailbox: Mailbox, database: Database, people: People, clock: Clock
) -> None:
    await sign_up.request(EMAIL, "ru")
    token = mailbox.token()
    tickets = await asyncio.gather(
        *(sign_up.complete(token, PASSWORD, "ira", "Ира", browser="Ira's phone") for _ in range(3))
    )
    assert len({(await people.enter(ticket)).user_id for ticket in tickets}) == 1
    assert await users(database) == 1
    assert (await sign_up.link_of(token, "Ira's phone")).email == EMAIL
    for another in ("somebody's laptop", ""):
        with pytest.raises(NotFound):
            await sign_up.complete(token, "another password entirely", "", "Не Ира", browser=another)
    clock.advance(timedelta(seconds=60))
    with pytest.raises(NotFound):
        await sign_up.complete(token, PASSWORD, "ira", "Ира", browser="Ira's phone")
    assert await log_in.by_password("ira", PASSWORD)


async def test_a_link_used_eight_times_at_once_makes_one_account(
    sign_up: SignUp, log_in: LogIn, mailbox: Mailbox, database: Database
) -> None:
    await sign_up.request(EMAIL, "ru")
    passwords = [f"{PASSWORD} {number}" for number in range(8)]
    answers = await asyncio.gather(
        *(sign_up.complete(mailbox.token(), password, "", "Ира") for password in passwords),
        return_exceptions=True,
    )
    winners = [password for password, answer in zip(passwords, answers, strict=True) if isinstance(answer, str)]
    assert len(winners) == 1
    assert all(isinstance(answer, str | NotFound) for answer in answers), answers
    assert await users(database) == 1
    assert await log_in.by_password(EMAIL, winners[0])


async def test_twenty_requests_for_one_address_at_once_leave_one_living_link(
    sign_up: SignUp, mailbox: Mailbox, database: Database
) -> None:
    answers = await asyncio.gather(*(sign_up.request(EMAIL, "ru") for _ in range(20)), return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    assert all(isinstance(answer, AppError) for answer in refused), refused[:2]
    async with database.read() as db:
        link = (await db.exec(select(MailedLink))).one()
    assert link.token_hash in [hash_of(mailbox.token(letter)) for letter in mailbox.letters]


async def test_a_new_letter_cancels_the_old_one(sign_up: SignUp, mailbox: Mailbox) -> None:
    await sign_up.request(EMAIL, "ru")
    old = mailbox.token()
    await sign_up.request(EMAIL, "ru")
    with pytest.raises(NotFound):
        await sign_up.complete(old, PASSWORD, "", "Ира")
    await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира")


async def test_a_letter_is_good_for_thirty_minutes(
    sign_up: SignUp, mailbox: Mailbox, database: Database, clock: Clock
) -> None:
    await sign_up.request(EMAIL, "ru")
    clock.advance(timedelta(minutes=29))
    assert (await sign_up.link_of(mailbox.token())).email == EMAIL
    clock.advance(timedelta(minutes=1))
    with pytest.raises(NotFound):
        await sign_up.link_of(mailbox.token())
    with pytest.raises(NotFound):
        await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира")
    with pytest.raises(Invalid):
        await sign_up.open_by_code(EMAIL, mailbox.code())
    assert await users(database) == 0


@pytest.mark.parametrize("token", ["", "never-given", "\0", "\udcff", "к" * 5000])
async def test_made_up_links_are_refused_plainly(
    accounts: Accounts, sign_up: SignUp, devices: SessionList, token: str
) -> None:
    with pytest.raises(NotFound):
        await sign_up.link_of(token)
    with pytest.raises(NotFound):
        await accounts.activate_session(token)
    assert await devices.authenticate(token) is None


async def test_the_code_does_what_the_link_does(sign_up: SignUp, log_in: LogIn, mailbox: Mailbox) -> None:
    await sign_up.request(EMAIL, "ru")
    mailed, code = mailbox.token(), mailbox.code()
    token = await sign_up.open_by_code("IRA@example.org", f" {code} ")
    with pytest.raises(NotFound):
        await sign_up.link_of(mailed)
    with pytest.raises(Invalid):
        await sign_up.open_by_code(EMAIL, code)
    await sign_up.complete(token, PASSWORD, "", "Ира")
    assert await log_in.by_password(EMAIL, PASSWORD)


async def test_five_wrong_codes_kill_the_code_but_not_the_link(sign_up: SignUp, mailbox: Mailbox) -> None:
    await sign_up.request(EMAIL, "ru")
    right = mailbox.code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            await sign_up.open_by_code(EMAIL, wrong)
        assert refused.value.field == "code"
    with pytest.raises(Invalid, match="no longer valid"):
        await sign_up.open_by_code(EMAIL, right)
    await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира")


async def test_guessing_codes_in_parallel_gives_no_more_tries(sign_up: SignUp, mailbox: Mailbox) -> None:
    await sign_up.request(EMAIL, "ru")
    right = mailbox.code()
    password_attempts = [f"{number:06}" for number in range(12) if f"{number:06}" != right]
    answers = await asyncio.gather(
        *(sign_up.open_by_code(EMAIL, guess) for guess in password_attempts), return_exceptions=True
    )
    assert sum("not the code" in str(answer) for answer in answers) == 5
    with pytest.raises(Invalid):
        await sign_up.open_by_code(EMAIL, right)


async def test_a_known_address_gets_another_letter_and_the_same_answer(
    sign_up: SignUp, mailbox: Mailbox, database: Database, people: People
) -> None:
    await people.come("ira")
    await sign_up.request("Ira@Example.org", "ru")  # no exception, as for a stranger
    letter = mailbox.letters[-1]
    assert f"{ADDRESS}/log-in" in letter.text
    assert "/sign-up/" not in letter.text
    with pytest.raises(Invalid, match="not the code"):  # and the code field answers as for a stranger
        await sign_up.open_by_code("ira@example.org", "not a number")
    assert await users(database) == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (("short", "", "Ира"), "password"),
        ((PASSWORD, "я", "Ира"), "username"),
        ((PASSWORD, "", "  "), "display_name"),
    ],
)
async def test_a_refused_form_leaves_the_link_alive(
    sign_up: SignUp, mailbox: Mailbox, form: tuple[str, str, str], field: str
) -> None:
    await sign_up.request(EMAIL, "ru")
    with pytest.raises(Invalid) as refused:
        await sign_up.complete(mailbox.token(), *form)
    assert refused.value.field == field
    await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира")


async def test_a_username_taken_in_another_case_is_refused_and_the_link_lives(
    sign_up: SignUp, mailbox: Mailbox, people: People
) -> None:
    await people.come("boris", username="Keeper")
    await sign_up.request(EMAIL, "ru")
    with pytest.raises(Invalid, match="taken") as refused:
        await sign_up.complete(mailbox.token(), PASSWORD, "kEEPER", "Ира")
    assert refused.value.field == "username"
    await sign_up.complete(mailbox.token(), PASSWORD, "keeper2", "Ира")


async def test_a_username_wanted_by_six_at_once_goes_to_one(
    sign_up: SignUp, mailbox: Mailbox, database: Database
) -> None:
    tokens = []
    for number in range(6):
        await sign_up.request(f"person{number}@example.org", "ru")
        tokens.append(mailbox.token())
    answers = await asyncio.gather(
        *(sign_up.complete(token, PASSWORD, "keeper", "Ира") for token in tokens), return_exceptions=True
    )
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert all(isinstance(answer, str | Invalid) for answer in answers), answers
    assert await users(database) == 1


async def test_many_people_without_a_username_are_fine(people: People, database: Database) -> None:
    await people.come("ira")
    await people.come("boris")
    assert await users(database) == 2


@pytest.mark.parametrize("variant", ["IRA@EXAMPLE.ORG", " ira@example.org ", "ira@EXAMPLE.org"])
async def test_one_address_is_one_account_however_it_is_written(
    sign_up: SignUp, log_in: LogIn, mailbox: Mailbox, people: People, variant: str
) -> None:
    caller = await people.come("ira")
    await sign_up.request(variant, "ru")
    assert "/sign-up/" not in mailbox.letters[-1].text
    assert (await people.enter(await log_in.by_password(variant, PASSWORD))).user_id == caller.user_id


async def test_an_address_that_grows_when_compared_is_met_plainly(sign_up: SignUp, mailbox: Mailbox) -> None:
    with suppress(Invalid):  # either answer will do, an internal error will not
        await sign_up.request("ﷺ" * 30 + "@example.org", "ru")  # one character becomes eighteen
        assert mailbox.letters


@pytest.mark.usefixtures("real_hashes")
async def test_what_is_kept_gives_neither_link_nor_code_nor_password_away(
    accounts: Accounts, sign_up: SignUp, log_in: LogIn, mailbox: Mailbox, database: Database, people: People
) -> None:
    await sign_up.request("boris@example.org", "ru")
    token, code = mailbox.token(), mailbox.code()
    await people.come("ira")
    lasting = await accounts.activate_session(await log_in.by_password(EMAIL, PASSWORD))
    async with database.read() as db:
        kept = [
            str(row.model_dump()) for kind in (MailedLink, User, LoginSession) for row in await db.exec(select(kind))
        ]
    for secret in (token, f"'{code}'", PASSWORD, lasting):
        assert not any(secret in row for row in kept)
    async with database.read() as db:
        user = (await db.exec(select(User))).one()
    assert (user.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_old_unfinished_sign_ups_are_swept_out(sign_up: SignUp, database: Database, clock: Clock) -> None:
    await sign_up.request(EMAIL, "ru")
    clock.advance(timedelta(days=8))
    await sign_up.request("boris@example.org", "ru")
    async with database.read() as db:
        links = (await db.exec(select(MailedLink))).all()
    assert [link.email for link in links] == ["boris@example.org"]
    assert links[0].expires_at > now()

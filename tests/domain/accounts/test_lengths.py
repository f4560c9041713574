"""Length limits: input longer than anything of ours is refused before any work is done for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions_list import SessionList
from domain.accounts.sign_up import SignUp
from domain.accounts.validation import clean_display_name, clean_username
from domain.email_address import clean_email, email_key
from domain.errors import AppError
from tests.domain.conftest import PASSWORD, Mailbox, People

IRA = "ira@example.org"
LONG = "x" * 20_000
NOISE = 0.005  # seconds


def refused(clean: Callable[[str], object]) -> Callable[[str], object]:
    def tried(typed: str) -> object:
        with pytest.raises(AppError):
            clean(typed)
        return None

    return tried


@pytest.mark.parametrize(
    "clean",
    [email_key, refused(clean_email), refused(clean_username), refused(clean_display_name)],
    ids=["key", "email", "username", "display name"],
)
@pytest.mark.parametrize("unit", ["\u0301\u0327", "a ", "ﷺ", "ａ", "."])
def test_four_times_as_much_of_anything_costs_about_four_times_as_much(
    clean: Callable[[str], object], unit: str
) -> None:
    """Normalisation sorts the combining marks of a letter, in time quadratic in their number."""

    def once(number: int) -> float:
        start = time.thread_time()
        clean(f"a{unit * number}@example.org")
        return time.thread_time() - start

    def cost(number: int) -> float:
        return min(once(number) for _ in range(3))  # interruptions only add

    assert cost(16_000) < 8 * cost(4_000) + NOISE


@pytest.fixture
def statements(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """SQL statements that are executed from now on, up to the call."""
    caplog.set_level(logging.INFO, "sqlalchemy.engine")
    caplog.clear()
    return lambda: [line.message for line in caplog.records if line.name.startswith("sqlalchemy")]


async def test_no_question_is_asked_for_what_is_too_long(
    sign_up: SignUp, log_in: LogIn, profile: ProfileEditing, accounts: Accounts, devices: SessionList, people: People,
    mailbox: Mailbox, statements: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    ira = await people.come("ira")
    await sign_up.request("boris@example.org", "ru")
    token = mailbox.token()
    tried: dict[str, Awaitable[object]] = {
        "login": log_in.by_password(LONG, PASSWORD),
        "a login of marks": log_in.by_password("a" + "\u0301\u0327" * 16_000, PASSWORD),
        "password": log_in.by_password(IRA, LONG),
        "address of a letter to log in": log_in.request(LONG, "ru"),
        "address of a letter to sign up": sign_up.request(LONG, "ru"),
        "?to= of a log-in": log_in.open_by_code("a" + "\u0301\u0327" * 16_000, "123456"),
        "?to= of a sign-up": sign_up.open_by_code(LONG, "123456"),
        "code of a log-in": log_in.open_by_code(IRA, LONG),
        "code of a sign-up": sign_up.open_by_code("boris@example.org", LONG),
        "code of a new address": profile.open_by_code(IRA, LONG),
        "link of a log-in": log_in.link_of(LONG),
        "used link of a log-in": log_in.with_new_password(LONG, PASSWORD),
        "new password by letter": log_in.with_new_password(token, LONG),
        "link of a sign-up": sign_up.complete(LONG, PASSWORD, "", "Ира"),
        "password of a sign-up": sign_up.complete(token, LONG, "", "Борис"),
        "username": sign_up.complete(token, PASSWORD, LONG, "Борис"),
        "display name": sign_up.complete(token, PASSWORD, "", LONG),
        "ticket": accounts.activate_session(LONG),
        "new password": profile.set_password(ira, PASSWORD, LONG),
        "new address": profile.ask_new_email(ira, PASSWORD, LONG),
        "what one says of oneself": profile.save(ira, LONG, LONG, LONG, LONG),
    }
    for what, action in tried.items():
        caplog.clear()
        with pytest.raises(AppError):
            await action
        assert statements() == [], what
    assert await devices.authenticate(LONG) is None
    assert statements() == []
    assert await sign_up.complete(token, PASSWORD, "", "Борис")  # the overlong attempts have used nothing up

"""OAuth log-in and linked accounts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.util import await_only
from sqlmodel import func, select

from domain.accounts.identities import ExternalIdentity, Identities, ProviderLogIn
from domain.accounts.providers import (
    GITHUB,
    GOOGLE,
    OPENID,
    VK,
    YANDEX,
    BrokenAnswer,
    Provider,
    ProviderProfile,
    switched_on,
)
from domain.accounts.sessions import Caller, LoginMethod, LoginSession
from domain.accounts.sessions_list import SessionList
from domain.environment.load_settings import InvalidSetting, load_settings
from domain.errors import Blocked, Invalid, NotAllowed, SignedOut
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.settings.settings import Settings
from storage.database import Database
from tests.domain.conftest import People

AT_YANDEX = ProviderProfile("1130000000000001", "Ира Кот", "ira.kot@yandex.ru", email_is_verified=True)
AT_GITHUB = ProviderProfile("583231", "kot")


@pytest.fixture
def identities(database: Database, ban_evasion: BanEvasion) -> Identities:
    return Identities(database, ban_evasion, (YANDEX, VK, GOOGLE, GITHUB))


class Arrivals:
    """Logs people in through a provider."""

    def __init__(self, identities: Identities, people: People) -> None:
        self._identities = identities
        self._people = people

    async def come(self, provider: Provider, profile: ProviderProfile) -> Caller:
        arrived = await self._identities.log_in(provider, profile, language="ru", device="Firefox")
        return await self._people.enter(arrived.ticket)


@pytest.fixture
def arrivals(identities: Identities, people: People) -> Arrivals:
    return Arrivals(identities, people)


async def person(database: Database, caller: Caller) -> User:
    async with database.read() as db:
        return await db.get_one(User, caller.user_id)


async def how_many(database: Database, table: type[Any]) -> int:
    async with database.read() as db:
        return (await db.exec(select(func.count()).select_from(table))).one()


async def test_a_stranger_gets_an_account_as_the_provider_knows_them(database: Database, arrivals: Arrivals) -> None:
    ira = await person(database, await arrivals.come(YANDEX, AT_YANDEX))
    assert (ira.display_name, ira.email, ira.email_key) == ("Ира Кот", "ira.kot@yandex.ru", "ira.kot@yandex.ru")
    assert (ira.password_hash, ira.username, ira.language) == (None, None, "ru")


async def test_the_second_time_it_is_the_same_account_whatever_has_changed_there(
    database: Database, arrivals: Arrivals
) -> None:
    first = await arrivals.come(YANDEX, AT_YANDEX)
    again = await arrivals.come(YANDEX, replace(AT_YANDEX, name="Ирина", email="other@yandex.ru"))
    assert again.user_id == first.user_id
    assert again.session_id != first.session_id
    assert (await person(database, again)).display_name == "Ира Кот"


async def test_the_list_of_devices_says_how_they_came(devices: SessionList, arrivals: Arrivals) -> None:
    [device] = await devices.list_own(await arrivals.come(YANDEX, AT_YANDEX))
    assert (device.method, device.name) == (LoginMethod.PROVIDER, "Firefox")


async def test_the_same_id_at_two_providers_is_two_people(arrivals: Arrivals) -> None:
    same = ProviderProfile("42", "Ира")
    assert (await arrivals.come(VK, same)).user_id != (await arrivals.come(GITHUB, same)).user_id


async def test_another_openid_provider_in_the_settings_knows_nobody_of_the_last_one(
    database: Database, ban_evasion: BanEvasion, people: People
) -> None:
    def of(issuer: str) -> Provider:
        settings = Settings(_env_file=None, oidc_issuer=issuer, oidc_client_id="id", oidc_client_secret="secret")
        return switched_on(settings)[0]

    callers = []
    for provider in (of("https://sso.example.org"), of("https://other.example.org"), of("https://sso.example.org/")):
        identities = Identities(database, ban_evasion, (provider,))
        arrived = await identities.log_in(provider, ProviderProfile("1"), language="ru")
        callers.append(await people.enter(arrived.ticket))
    assert callers[0].user_id == callers[2].user_id != callers[1].user_id


async def test_two_first_arrivals_at_the_same_moment_make_one_account(
    database: Database, identities: Identities, people: People
) -> None:
    arrived = await asyncio.gather(*(identities.log_in(YANDEX, AT_YANDEX, language="ru") for _ in range(8)))
    assert len({(await people.enter(each.ticket)).user_id for each in arrived}) == 1
    assert sum(each.is_newcomer for each in arrived) == 1
    assert (await how_many(database, User), await how_many(database, ExternalIdentity)) == (1, 1)


async def test_who_arrives_between_two_questions_of_another_arrival_is_found(
    database: Database, identities: Identities, people: People
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("nobody comes in between there: one writes at a time")
    faster: list[asyncio.Task[ProviderLogIn]] = []

    def let_another_in(*_statement: Any) -> None:
        if not faster:
            faster.append(asyncio.create_task(identities.log_in(YANDEX, AT_YANDEX, language="ru")))
            await_only(faster[0])

    event.listen(database._writer.sync_engine, "after_cursor_execute", let_another_in)
    slower = await people.enter((await identities.log_in(YANDEX, AT_YANDEX, language="ru")).ticket)
    assert slower.user_id == (await people.enter((await faster[0]).ticket)).user_id


async def test_one_address_from_two_providers_at_the_same_moment_makes_one_account(
    database: Database, identities: Identities
) -> None:
    answers = await asyncio.gather(
        *(identities.log_in(each, AT_YANDEX, language="ru") for each in (YANDEX, GOOGLE, GITHUB)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, ProviderLogIn) for answer in answers) == 1
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 2
    assert (await how_many(database, User), await how_many(database, ExternalIdentity)) == (1, 1)


async def test_an_address_of_somebody_here_opens_nothing(
    database: Database, identities: Identities, people: People
) -> None:
    await people.come("ira")
    sessions = await how_many(database, LoginSession)
    for spelling in ("ira@example.org", "IRA@Example.org"):
        with pytest.raises(NotAllowed, match="Log in to it as usual"):
            await identities.log_in(
                GOOGLE, ProviderProfile("7", "Ира", spelling, email_is_verified=True), language="ru"
            )
    assert await how_many(database, LoginSession) == sessions
    assert await how_many(database, ExternalIdentity) == 0


async def test_an_address_the_provider_has_not_checked_is_neither_kept_nor_compared(
    database: Database, arrivals: Arrivals, people: People
) -> None:
    await people.come("ira")
    for subject, email in (("7", "ira@example.org"), ("8", "nobody@example.org")):
        stranger = await person(database, await arrivals.come(VK, ProviderProfile(subject, "Кто-то", email)))
        assert (stranger.email, stranger.email_key) == (None, None)


@pytest.mark.parametrize("email", ["not an address", "a@b", "x" * 300 + "@example.org", "", "ira\0@example.org"])
async def test_an_address_that_is_none_is_left_out(database: Database, arrivals: Arrivals, email: str) -> None:
    arrived = await arrivals.come(GOOGLE, ProviderProfile("7", "Ира", email, email_is_verified=True))
    assert (await person(database, arrived)).email is None


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("", "Гость"), ("\u202eнамокиН", "Гость"), ("a\0b", "Гость"), ("\ud800", "Гость"), (" Ира \n Кот ", "Ира Кот")],
)
async def test_a_name_we_would_not_take_from_anybody_is_replaced(
    database: Database, arrivals: Arrivals, theirs: str, ours: str
) -> None:
    assert (await person(database, await arrivals.come(VK, ProviderProfile("7", theirs)))).display_name == ours


async def test_a_long_name_is_cut(database: Database, arrivals: Arrivals) -> None:
    assert (await person(database, await arrivals.come(VK, ProviderProfile("7", "я" * 500)))).display_name == "я" * 64


async def test_a_blocked_person_comes_to_read_why_and_gets_no_second_account(
    database: Database, arrivals: Arrivals, devices: SessionList
) -> None:
    ira = await arrivals.come(YANDEX, AT_YANDEX)
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).is_blocked = True
    again = await arrivals.come(YANDEX, AT_YANDEX)
    assert again.user_id == ira.user_id
    with pytest.raises(Blocked):
        await devices.check(again)
    assert await how_many(database, User) == 1


async def test_linked_accounts_open_the_same_account(identities: Identities, arrivals: Arrivals, ira: Caller) -> None:
    await identities.link(ira, GITHUB, AT_GITHUB)
    await identities.link(ira, GITHUB, AT_GITHUB)  # twice raises nothing
    assert await identities.list_own(ira) == [GITHUB]
    assert (await arrivals.come(GITHUB, AT_GITHUB)).user_id == ira.user_id


async def test_what_is_linked_to_somebody_is_not_linked_to_another(
    identities: Identities, ira: Caller, boris: Caller
) -> None:
    answers = await asyncio.gather(
        *(identities.link(caller, GITHUB, AT_GITHUB) for caller in (ira, boris)), return_exceptions=True
    )
    assert [type(answer) for answer in answers if answer] == [NotAllowed]
    assert len(await identities.list_own(ira)) + len(await identities.list_own(boris)) == 1


async def test_of_one_site_one_account_is_linked(database: Database, identities: Identities, ira: Caller) -> None:
    answers = await asyncio.gather(
        *(identities.link(ira, GITHUB, ProviderProfile(subject)) for subject in ("1", "2", "3")), return_exceptions=True
    )
    assert sum(isinstance(answer, Invalid) for answer in answers) == 2
    assert await how_many(database, ExternalIdentity) == 1


async def test_the_last_way_in_stays(database: Database, identities: Identities, arrivals: Arrivals) -> None:
    guest = await arrivals.come(VK, ProviderProfile("7", "Гость"))
    with pytest.raises(NotAllowed, match="only way"):
        await identities.unlink(guest, VK)
    await identities.unlink(guest, YANDEX)  # never linked: raises nothing
    await identities.link(guest, GITHUB, AT_GITHUB)
    answers = await asyncio.gather(
        *(identities.unlink(guest, provider) for provider in (VK, GITHUB)), return_exceptions=True
    )
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 1
    assert await how_many(database, ExternalIdentity) == 1


async def test_a_provider_that_was_switched_off_is_no_way_in(
    database: Database, ban_evasion: BanEvasion, arrivals: Arrivals
) -> None:
    guest = await arrivals.come(VK, ProviderProfile("7", "Гость"))
    async with database.write() as db:
        db.add(ExternalIdentity(user_id=guest.user_id, provider=GITHUB.kept_as, subject="1"))
    only_vk = Identities(database, ban_evasion, (VK,))
    assert await only_vk.list_own(guest) == [VK]
    with pytest.raises(NotAllowed):
        await only_vk.unlink(guest, VK)


async def test_with_an_address_for_letters_the_provider_may_go(identities: Identities, arrivals: Arrivals) -> None:
    ira = await arrivals.come(YANDEX, AT_YANDEX)
    await identities.unlink(ira, YANDEX)
    assert await identities.list_own(ira) == []


async def test_after_log_out_nothing_is_linked_or_unlinked(
    identities: Identities, devices: SessionList, ira: Caller
) -> None:
    await devices.log_out(ira)
    for action in (
        identities.link(ira, VK, ProviderProfile("7")),
        identities.unlink(ira, VK),
        identities.list_own(ira),
    ):
        with pytest.raises(SignedOut):
            await action


ANSWERS: list[tuple[Provider, dict[str, Any], ProviderProfile]] = [
    (
        YANDEX,
        {"id": "1", "login": "kot", "default_email": "kot@ya.ru", "display_name": "Кот", "client_id": "x"},
        ProviderProfile("1", "Кот", "kot@ya.ru", email_is_verified=True),
    ),
    (YANDEX, {"id": "1", "default_email": "kot@example.org"}, ProviderProfile("1", "", "kot@example.org")),
    (
        YANDEX,
        {"id": "1", "default_email": "kot@yandex.ru.evil.org"},
        ProviderProfile("1", "", "kot@yandex.ru.evil.org"),
    ),
    (
        VK,
        {"user": {"user_id": 17, "first_name": "Ира", "last_name": "Кот", "email": "i@example.org", "verified": True}},
        ProviderProfile("17", "Ира Кот", "i@example.org"),
    ),
    (
        GOOGLE,
        {"sub": "1", "name": "Ira", "email": "i@example.org", "email_verified": True},
        ProviderProfile("1", "Ira", "i@example.org", email_is_verified=True),
    ),
    (
        OPENID,
        {"sub": "1", "email": "i@example.org", "email_verified": "false"},
        ProviderProfile("1", "", "i@example.org"),
    ),
    (
        GITHUB,
        {
            "id": 583231,
            "login": "kot",
            "name": None,
            "email": "public@example.org",
            "emails": [
                {"email": "old@example.org", "primary": False, "verified": True},
                {"email": "i@example.org", "primary": True, "verified": True},
            ],
        },
        ProviderProfile("583231", "kot", "i@example.org", email_is_verified=True),
    ),
    (GITHUB, {"id": 1, "login": "kot", "emails": {"message": "no"}}, ProviderProfile("1", "kot")),
]


@pytest.mark.parametrize(("provider", "answer", "profile"), ANSWERS)
def test_each_providers_answer_is_understood(
    provider: Provider, answer: dict[str, Any], profile: ProviderProfile
) -> None:
    assert provider.profile(answer) == profile


@pytest.mark.parametrize("provider", [YANDEX, VK, GOOGLE, GITHUB])
@pytest.mark.parametrize(
    "answer", [{}, {"id": None, "sub": None}, {"id": True, "sub": []}, {"user": "x"}, {"id": "\0"}]
)
def test_an_answer_about_nobody_is_refused(provider: Provider, answer: dict[str, Any]) -> None:
    with pytest.raises(BrokenAnswer):
        provider.profile(answer)


def test_each_provider_is_on_when_it_has_its_id_and_secret() -> None:
    assert switched_on(Settings(_env_file=None)) == ()
    settings = Settings(
        _env_file=None, github_client_id="id", github_client_secret="hush", vk_client_id="7", vk_client_secret="hush"
    )
    on = switched_on(settings)
    assert [provider.key for provider in on] == ["vk", "github"]
    assert "hush" not in repr(on)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"YANDEX_CLIENT_ID": "id"}, "YANDEX_CLIENT_SECRET"),
        ({"GITHUB_CLIENT_SECRET": "hush"}, "GITHUB_CLIENT_ID"),
        ({"OIDC_ISSUER": "https://sso.example.org"}, "OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_ID": "id", "OIDC_CLIENT_SECRET": "hush"}, "OIDC_ISSUER"),
    ],
)
def test_half_a_provider_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, str], missing: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{missing} is missing")
    assert "hush" not in str(refused.value)

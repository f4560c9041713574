"""Homograph addresses: with one that looks like another, nobody else is found, written to or made an admin."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

import domain
from domain.accounts.accounts import Accounts
from domain.accounts.identities import Identities
from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLink
from domain.accounts.profile import ProfileEditing
from domain.accounts.providers import GOOGLE, ProviderProfile
from domain.accounts.sessions import Caller
from domain.accounts.sign_up import SignUp
from domain.email_address import clean_email, email_key
from domain.errors import AppError, Invalid
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from storage.database import Database
from tests.domain.conftest import ADDRESS, PASSWORD, Mailbox, People

OTHERS_OF_THEIR_OWN = [
    ("anna@strasse.de", "anna@straße.de"),
    ("anna@strasse.de", "anna@xn--strae-oqa.de"),
    ("strasse@example.org", "straße@example.org"),
    ("νικοσ@example.org", "νικος@example.org"),
    ("anna@σίγμασ.gr", "anna@σίγμας.gr"),
    ("ira@apple.com", "ira@аррӏе.com"),  # all of it Cyrillic
]
"""An address, and another one that some comparison takes for the same; both may have an account."""

REFUSED = [
    ("anna@example.org", "ａnna@example.org"),
    ("anna@example.org", "anna@ｅxample.org"),
    ("anna@example.org", "anna@example．org"),
    ("anna@example.org", "аnna@example.org"),  # the first а is Cyrillic
    ("anna@example.org", "anna@еxample.org"),  # the first е is
    ("anna@example.org", "anna@xn--xample-2of.org"),  # the same in ASCII
    ("anna@example.org", "αnna@example.org"),
    ("anna@example.org", "a\ufe0fnna@example.org"),
    ("anna@example.org", "an\u034fna@example.org"),
    ("finn@example.org", "ﬁnn@example.org"),
    ("finn@fi.org", "finn@ﬁ.org"),
    ("bosk@example.org", "bos\u212a@example.org"),  # the Kelvin sign
    ("bob5@example.org", "bob٥@example.org"),
]
LOOKALIKES = [*OTHERS_OF_THEIR_OWN, *REFUSED]


@dataclass(frozen=True)
class Attack:
    """Stage of an attack: somebody has the address `victim`, and the attacker has an account of their own."""

    sign_up: SignUp
    log_in: LogIn
    profile: ProfileEditing
    accounts: Accounts
    identities: Identities
    caller: Caller


Place = Callable[[Attack, str], Awaitable[object]]

PLACES: dict[str, Place] = {
    "SignUp.request": lambda world, email: world.sign_up.request(email, "ru"),
    "SignUp.open_by_code": lambda world, email: world.sign_up.open_by_code(email, "123456"),
    "LogIn.by_password": lambda world, email: world.log_in.by_password(email, PASSWORD),
    "LogIn.request": lambda world, email: world.log_in.request(email, "ru"),
    "LogIn.open_by_code": lambda world, email: world.log_in.open_by_code(email, "123456"),
    "ProfileEditing.ask_new_email": lambda world, email: world.profile.ask_new_email(world.caller, PASSWORD, email),
    "ProfileEditing.open_by_code": lambda world, email: world.profile.open_by_code(email, "123456"),
    "Identities.log_in": lambda world, email: world.identities.log_in(
        GOOGLE, ProviderProfile("7", "Anna", email, email_is_verified=True), language="ru"
    ),
    "Accounts.set_admin": lambda world, email: world.accounts.set_admin(email, is_admin=True),
    "Accounts.grant_admins": lambda world, email: world.accounts.grant_admins([email]),
}
ASKED_THROUGH = {
    "LogIn._living_with": "LogIn.request",
    "LogIn._typed": "LogIn.by_password",
    "MailedLinks.take_from_rate_limit": "all requests",
    "MailedLinks.store": "all requests",
    "MailedLinks.open_by_code": "all codes",
    "MailedLinks._hash_of_code": "all codes",
    "MailedLinks._token_for_code": "all codes",
    "ProfileEditing._check_password": "ProfileEditing.ask_new_email",
    "ProfileEditing.confirm_email": "by the link of a letter",
    "BanEvasion.of_address": "a fingerprint of one's own address, which opens nothing",
    "Identities._address_is_taken": "Identities.log_in",
    "Identities._newcomer": "Identities.log_in",
    "Admins.make_admin_if_listed": "SignUp.complete, Identities.log_in, Accounts.grant_admins",
    "EmailAddress.well_formed_email": "asks for the length of the key only",
    "AccountErasure.mail_code": "to the address of the account",
    "MeasureNotifier._post": "to the address of the account",
    "People._beginning_of_address": "what admins look for in a list",
    "Newcomer.settled": "people of a demo, with addresses of ours",
}
"""What else compares addresses or posts letters, and how it is tried here or why not."""


@pytest.fixture
async def attack(
    sign_up: SignUp,
    log_in: LogIn,
    profile: ProfileEditing,
    accounts: Accounts,
    database: Database,
    ban_evasion: BanEvasion,
    people: People,
) -> Attack:
    attacker = await people.come("attacker")
    return Attack(sign_up, log_in, profile, accounts, Identities(database, ban_evasion, (GOOGLE,)), attacker)


async def comes(address: str, sign_up: SignUp, people: People, mailbox: Mailbox) -> Caller:
    await sign_up.request(address, "ru")
    return await people.enter(await sign_up.complete(mailbox.token(), PASSWORD, "", "Анна"))


async def nothing_of_the_victims_was_touched(database: Database, mailbox: Mailbox, before: User) -> None:
    async with database.read() as db:
        assert (await db.get_one(User, before.id)).model_dump() == before.model_dump()
        links = (await db.exec(select(MailedLink).where(MailedLink.user_id == before.id))).all()
    opening = {link.email for link in links if link.used_at is None}
    assert opening <= {before.email}
    for letter in mailbox.letters:
        if "/log-in/" in letter.text:
            assert letter.to == before.email, "a letter that opens the account went to another address"


@pytest.mark.parametrize(("victims", "lookalike"), LOOKALIKES)
async def test_wherever_a_lookalike_is_given_it_is_nobody_elses(
    attack: Attack, database: Database, mailbox: Mailbox, sign_up: SignUp, people: People, victims: str, lookalike: str
) -> None:
    victim = await comes(victims, sign_up, people, mailbox)
    async with database.read() as db:
        before = await db.get_one(User, victim.user_id)
    mailbox.letters.clear()
    for place, give in PLACES.items():
        answer: object = None
        with suppress(AppError):
            answer = await give(attack, lookalike)
        if isinstance(answer, str):  # a ticket, but for an account of its own
            assert place == "Identities.log_in"
            assert (await people.enter(answer)).user_id != victim.user_id
        await nothing_of_the_victims_was_touched(database, mailbox, before)  # nor is the victim an admin now
    if (victims, lookalike) in REFUSED:
        assert mailbox.letters == []


@pytest.mark.parametrize(("victims", "own"), OTHERS_OF_THEIR_OWN)
async def test_two_such_addresses_are_two_accounts_whoever_comes_first(
    sign_up: SignUp, log_in: LogIn, people: People, mailbox: Mailbox, victims: str, own: str
) -> None:
    first, second = [await comes(address, sign_up, people, mailbox) for address in (own, victims)]
    assert first.user_id != second.user_id
    for address, caller in ((own, first), (victims, second)):
        await log_in.request(address, "ru")
        assert email_key(mailbox.letters[-1].to) == email_key(address)
        assert (await people.enter(await log_in.by_letter(mailbox.token()))).user_id == caller.user_id


@pytest.mark.parametrize("typed", [lookalike for _, lookalike in REFUSED])
async def test_what_can_be_taken_for_another_address_is_refused_in_one_sentence(
    sign_up: SignUp, profile: ProfileEditing, mailbox: Mailbox, people: People, typed: str
) -> None:
    ira = await people.come("ira")
    before = len(mailbox.letters)
    for ask in (sign_up.request(typed, "ru"), profile.ask_new_email(ira, PASSWORD, typed)):
        with pytest.raises(Invalid) as refused:
            await ask
        assert refused.value.field == "email"
        assert str(refused.value) == "Use letters of a single alphabet in the address."
    assert len(mailbox.letters) == before


@pytest.mark.parametrize(
    "typed",
    [
        *(own for _, own in OTHERS_OF_THEIR_OWN),
        *("анна@почта.рф", "anna@пример.рф", "ира.2026@пример.рф", "Łukasz@example.pl", "山田さん@日本語.jp"),
        "и\u0306од@example.org",  # a letter and its breve, as some keyboards write й
    ],
)
def test_an_address_in_any_one_alphabet_is_taken(typed: str) -> None:
    assert email_key(clean_email(typed)) == email_key(typed)


@pytest.mark.parametrize(("admins", "lookalike"), [*OTHERS_OF_THEIR_OWN, ("Boss@example.org", "boss@example.org")])
async def test_only_who_has_exactly_a_listed_address_is_made_an_admin(
    database: Database, links: object, mailbox: Mailbox, ban_evasion: BanEvasion, accounts: Accounts, people: People,
    admins: str, lookalike: str, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    listed = [clean_email(admins)]
    sign_up = SignUp(database, links, mailbox, ban_evasion, address=ADDRESS, admin_emails=listed)  # type: ignore[arg-type]
    first = await comes(lookalike, sign_up, people, mailbox)
    await accounts.grant_admins(listed)
    assert not await is_admin(database, first)
    if email_key(admins) == email_key(lookalike):
        assert f"Person {first.user_id} has an address of ADMIN_EMAILS but for its case" in caplog.text
        return
    second = await comes(admins, sign_up, people, mailbox)
    assert await is_admin(database, second)
    assert not await is_admin(database, first)


async def is_admin(database: Database, caller: Caller) -> bool:
    async with database.read() as db:
        return (await db.get_one(User, caller.user_id)).is_admin


async def test_a_provider_that_vouches_for_a_listed_address_makes_an_admin_of_nobody_else(
    database: Database, ban_evasion: BanEvasion, people: People
) -> None:
    identities = Identities(database, ban_evasion, (GOOGLE,), ["boss@strasse.de"])
    made = {}
    for subject, email, is_verified in (
        ("1", "boss@straße.de", True),
        ("2", "ｂoss@strasse.de", True),
        ("3", "boss@strasse.de", False),
        ("4", "boss@strasse.de", True),
    ):
        profile = ProviderProfile(subject, "Boss", email, email_is_verified=is_verified)
        caller = await people.enter((await identities.log_in(GOOGLE, profile, language="ru")).ticket)
        async with database.read() as db:
            user = await db.get_one(User, caller.user_id)
        made[subject] = (user.email, user.is_admin)
    assert made == {
        "1": ("boss@straße.de", False),
        "2": (None, False),
        "3": (None, False),
        "4": ("boss@strasse.de", True),
    }


async def test_letters_go_to_the_address_of_the_account_however_it_was_typed(
    sign_up: SignUp, log_in: LogIn, profile: ProfileEditing, people: People, mailbox: Mailbox
) -> None:
    await people.come("ira")
    boris = await people.come("boris")
    for ask in (
        sign_up.request("IRA@Example.org", "ru"),
        log_in.request(" Ira@example.ORG ", "ru"),
        profile.ask_new_email(boris, PASSWORD, "iRA@example.org"),
    ):
        mailbox.letters.clear()
        await ask
        assert [letter.to for letter in mailbox.letters] == ["ira@example.org"]


def test_every_place_that_compares_or_posts_has_its_row() -> None:
    """A new place is tried above, or listed with a reason among those that need not be."""
    root = Path(domain.__file__).parent
    found = set()
    for path in root.rglob("*.py"):
        module = path.stem.title().replace("_", "")
        for outer in ast.parse(path.read_text("utf-8")).body:
            owner = outer.name if isinstance(outer, ast.ClassDef) else module
            for each in outer.body if isinstance(outer, ast.ClassDef) else [outer]:
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and _compares_or_posts(each):
                    found.add(f"{owner}.{each.name}")
    assert found - {*PLACES, *ASKED_THROUGH} == set()
    assert {*ASKED_THROUGH} - found == set()


def _compares_or_posts(function: ast.AST) -> bool:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(
        (isinstance(call, ast.Name) and call.id == "email_key")
        or (isinstance(call, ast.Attribute) and call.attr == "enqueue" and "outbox" in ast.unparse(call.value))
        for call in calls
    )

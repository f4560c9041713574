"""Profile: its fields and picture, changing the password and the address."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLinks
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller, LoginSession
from domain.accounts.sessions_list import SessionEnded, SessionList
from domain.accounts.sign_up import SignUp
from domain.characters.characters import Characters
from domain.errors import Invalid, InvalidForm, NotFound, RateLimited, SignedOut
from domain.model.user import ABOUT_LIMIT, FormOfAddress, PersonGender, User
from domain.moderation.ban_evasion import BanEvasion
from domain.pictures.avatars import Avatars
from domain.pictures.photos import Photos
from domain.rate_limits import LETTERS_FROM_IP, InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import ADDRESS, PASSWORD, Mailbox, People, files_below, filled
from tests.domain.pictures.photos import a_photo

IRA = "ira@example.org"
NEW = "irina@example.org"
NEW_PASSWORD = "совсем другая фраза"


async def as_kept(database: Database, caller: Caller) -> User:
    async with database.read() as db:
        return await db.get_one(User, caller.user_id)


async def let_age(database: Database, caller: Caller, passed: timedelta) -> None:
    async with database.write() as db:
        (await db.get_one(LoginSession, caller.session_id)).created_at -= passed


@pytest.fixture
async def at_work(ira: Caller, log_in: LogIn, people: People) -> Caller:
    """Ira on another device, where she logged in by password."""
    session = await people.enter(await log_in.by_password(IRA, PASSWORD))
    assert session.user_id == ira.user_id
    return session


async def test_what_people_say_of_themselves_is_kept(profile: ProfileEditing, database: Database, ira: Caller) -> None:
    await profile.save(ira, "  Ирина   П. ", "Люблю море.\r\nИ маяки. ", "female", "вы")
    kept = await as_kept(database, ira)
    assert (kept.display_name, kept.about) == ("Ирина П.", "Люблю море.\nИ маяки.")
    assert (kept.gender, kept.form_of_address) == (PersonGender.FEMALE, FormOfAddress.FORMAL)


async def test_the_username_is_changed_and_given_up_by_the_rules_of_the_sign_up(
    profile: ProfileEditing, log_in: LogIn, people: People, ira: Caller
) -> None:
    await people.come("boris", username="Boris")
    assert await profile.choose_username(ira, " Ira.P ") == "Ira.P"
    assert await log_in.by_password("ira.p", PASSWORD)
    for typed in ("boris", "BORIS", "ab", "ира", "admin"):
        with pytest.raises(Invalid) as refused:
            await profile.choose_username(ira, typed)
        assert refused.value.field == "username", typed
    assert await profile.choose_username(ira, "") == ""
    with pytest.raises(Invalid):
        await log_in.by_password("ira.p", PASSWORD)


async def test_each_field_that_cannot_be_taken_says_so_and_nothing_is_kept(
    profile: ProfileEditing, database: Database, ira: Caller
) -> None:
    with pytest.raises(InvalidForm) as refused:
        await profile.save(ira, "\u2800", "о" * (ABOUT_LIMIT + 1), "robot", "ваше величество")
    assert [error.field for error in refused.value.errors] == ["display_name", "about", "gender", "form_of_address"]
    with pytest.raises(InvalidForm):
        await profile.save(ira, "Ира", "невидимка\u202e", "", "")
    assert (await as_kept(database, ira)).display_name == "ira"


async def test_a_new_picture_takes_the_place_of_the_old_one(
    avatars: Avatars, photos: Photos, database: Database, pictures: Path, ira: Caller
) -> None:
    first, second = [await photos.store(ira, a_photo()) for _ in range(2)]
    await avatars.choose(ira, first)
    await avatars.choose(ira, second)
    assert (await as_kept(database, ira)).picture_token == second
    assert {file.name.split("-")[0] for file in files_below(pictures)} == {second}
    await avatars.choose(ira, None)
    assert files_below(pictures) == []


async def test_nobody_shows_a_picture_of_others_nor_one_that_is_gone(
    avatars: Avatars, photos: Photos, database: Database, ira: Caller, boris: Caller
) -> None:
    token = await photos.store(boris, a_photo())
    for foreign in (token, "0" * 32, "../../etc/passwd"):
        with pytest.raises(Invalid) as refused:
            await avatars.choose(ira, foreign)
        assert refused.value.field == "photo"
    assert (await as_kept(database, ira)).picture_token is None


async def test_a_picture_that_a_character_shows_as_well_stays_for_it(
    avatars: Avatars, photos: Photos, characters: Characters, pictures: Path, ira: Caller
) -> None:
    token = await photos.store(ira, a_photo())
    made = await characters.save(ira, filled(picture_token=token))
    await avatars.choose(ira, token)
    await characters.delete(ira, made.id)
    assert files_below(pictures)
    await avatars.choose(ira, None)
    assert files_below(pictures) == []


async def test_a_new_password_asks_the_old_one_and_ends_all_other_sessions(
    profile: ProfileEditing, devices: SessionList, log_in: LogIn, people: People, bus: Bus, ira: Caller, at_work: Caller
) -> None:
    told: list[SessionEnded] = []
    bus.subscribe(SessionEnded, ira.session_id, told.append)
    assert await profile.asks_old_password(at_work)
    with pytest.raises(Invalid) as refused:
        await profile.set_password(at_work, "not hers", NEW_PASSWORD)
    assert refused.value.field == "old"
    with pytest.raises(Invalid) as refused:
        await profile.set_password(at_work, PASSWORD, "12345678")
    assert refused.value.field == "password"
    await profile.set_password(at_work, PASSWORD, NEW_PASSWORD)
    await asyncio.sleep(0)
    assert told == [SessionEnded(ira.session_id)]
    with pytest.raises(SignedOut):
        await devices.list_own(ira)
    assert len(await devices.list_own(at_work)) == 1
    with pytest.raises(Invalid):
        await log_in.by_password(IRA, PASSWORD)
    assert await people.enter(await log_in.by_password(IRA, NEW_PASSWORD))


async def test_shortly_after_a_letter_the_old_password_is_not_asked(
    profile: ProfileEditing, log_in: LogIn, people: People, mailbox: Mailbox, database: Database
) -> None:
    await people.come("ira")
    await log_in.request(IRA, "ru")
    by_letter = await people.enter(await log_in.by_letter(mailbox.token()))
    await profile.set_password(by_letter, "", NEW_PASSWORD)
    await let_age(database, by_letter, timedelta(minutes=15))
    assert await profile.asks_old_password(by_letter)
    with pytest.raises(Invalid):
        await profile.set_password(by_letter, "", PASSWORD)


async def test_two_new_passwords_at_the_same_moment_leave_one_that_works(
    profile: ProfileEditing, log_in: LogIn, at_work: Caller
) -> None:
    wishes = [f"{NEW_PASSWORD} {n}" for n in range(4)]
    ends = await asyncio.gather(
        *(profile.set_password(at_work, PASSWORD, wish) for wish in wishes), return_exceptions=True
    )
    [works] = [wish for wish, end in zip(wishes, ends, strict=True) if end is None]
    assert await log_in.by_password(IRA, works)


async def test_a_new_address_is_confirmed_there_and_told_to_the_old_one(
    profile: ProfileEditing, log_in: LogIn, mailbox: Mailbox, ira: Caller
) -> None:
    await profile.ask_new_email(ira, PASSWORD, f" {NEW} ")
    letter = mailbox.letters[-1]
    assert letter.to == NEW
    assert await profile.new_email_of(mailbox.token(letter)) == NEW
    assert await log_in.by_password(IRA, PASSWORD)  # nothing has changed yet
    assert await profile.confirm_email(mailbox.token(letter)) == NEW
    assert mailbox.letters[-1].to == IRA
    assert NEW in mailbox.letters[-1].text
    assert await log_in.by_password(NEW, PASSWORD)
    with pytest.raises(Invalid):
        await log_in.by_password(IRA, PASSWORD)
    with pytest.raises(NotFound):
        await profile.confirm_email(mailbox.token(letter))


async def test_the_code_confirms_a_new_address_as_well(profile: ProfileEditing, mailbox: Mailbox, ira: Caller) -> None:
    await profile.ask_new_email(ira, PASSWORD, NEW)
    code = mailbox.code()
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(Invalid) as refused:
        await profile.open_by_code(NEW, wrong)
    assert refused.value.field == "code"
    assert await profile.confirm_email(await profile.open_by_code(NEW, code)) == NEW


async def test_an_address_of_somebody_else_gets_the_same_answer_and_its_owner_a_letter(
    profile: ProfileEditing, mailbox: Mailbox, database: Database, ira: Caller, boris: Caller
) -> None:
    await profile.ask_new_email(ira, PASSWORD, "Boris@example.org")
    letter = mailbox.letters[-1]
    assert letter.to == "boris@example.org"
    assert "/profile/email/" not in letter.text
    assert (await as_kept(database, boris)).email == "boris@example.org"


async def test_a_new_address_needs_the_password(profile: ProfileEditing, mailbox: Mailbox, ira: Caller) -> None:
    before = len(mailbox.letters)
    for password, email, field in (
        ("not hers", NEW, "old"),
        ("", NEW, "old"),
        (PASSWORD, "not an address", "email"),
        (PASSWORD, IRA.upper(), "email"),
    ):
        with pytest.raises(Invalid) as refused:
            await profile.ask_new_email(ira, password, email)
        assert refused.value.field == field
    assert len(mailbox.letters) == before


async def test_nobody_has_letters_sent_to_any_number_of_strangers(
    database: Database, bus: Bus, mailbox: Mailbox, ban_evasion: BanEvasion, ira: Caller
) -> None:
    limits = RateLimiter(InMemory())
    links = MailedLinks(database, limits, secret="a secret that is long enough for anything")
    profile = ProfileEditing(
        database,
        bus,
        links=links,
        password_attempts=PasswordAttempts(limits),
        outbox=mailbox,
        ban_evasion=ban_evasion,
        address=ADDRESS,
    )
    before = len(mailbox.letters)
    for number in range(LETTERS_FROM_IP.times):
        await profile.ask_new_email(ira, PASSWORD, f"{number}@example.org")
    with pytest.raises(RateLimited) as refused:
        await profile.ask_new_email(ira, PASSWORD, NEW)
    assert refused.value.field == "email"
    assert len(mailbox.letters) == before + LETTERS_FROM_IP.times


async def test_of_two_people_who_confirm_one_address_at_once_one_gets_it(
    profile: ProfileEditing, mailbox: Mailbox, database: Database, ira: Caller, boris: Caller
) -> None:
    """The second request cancels the first link, unless it was used before; opening it by code renews its token."""
    await profile.ask_new_email(ira, PASSWORD, NEW)
    iras = mailbox.token()
    await profile.ask_new_email(boris, PASSWORD, NEW)
    ends = await asyncio.gather(
        *(profile.confirm_email(token) for token in (iras, mailbox.token(), mailbox.token())), return_exceptions=True
    )
    assert [end for end in ends if end == NEW] == [NEW]
    owners = [(await as_kept(database, each)).email for each in (ira, boris)]
    assert owners == [IRA, NEW]


async def test_an_address_that_was_taken_meanwhile_is_refused_plainly(
    profile: ProfileEditing, people: People, mailbox: Mailbox, database: Database, ira: Caller
) -> None:
    await profile.ask_new_email(ira, PASSWORD, NEW)
    token = mailbox.token()
    await people.come("irina")
    with pytest.raises(Invalid) as refused:
        await profile.confirm_email(token)
    assert refused.value.field == "email"
    assert (await as_kept(database, ira)).email == IRA


async def test_the_same_change_asked_for_many_times_at_once_sends_letters_of_which_the_last_works(
    profile: ProfileEditing, mailbox: Mailbox, ira: Caller
) -> None:
    await asyncio.gather(*(profile.ask_new_email(ira, PASSWORD, NEW) for _ in range(5)))
    assert await profile.confirm_email(mailbox.token()) == NEW


async def test_after_log_out_an_open_profile_changes_nothing(
    profile: ProfileEditing, avatars: Avatars, devices: SessionList, mailbox: Mailbox, ira: Caller
) -> None:
    await devices.log_out(ira)
    before = len(mailbox.letters)
    for action in (
        profile.save(ira, "Другая", "", "", ""),
        avatars.choose(ira, None),
        profile.set_password(ira, PASSWORD, NEW_PASSWORD),
        profile.ask_new_email(ira, PASSWORD, NEW),
        profile.asks_old_password(ira),
    ):
        with pytest.raises(SignedOut):
            await action
    assert len(mailbox.letters) == before


async def test_nobody_takes_their_own_name_or_address_as_a_password(
    profile: ProfileEditing, log_in: LogIn, sign_up: SignUp, people: People, mailbox: Mailbox
) -> None:
    """Wherever a password is set: at sign-up, by letter, in the profile."""
    await sign_up.request("irina.p@example.org", "ru")
    token = mailbox.token()
    own = ["irina.p@example.org", "IRINA.P@example.org", "lighthouse-keeper", "Смотрительница"]
    for password in own:
        with pytest.raises(Invalid, match="Your name or address is the first"):
            await sign_up.complete(token, password, "lighthouse-keeper", "Смотрительница")
    irina = await people.enter(await sign_up.complete(token, PASSWORD, "lighthouse-keeper", "Смотрительница"))
    await log_in.request("irina.p@example.org", "ru")
    for password in own:
        with pytest.raises(Invalid, match="Your name or address is the first"):
            await log_in.with_new_password(mailbox.token(), password)
        with pytest.raises(Invalid, match="Your name or address is the first"):
            await profile.set_password(irina, PASSWORD, password)
    assert await log_in.by_password("lighthouse-keeper", PASSWORD)

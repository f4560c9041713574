"""User profile and credentials: what users say about themselves, and changes of password and e-mail address."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.former_accounts import FormerAccounts
from domain.accounts.known_browsers import forget_browsers
from domain.accounts.mailed_links import LINK_LIFE, MailedLinks, Purpose, is_concurrent_request
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.passwords import check_length, check_new_password, hashed, own_names
from domain.accounts.sessions import Caller, LoginMethod, LoginSession, authenticate, authorize_writer
from domain.accounts.sessions_list import end_sessions
from domain.accounts.tastes import Tastes
from domain.accounts.validation import clean_display_name, clean_username, username_key
from domain.clock import now
from domain.email_address import clean_email, email_key
from domain.errors import Invalid, InvalidForm
from domain.language import Texts
from domain.mail.outbox import Outbox
from domain.mail.profile_letters import address_changed_letter, address_taken_letter, new_address_letter
from domain.model.user import ABOUT_LIMIT, FormOfAddress, PersonGender, User
from domain.text import cleaned, is_visible, with_plain_breaks
from storage.bus import Bus
from storage.database import LOCK_FOR_UPDATE, Database, violates

FRESH = timedelta(minutes=15)
"""Time after a log-in by mail within which a new password needs no old one, which the user has presumably forgotten."""
NEWS_LIFE = timedelta(days=2)
"""Time within which a purely informative mail is worth delivering."""


class ProfileEditing:
    """`address` is the public base URL for links."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        *,
        links: MailedLinks,
        password_attempts: PasswordAttempts,
        outbox: Outbox,
        ban_evasion: FormerAccounts,
        address: str,
    ) -> None:
        self._ban_evasion = ban_evasion
        self._database = database
        self._password_attempts = password_attempts
        self._bus = bus
        self._links = links
        self._outbox = outbox
        self._address = address

    async def save(
        self,
        caller: Caller,
        display_name: str,
        about: str,
        gender: str,
        form_of_address: str,
        *,
        tastes: Tastes | None = None,
    ) -> User:
        """Save the profile fields; without `tastes` those stay as they are.

        Raises `InvalidForm`, whose fields are named as here and as in `Tastes`.
        """
        said = _checked(display_name, about, gender, form_of_address, tastes)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            for field, value in said.items():
                setattr(person, field, value)
            return person

    async def choose_username(self, caller: Caller, username: str) -> str:
        """Change the name for logging in, or give it up by an empty one; returns its clean form. Raises `Invalid` for
        `username`.
        """
        chosen = clean_username(username)
        try:
            async with self._database.write() as db:
                person = await authorize_writer(db, caller)
                person.username, person.username_key = chosen, chosen and username_key(chosen)
        except IntegrityError as error:
            if violates(error, "uq_user_username_key"):
                raise Invalid("This username is taken.", field="username") from error
            raise
        return chosen or ""

    async def asks_old_password(self, caller: Caller) -> bool:
        """Whether a new password needs the old one."""
        async with self._database.read() as db:
            return await _asks_old(db, await authenticate(db, caller), caller)

    async def set_password(self, caller: Caller, old: str, new: str) -> None:
        """Change the password and end all other sessions. Raises `Invalid` for `old` or `password`.

        The old one is not required if there is none, nor shortly after a log-in by mail.
        """
        check_length(new)
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            session = await db.get_one(LoginSession, caller.session_id)
            asks_old = await _asks_old(db, person, caller)
        await check_new_password(new, own=own_names(person))
        if asks_old:
            await self._check_old(person, caller, old)
        password_hash = await hashed(new)
        async with self._database.write() as db:
            changed = await _locked(db, caller)
            if asks_old and changed.password_hash != person.password_hash:  # changed elsewhere at the same moment
                raise Invalid("That's not your current password.", field="old")
            changed.password_hash = password_hash
            ended = await end_sessions(db, changed.id, col(LoginSession.id) != caller.session_id)
            await forget_browsers(db, changed.id, but=session.browser_hash)
        for fact in ended:
            self._bus.publish(fact)

    async def ask_new_email(self, caller: Caller, password: str, email: str) -> None:
        """Mail a link and a code to the new address. Raises `Invalid` for `email` or `old`.

        If the address belongs to somebody else the answer is the same, and the mail tells its owner so.
        """
        email = clean_email(email)
        await self._check_password(caller, password, email)
        try:
            async with self._database.write() as db:
                person = await authenticate(db, caller)
                _ = Texts(person.language)
                owner = (await db.exec(select(User).where(User.email_key == email_key(email)))).first()
                keys = await self._links.store(db, Purpose.EMAIL, email, _.language, person.id)
                letter = (
                    address_taken_letter(Texts(owner.language), owner.email)
                    if owner and owner.email
                    else new_address_letter(_, email, f"{self._address}/profile/email/{keys.token}", keys.code)
                )
                self._outbox.enqueue(db, letter, good_until=now() + LINK_LIFE)
        except IntegrityError as error:
            if not is_concurrent_request(error):
                raise

    async def _check_password(self, caller: Caller, password: str, new_email: str) -> None:
        async with self._database.read() as db:
            person = await authenticate(db, caller)
        if person.email_key == email_key(new_email):
            raise Invalid("This is already your address.", field="email")
        if person.password_hash is None:
            raise Invalid("Set a password first: it keeps others from changing your address.", field="old")
        await self._check_old(person, caller, password)
        await self._links.take_from_rate_limit(Purpose.EMAIL, new_email, f"person {person.id}")

    async def _check_old(self, person: User, caller: Caller, password: str) -> None:
        if not await self._password_attempts.reauthenticate(password, person, caller, field="old"):
            raise Invalid("That's not your current password.", field="old")

    async def new_email_of(self, token: str) -> str:
        """The address that a valid link confirms; raises `NotFound`. Does not use it up."""
        return await self._links.address(Purpose.EMAIL, token, "")

    async def open_by_code(self, email: str, code: str) -> str:
        """The token of a fresh link for the six digits sent to `email`; raises `Invalid` for `code`."""
        return await self._links.open_by_code(Purpose.EMAIL, email, code)

    async def confirm_email(self, token: str) -> str:
        """Use the link up and set the account's new address, which is returned; the old one gets a mail.

        No log-in is needed: the link may be opened on another device. Raises `NotFound` if the link is not valid,
        `Invalid` for `email` if somebody else has taken the address meanwhile.
        """
        try:
            async with self._database.write() as db:
                link = await self._links.consume(db, Purpose.EMAIL, token, "")
                person = await db.get_one(User, link.user_id, with_for_update=LOCK_FOR_UPDATE)
                old = person.email
                person.email, person.email_key = link.email, link.email_key
                await db.delete(link)
                former = await self._ban_evasion.reapply(db, person, self._ban_evasion.of_address(link.email))
                if old:
                    await self._ban_evasion.store_for_released_key(db, person, self._ban_evasion.of_address(old))
                    letter = address_changed_letter(Texts(person.language), old, link.email)
                    self._outbox.enqueue(db, letter, good_until=now() + NEWS_LIFE)
        except IntegrityError as error:
            if violates(error, "uq_user_email_key"):
                raise Invalid("This address now belongs to another account.", field="email") from error
            raise
        await self._ban_evasion.transfer_counts(former, person.id)
        return link.email


async def _asks_old(db: AsyncSession, person: User, caller: Caller) -> bool:
    session = await db.get_one(LoginSession, caller.session_id)
    came_by_letter = session.method == LoginMethod.LETTER and session.created_at > now() - FRESH
    return person.password_hash is not None and not came_by_letter


async def _locked(db: AsyncSession, caller: Caller) -> User:
    """The user with their row locked, so that what is read of it holds until the transaction ends."""
    person = await authenticate(db, caller)
    return await db.get_one(User, person.id, with_for_update=LOCK_FOR_UPDATE, populate_existing=True)


def _checked(
    display_name: str, about: str, gender: str, form_of_address: str, tastes: Tastes | None = None
) -> dict[str, object]:
    """The fields in their clean form."""
    errors: list[Invalid] = []
    over = len(about) - ABOUT_LIMIT
    said: dict[str, object] = {"about": cleaned(about, ABOUT_LIMIT, with_plain_breaks)}
    try:
        said["display_name"] = clean_display_name(display_name)
    except Invalid as error:
        errors.append(error)
    if over > 0:
        text = "At most {limit} characters: {over} too many."
        errors.append(Invalid(text, field="about", limit=ABOUT_LIMIT, over=over))
    elif not is_visible(str(said["about"]), allowed="\n\t\u200d"):
        errors.append(Invalid("This text has invisible characters in it. Please type it again.", field="about"))
    for field, kind, value in (("gender", PersonGender, gender), ("form_of_address", FormOfAddress, form_of_address)):
        try:
            said[field] = kind(value)
        except ValueError:
            errors.append(Invalid("Please pick one from the list.", field=field))
    if tastes:
        fields, refused = tastes.checked()
        said |= fields
        errors += refused
    if errors:
        raise InvalidForm(errors)
    return said

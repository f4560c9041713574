"""Sign-up (registration): a mail to the address, then a name and a password on the page behind its link or code."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import make_admin_if_listed
from domain.accounts.former_accounts import FormerAccounts
from domain.accounts.mailed_links import (
    LINK_LIFE,
    MailedLink,
    MailedLinks,
    Onward,
    Purpose,
    dead_link,
    is_concurrent_request,
    with_next,
)
from domain.accounts.passwords import check_length, check_new_password, hashed, own_names
from domain.accounts.sessions import LoginMethod, open_session
from domain.accounts.validation import clean_display_name, clean_username, username_key
from domain.clock import now
from domain.email_address import clean_email, email_key
from domain.errors import Invalid
from domain.language import Texts
from domain.mail.letters import already_here_letter, sign_up_letter
from domain.mail.outbox import Outbox
from domain.model.user import User
from storage.database import Database, violates


class SignUp:
    """`address` is the public base URL for links. `browser` is always the mark of a browser (a cookie), `device` its
    readable name (domain/accounts/sessions_list.py); both may be empty. Users with an address in `admin_emails` become
    admins.
    """

    def __init__(
        self,
        database: Database,
        links: MailedLinks,
        outbox: Outbox,
        ban_evasion: FormerAccounts,
        *,
        address: str,
        admin_emails: Collection[str] = (),
    ) -> None:
        self._ban_evasion = ban_evasion
        self._database = database
        self._links = links
        self._outbox = outbox
        self._address = address
        self._admin_emails = admin_emails

    async def request(self, email: str, language: str, ip: str = "", onward: Onward | None = None) -> None:
        """Mail a sign-up link or, if there is an account already, a note saying so.

        Answer, time and work are the same in both cases, so that a stranger cannot find out who has an account.
        """
        email = clean_email(email)
        await self._links.take_from_rate_limit(Purpose.SIGN_UP, email, ip)
        _ = Texts(language)
        try:
            async with self._database.write() as db:
                known = (await db.exec(select(User.email).where(User.email_key == email_key(email)))).first()
                keys = await self._links.store(db, Purpose.SIGN_UP, email, _.language, onward=onward)
                letter = (
                    already_here_letter(_, known, with_next(f"{self._address}/log-in", onward))
                    if known
                    else sign_up_letter(_, email, f"{self._address}/sign-up/{keys.token}", keys.code)
                )
                self._outbox.enqueue(db, letter, good_until=now() + LINK_LIFE)
        except IntegrityError as error:
            if not is_concurrent_request(error):
                raise

    async def link_of(self, token: str, browser: str = "") -> MailedLink:
        """The link, for the address it was sent to and the path to go on to; raises `NotFound` if it is not valid. Does
        not use it up: mail scanners open links too.
        """
        return await self._links.valid(Purpose.SIGN_UP, token, browser)

    async def open_by_code(self, email: str, code: str) -> str:
        """The token of a fresh link for the six digits; raises `Invalid` for the field `code`."""
        return await self._links.open_by_code(Purpose.SIGN_UP, email, code)

    async def complete(
        self, token: str, password: str, username: str, display_name: str, *, browser: str = "", device: str = ""
    ) -> str:
        """Create the account and use the link up; returns a ticket (domain/accounts/sessions.py).

        The same browser may do so again for a minute, and is logged in. Raises `Invalid` for a field, `NotFound` if the
        link is not valid; a refused request leaves the link valid.
        """
        check_length(password)
        person = User(username=clean_username(username), display_name=clean_display_name(display_name))
        person.email = (await self.link_of(token, browser)).email
        await check_new_password(password, own=own_names(person))
        person.password_hash = await hashed(password)
        person.username_key = person.username and username_key(person.username)
        try:
            async with self._database.write() as db:
                link = await self._links.consume(db, Purpose.SIGN_UP, token, browser)
                user = await (self._made_before(db, link) if link.user_id else self._make(db, link, person))
                former = await self._ban_evasion.reapply(db, user, self._ban_evasion.of_address(link.email))
                ticket = open_session(db, user, LoginMethod.LETTER, device, browser, trial_id=link.trial_id)
        except IntegrityError as error:
            if violates(error, "uq_user_username_key"):
                raise Invalid("This username is taken.", field="username") from error
            if violates(error, "uq_user_email_key"):
                raise dead_link() from error
            raise
        await self._ban_evasion.transfer_counts(former, user.id)
        return ticket

    async def _make(self, db: AsyncSession, link: MailedLink, person: User) -> User:
        person.email, person.email_key, person.language = link.email, link.email_key, link.language
        db.add(person)
        await db.flush()
        link.user_id = person.id
        make_admin_if_listed(db, person, self._admin_emails)
        return person

    async def _made_before(self, db: AsyncSession, link: MailedLink) -> User:
        return await db.get_one(User, link.user_id)

"""Log-in (authentication): by password or by a mailed link, which also serves to reset a forgotten password."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.known_browsers import forget_browsers, is_known_browser
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
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.passwords import LONGEST, check_length, check_new_password, hashed, own_names
from domain.accounts.sessions import LoginMethod, LoginSession, hash_of, open_session
from domain.accounts.sessions_list import end_sessions
from domain.accounts.validation import username_key
from domain.clock import now
from domain.email_address import EMAIL_LIMIT, email_key, looks_like_another, well_formed_email
from domain.errors import Invalid
from domain.language import Texts
from domain.mail.letters import log_in_letter, nobody_here_letter
from domain.mail.outbox import Outbox
from domain.model.user import User
from storage.bus import Bus
from storage.database import LOCK_FOR_REFERENCE, LOCK_FOR_UPDATE, Database


class LogIn:
    """Every method of log-in ends in a ticket (domain/accounts/sessions.py), for blocked users too: they log in to read
    why.

    `address` is the public base URL for links.

    `browser` is always the mark of a browser (a cookie), `device` its readable name (domain/accounts/sessions_list.py);
    both may be empty.
    """

    def __init__(
        self,
        database: Database,
        links: MailedLinks,
        password_attempts: PasswordAttempts,
        outbox: Outbox,
        bus: Bus,
        *,
        address: str,
    ) -> None:
        self._database = database
        self._password_attempts = password_attempts
        self._links = links
        self._outbox = outbox
        self._bus = bus
        self._address = address

    async def by_password(self, login: str, password: str, device: str = "", ip: str = "", *, browser: str = "") -> str:
        """Check the password and return a ticket; every wrong pair gets the same answer in the same time."""
        if len(login) > EMAIL_LIMIT or len(password) > LONGEST:
            raise _wrong_pair()
        column, key = _typed(login)
        async with self._database.read() as db:
            user = (await db.exec(select(User).where(column == key, col(User.deleted_at).is_(None)))).first()
            was_here = await is_known_browser(db, user, browser)
        if user and was_here:
            is_right = await self._password_attempts.check_known_browser(password, user, browser=browser, ip=ip)
        else:
            is_right = await self._password_attempts.check_unknown_browser(password, user, login=key, ip=ip)
        if not is_right or user is None:
            raise _wrong_pair()
        async with self._database.write() as db:
            person = await db.get(User, user.id, with_for_update=LOCK_FOR_UPDATE)
            if person is None or person.password_hash != user.password_hash:  # changed elsewhere while we checked
                raise _wrong_pair()
            return await _let_in(db, person, LoginMethod.PASSWORD, device, browser)

    async def request(
        self, email: str, language: str, ip: str = "", onward: Onward | None = None, *, browser: str = ""
    ) -> None:
        """Mail a log-in link to the address; an address without an account gets a mail saying so.

        Answer, time and work are the same in both cases, so that a stranger cannot find out who has an account. An
        address that looks like another one belongs to nobody and gets no mail: nobody could sign up with it.
        """
        typed, email = email, well_formed_email(email)
        await self._count_letter(typed, ip, browser)
        _ = Texts(language)
        try:
            async with self._database.write() as db:
                user = (await db.exec(_living_with(typed).with_for_update(**LOCK_FOR_REFERENCE))).first()
                to = user.email if user and user.email else typed.strip()
                keys = await self._links.store(
                    db, Purpose.LOG_IN, to, _.language, user.id if user else None, onward=onward
                )
                if user:
                    letter = log_in_letter(_, to, f"{self._address}/log-in/{keys.token}", keys.code)
                elif looks_like_another(typed, email):
                    return
                else:
                    letter = nobody_here_letter(_, email, with_next(f"{self._address}/sign-up", onward))
                self._outbox.enqueue(db, letter, good_until=now() + LINK_LIFE)
        except IntegrityError as error:
            if not is_concurrent_request(error):
                raise

    async def _count_letter(self, email: str, ip: str, browser: str) -> None:
        async with self._database.read() as db:
            user = (await db.exec(_living_with(email))).first()
            was_here = await is_known_browser(db, user, browser)
        await self._links.take_from_rate_limit(Purpose.LOG_IN, email, ip, browser=browser if was_here else "")

    async def link_of(self, token: str, browser: str = "") -> MailedLink:
        """The link, for the address it was sent to and the path to go on to; raises `NotFound` if it is not valid. Does
        not use it up: mail scanners open links too.
        """
        return await self._links.valid(Purpose.LOG_IN, token, browser)

    async def open_by_code(self, email: str, code: str) -> str:
        """The token of a fresh link for the six digits; raises `Invalid` for the field `code`."""
        return await self._links.open_by_code(Purpose.LOG_IN, email, code)

    async def by_letter(self, token: str, browser: str = "", device: str = "") -> str:
        """Use the link up and return a ticket; the same browser may use it again for a minute.

        Raises `NotFound` if the link is not valid.
        """
        async with self._database.write() as db:
            link, user = await self._whose(db, token, browser)
            return await _let_in(db, user, LoginMethod.LETTER, device, browser, trial_id=link.trial_id)

    async def with_new_password(self, token: str, password: str, browser: str = "", device: str = "") -> str:
        """As `by_letter`, but also sets a new password, which ends every existing session. Raises `Invalid` for the
        password too; a refused request leaves the link valid.
        """
        check_length(password)
        address = (await self.link_of(token, browser)).email
        async with self._database.read() as db:
            owner = (await db.exec(_living_with(address))).first()
        await check_new_password(password, own=own_names(owner) if owner else (address,))
        password_hash = await hashed(password)
        async with self._database.write() as db:
            link, user = await self._whose(db, token, browser)
            user.password_hash = password_hash
            ended = await end_sessions(db, user.id)
            await forget_browsers(db, user.id, but=hash_of(browser))
            ticket = await _let_in(db, user, LoginMethod.LETTER, device, browser, trial_id=link.trial_id)
        for fact in ended:
            self._bus.publish(fact)
        return ticket

    async def _whose(self, db: AsyncSession, token: str, browser: str) -> tuple[MailedLink, User]:
        """The link, and the user it was sent to, if the address is still theirs."""
        link = await self._links.consume(db, Purpose.LOG_IN, token, browser)
        found = await db.exec(
            select(User)
            .where(User.id == link.user_id, User.email == link.email, col(User.deleted_at).is_(None))
            .with_for_update(**LOCK_FOR_UPDATE)
        )
        user = found.first()
        if user is None:
            raise dead_link()
        return link, user


def _wrong_pair() -> Invalid:
    return Invalid("Wrong email, username or password.", field="password")


def _typed(login: str) -> tuple[Mapped[str | None], str]:
    """The column to look in and the typed name in the form it is compared in. No username contains an @."""
    if "@" in login:
        return col(User.email_key), email_key(login)
    return col(User.username_key), username_key(login)


def _living_with(email: str) -> SelectOfScalar[User]:
    return select(User).where(User.email_key == email_key(email), col(User.deleted_at).is_(None))


async def _let_in(
    db: AsyncSession, user: User, method: LoginMethod, device: str, browser: str, *, trial_id: int | None = None
) -> str:
    expired = col(LoginSession.expires_at) < now()
    await db.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id, expired))
    return open_session(db, user, method, device, browser, trial_id=trial_id)

"""Logging in: by password, or by a letter, which is also how somebody without their password sets a new one."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.devices import end_sessions
from domain.accounts.guesses import Guesses
from domain.accounts.links import LINK_LIFE, Links, Purpose, asked_twice, dead_link
from domain.accounts.names import clean_email, email_key, storable
from domain.accounts.passwords import check_new_password, hashed
from domain.accounts.sessions import LoginSession, Way, open_session
from domain.accounts.user import User
from domain.errors import Invalid
from domain.language import Texts
from domain.mail.letters import log_in_letter, nobody_here_letter
from domain.mail.outbox import Outbox
from domain.moments import now
from storage.bus import Bus
from storage.database import CHANGING, HOLDING, Database


class LogIn:
    """Every way ends in a ticket (domain/accounts/sessions.py), for blocked people too: they come to read why.

    `address` is the public one: links begin with it.

    `browser` is always the mark of somebody's browser (a cookie), `device` what it calls itself
    (domain/accounts/devices.py); both may be empty.
    """

    def __init__(
        self, database: Database, links: Links, guesses: Guesses, outbox: Outbox, bus: Bus, *, address: str
    ) -> None:
        self._database = database
        self._guesses = guesses
        self._links = links
        self._outbox = outbox
        self._bus = bus
        self._address = address

    async def by_password(self, login: str, password: str, device: str = "", ip: str = "") -> str:
        """A ticket for whoever knows the password; one answer for every wrong pair, in the same time."""
        async with self._database.read() as db:
            keys = or_(User.email_key == email_key(login), User.username_key == storable(login).strip().casefold())
            user = (await db.exec(select(User).where(keys, col(User.deleted_at).is_(None)))).first()
        kept = user.password_hash if user else None
        account = user.id if user else email_key(login)
        if not await self._guesses.is_right(password, kept, account=account, ip=ip) or user is None:
            raise _wrong_pair()
        async with self._database.write() as db:
            person = await db.get(User, user.id, with_for_update=CHANGING)
            if person is None or person.password_hash != kept:  # changed elsewhere while we were checking
                raise _wrong_pair()
            return await _let_in(db, person, Way.PASSWORD, device)

    async def request(self, email: str, language: str, ip: str = "") -> None:
        """Post a letter: a way in, or, where nobody has an account, a word about that.

        Answer, time and work done are the same for both, so that a stranger learns nothing about who has an account.
        """
        email = clean_email(email)
        await self._links.count_letter(email, ip)
        _ = Texts(language)
        try:
            async with self._database.write() as db:
                whose = select(User.id).where(User.email_key == email_key(email), col(User.deleted_at).is_(None))
                user_id = (await db.exec(whose.with_for_update(**HOLDING))).first()
                keys = await self._links.keep(db, Purpose.LOG_IN, email, _.language, user_id)
                letter = (
                    log_in_letter(_, email, f"{self._address}/log-in/{keys.token}", keys.code)
                    if user_id
                    else nobody_here_letter(_, email, f"{self._address}/sign-up")
                )
                self._outbox.post(db, letter, good_until=now() + LINK_LIFE)
        except IntegrityError as error:
            if not asked_twice(error):
                raise

    async def address_of(self, token: str, browser: str = "") -> str:
        """Where the letter with this link went; raises `NotFound` for a dead link. Looking uses nothing up."""
        return await self._links.address(Purpose.LOG_IN, token, browser)

    async def open_by_code(self, email: str, code: str) -> str:
        """The token of a fresh link for the six digits; raises `Invalid` for the field `code`."""
        return await self._links.open_by_code(Purpose.LOG_IN, email, code)

    async def by_letter(self, token: str, browser: str = "", device: str = "") -> str:
        """A ticket for the link, which is used up; the same browser may use it again for a minute.

        Raises `NotFound` for a dead link.
        """
        async with self._database.write() as db:
            user = await self._whose(db, token, browser)
            return await _let_in(db, user, Way.LETTER, device)

    async def with_new_password(self, token: str, password: str, browser: str = "", device: str = "") -> str:
        """As `by_letter`, with a new password, which ends every session there was. Raises `Invalid` for it as well;
        whatever is refused leaves the link alive.
        """
        check_new_password(password)
        password_hash = await hashed(password)
        async with self._database.write() as db:
            user = await self._whose(db, token, browser)
            user.password_hash = password_hash
            ended = await end_sessions(db, user.id)
            ticket = await _let_in(db, user, Way.LETTER, device)
        for fact in ended:
            self._bus.tell(fact)
        return ticket

    async def _whose(self, db: AsyncSession, token: str, browser: str) -> User:
        """The person the link was sent to, if the address is still theirs."""
        link = await self._links.take(db, Purpose.LOG_IN, token, browser)
        found = await db.exec(
            select(User)
            .where(User.id == link.user_id, User.email_key == link.email_key, col(User.deleted_at).is_(None))
            .with_for_update(**CHANGING)
        )
        user = found.first()
        if user is None:
            raise dead_link()
        return user


def _wrong_pair() -> Invalid:
    return Invalid("The name or the password is wrong.", field="password")


async def _let_in(db: AsyncSession, user: User, way: Way, device: str) -> str:
    expired = col(LoginSession.expires_at) < now()
    await db.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id, expired))
    return open_session(db, user, way, device)

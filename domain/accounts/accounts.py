"""What a person does to come in and to leave: sign up by letter, log in, log out."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, or_, select

from domain.accounts.links import CODE_TRIES, LINK_LIFE, SignUpLink, new_code
from domain.accounts.names import clean_display_name, clean_email, clean_username, email_key, storable
from domain.accounts.passwords import LONGEST, check_new_password, hashed, matches
from domain.accounts.sessions import SESSION_LIFE, Caller, LoginSession, hash_of, new_token, open_session, require
from domain.accounts.user import User
from domain.errors import AppError, Blocked, Invalid, NotFound
from domain.language import LANGUAGES, Texts
from domain.mail.letters import Mailer, already_here_letter, sign_up_letter
from domain.moments import now
from storage.bus import Bus
from storage.database import Database, violates

EXPIRED_KEPT = timedelta(days=7)
"""How long unfinished sign-ups and ended sessions stay before the next letter sweeps them out."""


@dataclass(frozen=True)
class SessionEnded:
    """Told after a log-out: open pages of that session close."""

    about: int
    """The session's id."""


@dataclass(frozen=True)
class Visitor:
    """Who is looking, as read when the page was opened."""

    caller: Caller
    user: User


class Accounts:
    """Sign-up, log-in and log-out. `address` is the public one that links begin with; `secret` guards short codes."""

    def __init__(self, database: Database, mailer: Mailer, bus: Bus, *, address: str, secret: str) -> None:
        self._database = database
        self._mailer = mailer
        self._bus = bus
        self._address = address
        self._secret = secret.encode()

    @property
    def letters_are_printed(self) -> bool:
        return self._mailer.prints_letters

    async def request_sign_up(self, email: str, language: str) -> None:
        """Send a letter: a way in, or, where there is an account already, a word about that.

        The answer is the same for both, so that a stranger learns nothing about who has an account.
        """
        email = clean_email(email)
        texts = Texts(language)
        token, code = new_token(), new_code()
        try:
            known = await self._keep_link(email, token, code, texts.language)
        except IntegrityError as error:
            if violates(error, "uq_sign_up_link_email_key"):
                return  # asked twice at the same moment: the other letter is on its way
            raise
        if known:
            await self._mailer.send(already_here_letter(texts, email, f"{self._address}/log-in"))
        else:
            await self._mailer.send(sign_up_letter(texts, email, f"{self._address}/sign-up/{token}", code))

    async def _keep_link(self, email: str, token: str, code: str, language: str) -> bool:
        """Put the link in the place of the address's last one; returns whether the address has an account."""
        async with self._database.write() as db:
            known = (await db.exec(select(User.id).where(User.email_key == email_key(email)))).first()
            await db.exec(delete(SignUpLink).where(col(SignUpLink.expires_at) < now() - EXPIRED_KEPT))
            await db.exec(delete(SignUpLink).where(col(SignUpLink.email_key) == email_key(email)))
            link = SignUpLink(
                email=email,
                email_key=email_key(email),
                token_hash=hash_of(token),
                code_hash=self._hash_of_code(email, code),
                language=language,
                expires_at=now() + LINK_LIFE,
            )
            db.add(link)
            return known is not None

    async def email_of_link(self, token: str) -> str:
        """The address a living link was sent to. Looking consumes nothing: mail scanners open links too."""
        async with self._database.read() as db:
            link = (await db.exec(select(SignUpLink).where(SignUpLink.token_hash == hash_of(token)))).first()
        if link is None or not link.is_alive():
            raise _dead_link()
        return link.email

    async def open_by_code(self, email: str, code: str) -> str:
        """Change the six digits for a fresh link token (the mailed link dies with it); raises `Invalid` for `code`."""
        async with self._database.write() as db:
            found = await db.exec(select(SignUpLink).where(SignUpLink.email_key == email_key(email)).with_for_update())
            link = found.first()
            takes_codes = link is not None and link.takes_codes()
            right = link is not None and hmac.compare_digest(link.code_hash, self._hash_of_code(email, code.strip()))
            if link is not None and takes_codes and right:
                token = new_token()
                link.token_hash = hash_of(token)
                link.wrong_codes = CODE_TRIES
                return token
            if link is not None:
                link.wrong_codes += 1
        if not takes_codes:
            raise Invalid("This code is no longer good. Please ask for a new letter.", field="code")
        raise Invalid("This is not the code from the letter.", field="code")

    async def complete_sign_up(self, token: str, password: str, username: str, display_name: str) -> str:
        """Make the account and consume the link; returns a ticket (domain/accounts/sessions.py).

        Raises `Invalid` for a field, `NotFound` for a dead link. Whatever is refused leaves the link alive.
        """
        check_new_password(password)
        clean_name = clean_username(username)
        display_name = clean_display_name(display_name)
        password_hash = await hashed(password)
        try:
            async with self._database.write() as db:
                found = await db.exec(
                    select(SignUpLink).where(SignUpLink.token_hash == hash_of(token)).with_for_update()
                )
                link = found.first()
                if link is None or not link.is_alive():
                    raise _dead_link()
                await db.delete(link)
                user = User(
                    email=link.email,
                    email_key=link.email_key,
                    username=clean_name,
                    username_key=clean_name and clean_name.casefold(),
                    display_name=display_name,
                    password_hash=password_hash,
                    language=link.language,
                )
                db.add(user)
                await db.flush()
                return open_session(db, user)
        except IntegrityError as error:
            if violates(error, "uq_user_username_key"):
                raise Invalid("This username is taken.", field="username") from error
            if violates(error, "uq_user_email_key"):
                raise _dead_link() from error
            raise

    async def log_in(self, login: str, password: str) -> str:
        """A ticket for whoever knows the password; one answer for every wrong pair, in the same time."""
        async with self._database.read() as db:
            keys = or_(User.email_key == email_key(login), User.username_key == storable(login).strip().casefold())
            user = (await db.exec(select(User).where(keys))).first()
        kept = user.password_hash if user else None
        if not await matches(password[: LONGEST + 1], kept) or user is None:
            raise Invalid("The name or the password is wrong.", field="password")
        if user.is_blocked:
            raise Blocked("Your account is blocked.", field="password")
        async with self._database.write() as db:
            expired = col(LoginSession.expires_at) < now()
            await db.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id, expired))
            return open_session(db, user)

    async def enter(self, ticket: str) -> str:
        """Change a ticket for the lasting token of its session, once."""
        token = new_token()
        async with self._database.write() as db:
            found = await db.exec(
                select(LoginSession)
                .where(LoginSession.token_hash == hash_of(ticket), col(LoginSession.entered_at).is_(None))
                .with_for_update()
            )
            session = found.first()
            if session is None or session.expires_at <= now():
                raise NotFound("This took too long. Please log in again.")
            session.token_hash = hash_of(token)
            session.entered_at = now()
            session.expires_at = now() + SESSION_LIFE
        return token

    async def visitor(self, token: str) -> Visitor | None:
        """Whose living session this token opens, if anybody's."""
        if not token:
            return None
        async with self._database.read() as db:
            session = (await db.exec(select(LoginSession).where(LoginSession.token_hash == hash_of(token)))).first()
            if session is None or session.entered_at is None:
                return None
            caller = Caller(session.id, session.user_id)
            try:
                return Visitor(caller, await require(db, caller))
            except AppError:
                return None

    async def log_out(self, caller: Caller) -> None:
        async with self._database.write() as db:
            await db.exec(delete(LoginSession).where(col(LoginSession.id) == caller.session_id))
        self._bus.tell(SessionEnded(caller.session_id))

    async def choose_language(self, caller: Caller, language: str) -> None:
        async with self._database.write() as db:
            user = await require(db, caller)
            if language in LANGUAGES:
                user.language = language

    async def set_admin(self, email: str, *, is_admin: bool) -> None:
        """Grant or revoke the right to administer; for the command line, which needs no caller."""
        async with self._database.write() as db:
            user = (await db.exec(select(User).where(User.email_key == email_key(email)))).first()
            if user is None:
                raise NotFound("Nobody has signed up with {email}.", email=email)
            user.is_admin = is_admin

    def _hash_of_code(self, email: str, code: str) -> str:
        """Six digits are few: without our secret they could be found from a stolen table by trying all."""
        return hmac.new(self._secret, f"{email_key(email)} {code}".encode("utf-8", "replace"), "sha256").hexdigest()


def _dead_link() -> NotFound:
    return NotFound("This link has expired or has been used. Please ask for a new letter.")

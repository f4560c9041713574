"""Magic links and one-time codes: sent by mail. Only hashes are stored; a new link cancels the address's previous one
for the same purpose.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, UniqueConstraint, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.sessions import LONGEST_TOKEN, Caller, hash_of, new_token
from domain.accounts.trial_takeover import living_trial
from domain.clock import now
from domain.email_address import EMAIL_LIMIT, email_key
from domain.errors import Invalid, NotFound, RateLimited
from domain.model.user import User
from domain.rate_limits import CODES_A_DAY, LETTERS_FROM_IP, LETTERS_TO_ADDRESS, RateLimiter
from storage.columns import choice
from storage.database import LOCK_FOR_REFERENCE, Database, violates
from storage.tables import NO_ID_REUSE, Table

LINK_LIFE = timedelta(minutes=30)
CODE_TRIES = 5
NEXT_LIMIT = 500
LONGEST_CODE = 32
"""Maximum characters accepted for the six digits; longer input is not counted as an attempt."""
OPENED_TWICE = timedelta(seconds=60)
"""Time within which the same browser may use a link again, since phones open links twice."""
EXPIRED_KEPT = timedelta(days=7)
"""Age at which expired links are deleted, when the next mail is sent."""


class Purpose(StrEnum):
    SIGN_UP = "sign_up"
    LOG_IN = "log_in"
    EMAIL = "email"  # to confirm a new address; `user_id` is the account
    LEAVE = "leave"  # to delete an account without a password


class MailedLink(Table, table=True):
    """A link sent by mail, with its one-time code."""

    __tablename__ = "mailed_link"

    id: int = Field(default=None, primary_key=True)
    purpose: Purpose = Field(sa_type=choice(Purpose))
    email: str = Field(max_length=EMAIL_LIMIT)
    email_key: str = Field(max_length=EMAIL_LIMIT)
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    code_hash: str = Field(max_length=64)
    wrong_codes: int = 0
    language: str = Field(max_length=8)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
    used_at: datetime | None = None
    used_by: str = Field(default="", max_length=64)
    """Hash of the mark (a cookie) of the browser that used it."""
    next: str = Field(default="/", max_length=NEXT_LIMIT, sa_column_kwargs={"server_default": "/"})
    """The page to go on to, in whatever browser or device the link is opened."""
    trial_id: int | None = None
    """The temporary account to be taken over, wherever the link is opened (see `LoginSession.trial_id`)."""

    __table_args__ = (UniqueConstraint("email_key", "purpose"), NO_ID_REUSE)

    def takes_codes(self) -> bool:
        return self.is_good_for("") and self.wrong_codes < CODE_TRIES

    def is_good_for(self, browser: str) -> bool:
        """Whether this browser may use the link: it is unused, or was used a moment ago by this very browser."""
        if self.expires_at <= now():
            return False
        if self.used_at is None:
            return True
        return bool(browser) and self.used_by == hash_of(browser) and self.used_at > now() - OPENED_TWICE

    def use(self, browser: str) -> None:
        """Mark it as used. It stays until it expires, so that the same browser finds it again."""
        if self.used_at is None:
            self.used_at = now()
            self.used_by = hash_of(browser) if browser else ""


@dataclass(frozen=True)
class Onward:
    """The page and the trial that somebody was at when asked for their address; the link carries them."""

    next: str = "/"
    """A path of this site."""
    trial: Caller | None = None


@dataclass(frozen=True)
class Keys:
    """The two keys in a mail: either of them opens the same link."""

    token: str
    code: str


class MailedLinks:
    """Links and codes for sign-up, log-in, change of address and account deletion. `secret` keys the codes' hashes."""

    def __init__(self, database: Database, limits: RateLimiter, *, secret: str) -> None:
        self._database = database
        self._limits = limits
        self._secret = secret.encode()

    async def take_from_rate_limit(self, purpose: Purpose, email: str, asker: str = "", *, browser: str = "") -> None:
        """Take from the rate limits for mails of this purpose to the address; raises `RateLimited` for `email`.

        `asker` is whoever could also have mails sent to others: an IP address or a logged-in user. `browser` is the
        mark of a browser in which the owner of the address has logged in before: requests by strangers do not count
        against it.
        """
        whom = f"{purpose} {email_key(email)}"
        try:
            if browser:
                await self._limits.take(LETTERS_TO_ADDRESS, f"{whom} in the browser {hash_of(browser)}")
                return
            if asker:
                await self._limits.take(LETTERS_FROM_IP, asker)
            await self._limits.take(LETTERS_TO_ADDRESS, whom)
        except RateLimited as refusal:
            raise RateLimited(refusal.until, field="email") from refusal

    async def store(
        self,
        db: AsyncSession,
        purpose: Purpose,
        email: str,
        language: str,
        user_id: int | None = None,
        *,
        onward: Onward | None = None,
    ) -> Keys:
        """Store a new link within the caller's transaction, replacing the address's previous one for this purpose.

        Of two concurrent requests one ends in an `IntegrityError`: see `is_concurrent_request`.
        """
        keys = Keys(new_token(), f"{secrets.randbelow(1_000_000):06}")
        key = email_key(email)
        onward = onward or Onward()
        await db.exec(delete(MailedLink).where(col(MailedLink.expires_at) < now() - EXPIRED_KEPT))
        await db.exec(delete(MailedLink).where(col(MailedLink.email_key) == key, col(MailedLink.purpose) == purpose))
        link = MailedLink(
            purpose=purpose,
            email=email,
            email_key=key,
            user_id=user_id,
            token_hash=hash_of(keys.token),
            code_hash=self._hash_of_code(email, keys.code),
            language=language,
            expires_at=now() + LINK_LIFE,
            next=onward.next if len(onward.next) <= NEXT_LIMIT else "/",
            trial_id=await living_trial(db, onward.trial),
        )
        db.add(link)
        return keys

    async def address(self, purpose: Purpose, token: str, browser: str) -> str:
        """The address that a valid link was sent to. Does not use the link up: mail scanners open links too."""
        return (await self.valid(purpose, token, browser)).email

    async def valid(self, purpose: Purpose, token: str, browser: str) -> MailedLink:
        """The link, without using it up; raises `NotFound` unless this browser may use it."""
        if len(token) > LONGEST_TOKEN:
            raise dead_link()
        async with self._database.read() as db:
            found = await db.exec(_by_token(purpose, token))
            link = found.first()
        if link is None or not link.is_good_for(browser):
            raise dead_link()
        return link

    async def open_by_code(self, purpose: Purpose, email: str, code: str) -> str:
        """Exchange the six digits for a fresh link token (the mailed link becomes invalid); raises `Invalid` or
        `RateLimited` for `code`.
        """
        if len(email) > EMAIL_LIMIT:
            raise _dead_code()
        if len(code) > LONGEST_CODE:
            raise _wrong_code()
        tried = f"{purpose} {email_key(email)}"
        try:
            await self._limits.take(CODES_A_DAY, tried)
        except RateLimited as refusal:
            raise RateLimited(refusal.until, field="code") from refusal
        token = await self._token_for_code(purpose, email, code)
        await self._limits.refund(CODES_A_DAY, tried)
        return token

    async def _token_for_code(self, purpose: Purpose, email: str, code: str) -> str:
        async with self._database.write() as db:
            found = await db.exec(
                select(MailedLink)
                .where(MailedLink.email_key == email_key(email), MailedLink.purpose == purpose)
                .with_for_update()
            )
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
            raise _dead_code()
        raise _wrong_code()

    async def consume(self, db: AsyncSession, purpose: Purpose, token: str, browser: str) -> MailedLink:
        """Use the link up within the caller's transaction; raises `NotFound` if it is not valid."""
        if len(token) > LONGEST_TOKEN:
            raise dead_link()
        by_token = MailedLink.token_hash == hash_of(token), MailedLink.purpose == purpose
        owner = select(User.id).join(MailedLink, col(MailedLink.user_id) == col(User.id)).where(*by_token)
        await db.exec(
            owner.with_for_update(**LOCK_FOR_REFERENCE, of=User)
        )  # before the link: the lock order of account deletion
        link = (await db.exec(select(MailedLink).where(*by_token).with_for_update())).first()
        if link is None or not link.is_good_for(browser):
            raise dead_link()
        link.use(browser)
        return link

    def _hash_of_code(self, email: str, code: str) -> str:
        """Keyed hash: six digits without a secret could be recovered from a stolen table by trying all of them."""
        return hmac.new(self._secret, f"{email_key(email)} {code}".encode("utf-8", "replace"), "sha256").hexdigest()


def is_concurrent_request(error: IntegrityError) -> bool:
    """Whether a mail of the same purpose was requested concurrently: that one is on its way."""
    return violates(error, "uq_mailed_link_email_key_purpose")


def with_next(page: str, onward: Onward | None) -> str:
    """The URL of a page of ours that asks for an email address, and leads on to the same next page afterwards."""
    return f"{page}?next={quote(onward.next, safe='/')}" if onward and onward.next != "/" else page


def dead_link() -> NotFound:
    return NotFound("This link has expired or has already been used. Request a new email.")


def _dead_code() -> Invalid:
    return Invalid("This code is no longer valid. Request a new email.", field="code")


def _wrong_code() -> Invalid:
    return Invalid("That's not the code from the email.", field="code")


def _by_token(purpose: Purpose, token: str) -> SelectOfScalar[MailedLink]:
    return select(MailedLink).where(MailedLink.token_hash == hash_of(token), MailedLink.purpose == purpose)

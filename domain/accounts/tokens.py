"""Access tokens for the JSON API: a short-lived access token, and a refresh token for the next one.

Both are JWTs signed by us, and neither is valid by its signature alone: each names a session (a `LoginSession` with the
method `PROGRAM`), and its bearer is a `Caller` like any other, authenticated again in every use case. So log-out and a
new password end them at once, and a block refuses them for as long as it lasts. A refresh token is valid once; the
session's row holds the hash of the last one.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select

from domain.accounts.sessions import (
    SESSION_LIFE,
    LoginMethod,
    LoginSession,
    authenticate,
    hash_of,
)
from domain.accounts.sessions_list import SessionEnded, SessionList, Visitor
from domain.clock import now
from domain.errors import Blocked, NotFound, SignedOut
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database

if TYPE_CHECKING:
    from domain.accounts.signing import Signing


@dataclass(frozen=True)
class Pair:
    """A pair of tokens. `expires_in` is the remaining life of the access token in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class Tokens:
    """`minutes` is the lifetime of an access token, `issuer` the base URL of this site."""

    def __init__(
        self, database: Database, bus: Bus, devices: SessionList, *, secret: str, minutes: int, issuer: str
    ) -> None:
        self._database = database
        self._bus = bus
        self._devices = devices
        self._secret = secret
        self._life = timedelta(minutes=minutes)
        self._issuer = issuer
        self._signer: Signing | None = None

    async def issue(self, ticket: str, device: str = "") -> Pair:
        """Change the ticket of a log-in for tokens, once; the session is a program's from now on. Raises `Blocked`."""
        signing = await self._signing()
        async with self._database.write() as db:
            found = await db.exec(
                select(LoginSession)
                .where(LoginSession.token_hash == hash_of(ticket), col(LoginSession.entered_at).is_(None))
                .with_for_update()
            )
            session = found.first()
            if session is None or session.expires_at <= now():
                raise NotFound("That took too long. Please log in again.")
            if (await db.get_one(User, session.user_id)).is_blocked:
                raise Blocked("Your account is blocked.")
            session.method = LoginMethod.PROGRAM
            session.device = device
            session.entered_at = session.seen_at = now()
            session.expires_at = now() + SESSION_LIFE
            return self._next_pair(signing, session)

    async def authenticate(self, access_token: str) -> Visitor:
        """Identify the bearer. Raises `SignedOut` for anything but a valid access token of ours, and `Blocked`."""
        caller = (await self._signing()).read_access(access_token)
        return Visitor(caller, await self._devices.check(caller))

    async def refresh(self, refresh_token: str) -> Pair:
        """Rotate a refresh token: returns the next pair and invalidates this one.

        A reused token ends its session: two parties have it, and we cannot tell which of them is the thief.
        """
        signing = await self._signing()
        caller = signing.read_refresh(refresh_token)
        async with self._database.write() as db:
            found = await db.exec(
                select(LoginSession)
                .where(LoginSession.id == caller.session_id, LoginSession.method == LoginMethod.PROGRAM)
                .with_for_update()
            )
            session = found.first()
            is_last = session is not None and hmac.compare_digest(session.token_hash, hash_of(refresh_token))
            if session is not None and is_last:
                await authenticate(db, caller)
                session.seen_at = now()
                return self._next_pair(signing, session)
            if session is not None:
                await db.delete(session)
        self._bus.publish(SessionEnded(caller.session_id))
        raise SignedOut("You have been logged out. Please log in again.")

    def _next_pair(self, signing: Signing, session: LoginSession) -> Pair:
        left = session.expires_at - now()
        refresh_token = signing.refresh_token(session, left)
        session.token_hash = hash_of(refresh_token)
        life = min(self._life, left)
        return Pair(signing.access_token(session, life), refresh_token, int(life.total_seconds()))

    async def _signing(self) -> Signing:
        """Loaded with the first token, in a thread: most servers never see one."""
        if self._signer is None:
            self._signer = await asyncio.to_thread(_load_signing, self._secret, self._issuer)
        return self._signer


def _load_signing(secret: str, issuer: str) -> Signing:
    from domain.accounts.signing import Signing  # late, since cryptography takes 10 MB

    return Signing(secret, issuer)

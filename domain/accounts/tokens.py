"""Access tokens for the JSON API: a short-lived access token, and a refresh token for the next one.

Both are JWTs signed by us, and neither is valid by its signature alone: each names a session (a `LoginSession` with the
method `PROGRAM`), and its bearer is a `Caller` like any other, authenticated again in every use case. So log-out and a
new password end them at once, and a block refuses them for as long as it lasts. A refresh token is valid once; the
session's row holds the hash of the last one.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry
from sqlmodel import col, select

from domain.accounts.devices import Devices, SessionEnded, Visitor
from domain.accounts.sessions import (
    SESSION_LIFE,
    Caller,
    LoginSession,
    Way,
    hash_of,
    new_token,
    require,
)
from domain.accounts.user import User
from domain.clock import now
from domain.errors import Blocked, NotFound, SignedOut
from storage.bus import Bus
from storage.database import Database

ALGORITHM = "HS256"
LONGEST_TOKEN = 2_000
"""Maximum characters of a token; ours have about 400. A longer one is not looked up."""
LARGEST_ID = 2**31 - 1


class Use(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True)
class Pair:
    """A pair of tokens. `expires_in` is the remaining life of the access token in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class Tokens:
    """`minutes` is the lifetime of an access token, `issuer` the base URL of this site."""

    def __init__(
        self, database: Database, bus: Bus, devices: Devices, *, secret: str, minutes: int, issuer: str
    ) -> None:
        self._database = database
        self._bus = bus
        self._devices = devices
        self._key = OctKey.import_key(secret)
        self._registry = JWSRegistry(algorithms=[ALGORITHM])
        self._life = timedelta(minutes=minutes)
        self._issuer = issuer
        self._audience = f"{issuer}/api"

    async def begin(self, ticket: str, device: str = "") -> Pair:
        """Exchange the one-time ticket of a log-in for tokens; the session is a program's from now on. Raises
        `Blocked`.
        """
        async with self._database.write() as db:
            found = await db.exec(
                select(LoginSession)
                .where(LoginSession.token_hash == hash_of(ticket), col(LoginSession.entered_at).is_(None))
                .with_for_update()
            )
            session = found.first()
            if session is None or session.expires_at <= now():
                raise NotFound("This took too long. Please log in again.")
            if (await db.get_one(User, session.user_id)).is_blocked:
                raise Blocked("Your account is blocked.")
            session.way = Way.PROGRAM
            session.device = device
            session.entered_at = session.seen_at = now()
            session.expires_at = now() + SESSION_LIFE
            return self._next_pair(session)

    async def visitor(self, access_token: str) -> Visitor:
        """Authenticate an access token. Raises `SignedOut` for anything but a valid access token of ours, `Blocked`."""
        caller = self._read(access_token, Use.ACCESS)
        return Visitor(caller, await self._devices.check(caller))

    async def refresh(self, refresh_token: str) -> Pair:
        """Rotate a refresh token: returns the next pair and invalidates this one.

        A reused token ends its session: two parties have it, and we cannot tell which of them is the thief.
        """
        caller = self._read(refresh_token, Use.REFRESH)
        async with self._database.write() as db:
            found = await db.exec(
                select(LoginSession)
                .where(LoginSession.id == caller.session_id, LoginSession.way == Way.PROGRAM)
                .with_for_update()
            )
            session = found.first()
            is_last = session is not None and hmac.compare_digest(session.token_hash, hash_of(refresh_token))
            if session is not None and is_last:
                await require(db, caller)
                session.seen_at = now()
                return self._next_pair(session)
            if session is not None:
                await db.delete(session)
        self._bus.tell(SessionEnded(caller.session_id))
        raise SignedOut("You have been logged out. Please log in again.")

    def _next_pair(self, session: LoginSession) -> Pair:
        left = session.expires_at - now()
        refresh_token = self._signed(session, Use.REFRESH, left)
        session.token_hash = hash_of(refresh_token)
        life = min(self._life, left)
        return Pair(self._signed(session, Use.ACCESS, life), refresh_token, int(life.total_seconds()))

    def _signed(self, session: LoginSession, use: Use, life: timedelta) -> str:
        issued_at = int(now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(session.user_id),
            "sid": session.id,
            "jti": new_token(),
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + int(life.total_seconds()),
            "typ": use.value,
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, registry=self._registry)

    def _read(self, token: str, use: Use) -> Caller:
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise _not_ours()
        try:
            read = jwt.decode(token, self._key, registry=self._registry)
            self._rules(use).validate(read.claims)
        except ExpiredTokenError as error:
            raise SignedOut("This token has expired.") from error
        except BadSignatureError as error:
            raise SignedOut("This token was not signed here.") from error
        except (JoseError, ValueError, TypeError) as error:
            raise _not_ours() from error
        if read.header.get("typ") != "JWT":
            raise _not_ours()
        return _caller_of(read.claims)

    def _rules(self, use: Use) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now().timestamp()),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            typ={"essential": True, "value": use.value},
            sub={"essential": True},
            sid={"essential": True},
            jti={"essential": True},
            iat={"essential": True},
            nbf={"essential": True},
            exp={"essential": True},
        )


def _caller_of(claims: dict[str, Any]) -> Caller:
    session_id, subject = claims["sid"], claims["sub"]
    is_subject = (
        isinstance(subject, str) and subject.isascii() and subject.isdecimal() and len(subject) < len("2147483648")
    )
    if type(session_id) is not int or not 0 < session_id <= LARGEST_ID or not is_subject:
        raise _not_ours()
    return Caller(session_id, int(subject))


def _not_ours() -> SignedOut:
    return SignedOut("This is not a token of this site.")

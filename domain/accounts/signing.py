"""JWT signing: API tokens are signed and read here. It loads cryptography, so tokens.py imports it late."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from domain.accounts.sessions import LONGEST_JWT, Caller, LoginSession, new_token
from domain.clock import now
from domain.errors import SignedOut
from storage.columns import LARGEST_ID

ALGORITHM = "HS256"


class Use(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


class Signing:
    """`issuer` is the address of this site."""

    def __init__(self, secret: str, issuer: str) -> None:
        self._key = OctKey.import_key(secret)
        self._registry = JWSRegistry(algorithms=[ALGORITHM])
        self._issuer = issuer
        self._audience = f"{issuer}/api"

    def access_token(self, session: LoginSession, life: timedelta) -> str:
        return self._signed(session, Use.ACCESS, life)

    def refresh_token(self, session: LoginSession, life: timedelta) -> str:
        return self._signed(session, Use.REFRESH, life)

    def read_access(self, token: str) -> Caller:
        """Raises `SignedOut` for anything but an access token of ours that is good now."""
        return self._read(token, Use.ACCESS)

    def read_refresh(self, token: str) -> Caller:
        return self._read(token, Use.REFRESH)

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
        if len(token) > LONGEST_JWT or not token.isascii():
            raise _not_ours()
        try:
            read = jwt.decode(token, self._key, registry=self._registry)
            self._rules(use).validate(read.claims)
        except ExpiredTokenError as error:
            raise SignedOut("This token has expired.") from error
        except BadSignatureError as error:
            raise SignedOut("This token was not issued here.") from error
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
    return SignedOut("This is not a token for this site.")

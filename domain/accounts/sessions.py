"""Log-in sessions: a row each, and what a browser holds is a random token of which we keep the hash.

A log-in happens inside an open page, and a websocket cannot set a cookie. So `log_in` opens a session with a one-time
*ticket*, and the browser hands the ticket in by an ordinary POST (ui/api/doors.py), which changes it for the lasting
token: the session id is new at each log-in, and no script ever sees it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.user import User
from domain.errors import Blocked, SignedOut
from domain.moments import now
from storage.tables import NEVER_AGAIN, Table

TICKET_LIFE = timedelta(seconds=60)
SESSION_LIFE = timedelta(days=30)


class LoginSession(Table, table=True):
    __tablename__ = "login_session"

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(default_factory=now)
    entered_at: datetime | None = None
    """When the ticket was changed for the token; until then the row is good for nothing else."""
    expires_at: datetime

    __table_args__ = NEVER_AGAIN


@dataclass(frozen=True)
class Caller:
    """Who asks for a deed. Every deed checks it again inside its transaction: an open page is not a permission."""

    session_id: int
    user_id: int


def new_token() -> str:
    """256 random bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token. Plain SHA-256 does: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(db: AsyncSession, user: User) -> str:
    """Add a session that waits for its ticket, which is returned."""
    ticket = new_token()
    db.add(LoginSession(user_id=user.id, token_hash=hash_of(ticket), expires_at=now() + TICKET_LIFE))
    return ticket


async def require(db: AsyncSession, caller: Caller | None) -> User:
    """The person behind the caller, as they are now; raises `SignedOut` or `Blocked`."""
    if caller is None:
        raise SignedOut("Please log in.")
    found = await db.exec(
        select(User)
        .join(LoginSession, col(LoginSession.user_id) == col(User.id))
        .where(LoginSession.id == caller.session_id, User.id == caller.user_id)
        .where(col(LoginSession.entered_at).is_not(None), LoginSession.expires_at > now())
    )
    user = found.first()
    if user is None:
        raise SignedOut("You have been logged out. Please log in again.")
    if user.is_blocked:
        raise Blocked("Your account is blocked.")
    return user

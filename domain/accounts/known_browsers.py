"""Known browsers (trusted devices): browsers in which a user has logged in before, exempt from limits that strangers
can exhaust.

A browser is recognised by its mark, a random cookie (ui/request/visitor.py) whose hash is stored here once a log-in in
it is complete. The mark is no credential: it only takes its owner out of the rate limits that anybody can use up
(domain/rate_limits.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import hash_of
from domain.clock import now
from domain.model.user import User
from storage.tables import Table
from storage.upsert import dialect_of, insert_into

KNOWN_FOR = timedelta(days=365)
MOST_KNOWN = 20
"""Maximum known browsers per user; a new one replaces the one that has been unused for longest."""


class KnownBrowser(Table, table=True):
    __tablename__ = "known_browser"

    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    mark_hash: str = Field(primary_key=True, max_length=64)
    seen_at: datetime = Field(default_factory=now)
    """Time of the last log-in with it."""


async def remember_browser(db: AsyncSession, user_id: int, mark_hash: str) -> None:
    """Remember the browser as known for this person, whose row the caller has locked."""
    row = insert_into(KnownBrowser, dialect_of(db)).values(user_id=user_id, mark_hash=mark_hash, seen_at=now())
    await db.exec(row.on_conflict_do_update(index_elements=["user_id", "mark_hash"], set_={"seen_at": now()}))
    of_theirs = col(KnownBrowser.user_id) == user_id
    last = select(KnownBrowser.mark_hash).where(of_theirs).order_by(col(KnownBrowser.seen_at).desc()).limit(MOST_KNOWN)
    await db.exec(delete(KnownBrowser).where(of_theirs, col(KnownBrowser.mark_hash).not_in(last)))


async def forget_browsers(db: AsyncSession, user_id: int, *, but: str) -> None:
    """After a password change: forget every known browser but the one with this hash, since whoever knew the old
    password is a stranger now.
    """
    of_others = col(KnownBrowser.user_id) == user_id, col(KnownBrowser.mark_hash) != but
    await db.exec(delete(KnownBrowser).where(*of_others))


async def is_known_browser(db: AsyncSession, user: User | None, browser: str) -> bool:
    """Whether the user has logged in before with the browser of this mark. For a user that does not exist the database
    is asked the same question, so that the timing tells nothing.
    """
    known = select(KnownBrowser.user_id).where(
        KnownBrowser.user_id == (user.id if user else 0),
        KnownBrowser.mark_hash == hash_of(browser),
        KnownBrowser.seen_at > now() - KNOWN_FOR,
    )
    return bool(browser) and (await db.exec(known)).first() is not None

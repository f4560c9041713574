"""First admin (bootstrap): while there is none, the server prints a one-time link at each start. Whoever can read the
log becomes an admin by it. Nobody becomes one just by signing up first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Field, col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import is_there_an_admin, record_admin_change
from domain.accounts.sessions import LONGEST_TOKEN, Caller, authorize_writer, hash_of, new_token
from domain.clock import now
from domain.errors import NotFound
from storage.database import LOCK_FOR_UPDATE, Database
from storage.tables import Table

GOOD_FOR = timedelta(days=7)
"""Lifetime of a link, so that an old log makes nobody an admin of a server that still has none."""
INSTANCE_LIMIT = 100


class FirstAdminLink(Table, table=True):
    """The link that an instance has printed last."""

    __tablename__ = "first_admin_link"

    instance: str = Field(max_length=INSTANCE_LIMIT, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(default_factory=now)


class FirstAdmin:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def new_token(self, instance: str) -> str:
        """The token of a new link, instead of the one this instance had before; "" if there is an admin."""
        instance, token = instance[:INSTANCE_LIMIT], new_token()
        old = col(FirstAdminLink.created_at) < now() - GOOD_FOR
        async with self._database.write() as db:
            await db.exec(delete(FirstAdminLink).where(or_(col(FirstAdminLink.instance) == instance, old)))
            if await is_there_an_admin(db):
                return ""
            db.add(FirstAdminLink(instance=instance, token_hash=hash_of(token)))
        return token

    async def check(self, token: str) -> None:
        """Raises `NotFound` unless the link is good now. Does not use it up."""
        async with self._database.read() as db:
            await _check(db, token, await _links(db))

    async def claim(self, caller: Caller, token: str) -> None:
        """Make the caller an admin, use up the link and every other, and record it in the audit log; raises `NotFound`
        if the link is not good, or somebody else was faster.
        """
        async with self._database.write() as db:
            user = await authorize_writer(db, caller)
            links = await _links(db, is_for_update=True)  # all of them, so that of two used at once, one waits
            await _check(db, token, links)
            for each in links:
                await db.delete(each)
            user.is_admin = True
            record_admin_change(db, user)


async def _links(db: AsyncSession, *, is_for_update: bool = False) -> list[FirstAdminLink]:
    question = select(FirstAdminLink).order_by(col(FirstAdminLink.instance))
    if is_for_update:
        question = question.with_for_update(**LOCK_FOR_UPDATE)
    return list(await db.exec(question))


async def _check(db: AsyncSession, token: str, links: list[FirstAdminLink]) -> None:
    if len(token) > LONGEST_TOKEN:
        raise _dead_link()
    given = hash_of(token)
    is_good = any(each.token_hash == given and each.created_at > now() - GOOD_FOR for each in links)
    if not is_good or await is_there_an_admin(db):
        raise _dead_link()


def _dead_link() -> NotFound:
    return NotFound(
        "This link has been used or replaced. A server without an admin prints a new one each time it starts."
    )

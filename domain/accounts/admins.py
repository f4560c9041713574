"""Who administers. There is always somebody left who can: whoever is the last one cannot go."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.names import email_key
from domain.accounts.user import User
from domain.admin.journal import note


async def is_last_admin(db: AsyncSession, user: User) -> bool:
    """Whether nobody else could administer. The rows of all admins stay locked in one order until the deed is done: two
    who send each other away at once wait for one another.
    """
    admins = select(User).where(col(User.is_admin), col(User.deleted_at).is_(None))
    locked = list(await db.exec(admins.order_by(col(User.id)).with_for_update(key_share=True)))
    able = {each.id for each in locked if not each.is_blocked}
    return able == {user.id}


def make_admin_if_listed(db: AsyncSession, user: User, addresses: Collection[str]) -> None:
    """Give the right to somebody whose address, which is known to be theirs, is among those of the settings."""
    if user.email_key in {email_key(each) for each in addresses} and not user.is_admin:
        user.is_admin = True
        note_admin(db, user)


def note_admin(db: AsyncSession, user: User) -> None:
    """For the journal: the command line or the settings gave or took the right."""
    deed = "user.made_admin" if user.is_admin else "user.made_no_admin"
    note(db, None, deed, "user", user.id, person_id=user.id, changes={"admin": [not user.is_admin, user.is_admin]})

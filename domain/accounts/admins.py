"""There is always somebody left who can administer: whoever is the last one cannot go."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.user import User


async def is_last_admin(db: AsyncSession, user: User) -> bool:
    """Whether nobody else could administer. The rows of all admins stay locked in one order until the deed is done: two
    who send each other away at once wait for one another.
    """
    admins = select(User).where(col(User.is_admin), col(User.deleted_at).is_(None))
    locked = list(await db.exec(admins.order_by(col(User.id)).with_for_update(key_share=True)))
    able = {each.id for each in locked if not each.is_blocked}
    return able == {user.id}

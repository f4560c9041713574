"""Keeps accounts there until a deed is done that adds to them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.user import User
from storage.database import CHANGING, HOLDING


async def hold_accounts(db: AsyncSession, *user_ids: int) -> set[int]:
    """Have a deletion of these accounts wait; returns those that are (still) there.

    To be called before anything that belongs to the account is locked or added: the deletion locks the person first
    and what is theirs afterwards, and whoever went the other way round would wait for it while it waits for them. The
    caller's own account is held by `require` and its like.
    """
    wanted: Iterable[int] = sorted(set(user_ids))
    there = select(User.id).where(col(User.id).in_(wanted)).order_by(col(User.id))
    return set(await db.exec(there.with_for_update(**HOLDING)))


async def hold_alone(db: AsyncSession, person: User) -> None:
    """Have the person's deeds that are counted follow one another: the next one sees what this one adds."""
    await db.exec(select(User.id).where(User.id == person.id).with_for_update(**CHANGING))

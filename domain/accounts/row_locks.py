"""Row locks: keep accounts from being deleted while a transaction adds something to them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.model.user import User
from storage.database import LOCK_FOR_REFERENCE, LOCK_FOR_UPDATE
from storage.upsert import dialect_of
from storage.url import SQLITE


async def lock_accounts(db: AsyncSession, *user_ids: int) -> set[int]:
    """Lock these accounts' rows so that a deletion waits; returns the ids of those that still exist.

    Call it before locking or adding anything that belongs to the account. Deletion locks the user first and their rows
    afterwards; the opposite order would deadlock. The caller's own account is locked by `authenticate`.
    """
    wanted: Iterable[int] = sorted(set(user_ids))
    there = select(User.id).where(col(User.id).in_(wanted)).order_by(col(User.id))
    return set(await db.exec(there.with_for_update(**LOCK_FOR_REFERENCE)))


async def lock_exclusively(db: AsyncSession, person: User) -> None:
    """Serialise the user's counted actions by an exclusive row lock: the next one sees what this one adds."""
    if dialect_of(db) == SQLITE:
        return  # SQLite has one writer at a time
    await db.exec(select(User.id).where(User.id == person.id).with_for_update(**LOCK_FOR_UPDATE))

"""Idempotency keys: a request that a page or a program repeats because it got no answer takes effect once.

A key is stored in the transaction that creates something with it, and kept for a day. Whoever reads and stores keys
locks the user's row (`LOCK_FOR_UPDATE`), so the second of two simultaneous requests finds what the first created.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Field, SQLModel, col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.errors import Invalid
from domain.model.dialog import CLIENT_ID_LIMIT
from storage.tables import Table

KEPT = timedelta(days=1)

Made = TypeVar("Made", bound=SQLModel)


class IdempotencyKey(Table, table=True):
    """The row that a user created by a request with this key: `made_id` in the table `made`; it may be gone."""

    __tablename__ = "idempotency_key"

    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    made: str = Field(primary_key=True, max_length=32)
    client_id: str = Field(primary_key=True, max_length=CLIENT_ID_LIMIT)
    made_id: int
    created_at: datetime = Field(default_factory=now)


async def made_with(db: AsyncSession, kind: type[Made], user_id: int, client_id: str) -> Made | None:
    """The row that the user created with this key; None if the key is new or empty, or the row is gone."""
    key = await db.get(IdempotencyKey, (user_id, kind.__tablename__, client_id)) if client_id else None
    return await db.get(kind, key.made_id) if key else None


async def store_key(db: AsyncSession, made: SQLModel, made_id: int, user_id: int, client_id: str) -> None:
    """Store what was created with the key, in place of a row that is gone. Deletes the user's expired keys."""
    if client_id:
        expired = col(IdempotencyKey.created_at) < now() - KEPT
        await db.exec(delete(IdempotencyKey).where(col(IdempotencyKey.user_id) == user_id, expired))
        table = str(made.__tablename__)
        await db.merge(IdempotencyKey(user_id=user_id, made=table, client_id=client_id, made_id=made_id))


def check_client_id(client_id: str) -> None:
    """Raises `Invalid` for `client_id`."""
    if not client_id.isprintable():
        raise Invalid("A request id can't contain control characters.", field="client_id")
    if len(client_id) > CLIENT_ID_LIMIT:
        raise Invalid("A request id can be at most {limit} characters long.", field="client_id", limit=CLIENT_ID_LIMIT)

"""Idempotency keys: what a page or a program asks for again, since it heard no answer, is made once.

A key is stored in the transaction that makes something with it, and kept for a day. Whoever reads and stores keys holds
the person's row (`LOCK_FOR_UPDATE`), so of two equal requests at the same moment the second finds what the first made.
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
    """What a person made by a request with this key. `made` is the table of the row `made_id`, which may be gone."""

    __tablename__ = "idempotency_key"

    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    made: str = Field(primary_key=True, max_length=32)
    client_id: str = Field(primary_key=True, max_length=CLIENT_ID_LIMIT)
    made_id: int
    created_at: datetime = Field(default_factory=now)


async def made_with(db: AsyncSession, kind: type[Made], user_id: int, client_id: str) -> Made | None:
    """What the person made with this key; None for a key that is new, or empty."""
    key = await db.get(IdempotencyKey, (user_id, kind.__tablename__, client_id)) if client_id else None
    return await db.get(kind, key.made_id) if key else None


async def store_key(db: AsyncSession, made: SQLModel, made_id: int, user_id: int, client_id: str) -> None:
    """Store what was made with the key, in place of what is gone; the person's old keys are deleted."""
    if client_id:
        expired = col(IdempotencyKey.created_at) < now() - KEPT
        await db.exec(delete(IdempotencyKey).where(col(IdempotencyKey.user_id) == user_id, expired))
        table = str(made.__tablename__)
        await db.merge(IdempotencyKey(user_id=user_id, made=table, client_id=client_id, made_id=made_id))


def check_client_id(client_id: str) -> None:
    """Raises `Invalid` for `client_id`."""
    if len(client_id) > CLIENT_ID_LIMIT or not client_id.isprintable():
        raise Invalid("The id of a request has at most {limit} characters.", field="client_id", limit=CLIENT_ID_LIMIT)

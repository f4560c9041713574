"""Idempotency keys: what a page or a program asks for again, since it heard no answer, is made once.

A key is a row of `LimitCount` that counts up to the id of what was made with it, written in the transaction that makes
it; as all rows of that table it is kept for a day. Whoever looks and notes holds the person's row (`LOCK_FOR_UPDATE`),
so the same request twice at the same moment comes one after the other.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.errors import Invalid
from domain.limit_counts import LimitCount
from domain.model.dialog import CLIENT_ID_LIMIT

Made = TypeVar("Made", bound=SQLModel)


async def made_with(db: AsyncSession, kind: type[Made], person_id: int, client_id: str) -> Made | None:
    """What the person made with this key; None for a key that is new, or empty."""
    key = await db.get(LimitCount, _key(kind, person_id, client_id)) if client_id else None
    return await db.get(kind, key.count) if key else None


async def note_made(db: AsyncSession, made: SQLModel, made_id: int, person_id: int, client_id: str) -> None:
    """What was made with the key before is gone, if there was anything."""
    if client_id:
        await db.merge(LimitCount(key=_key(type(made), person_id, client_id), since=now(), count=made_id))


def check_client_id(client_id: str) -> None:
    if len(client_id) > CLIENT_ID_LIMIT or not client_id.isprintable():
        raise Invalid("The id of a request has at most {limit} characters.", field="client_id", limit=CLIENT_ID_LIMIT)


def _key(kind: type[SQLModel], person_id: int, client_id: str) -> str:
    about = f"{kind.__tablename__} {person_id} {client_id}"
    return f"made once {hashlib.sha256(about.encode()).hexdigest()}"

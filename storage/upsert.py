"""Upserts (INSERT … ON CONFLICT): both databases have them, and SQLAlchemy has a construct for each."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.url import POSTGRESQL, SQLITE

DIALECTS = (SQLITE, POSTGRESQL)
Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(table: Any, dialect: str) -> Upsert:
    """An insert that has `on_conflict_do_update`, for a table or its class."""
    if dialect == SQLITE:
        return sqlite.insert(table)
    return postgresql.insert(table)


def dialect_of(db: AsyncSession) -> str:
    return db.get_bind().dialect.name

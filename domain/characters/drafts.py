"""What an author typed and has not saved yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from domain.moments import now
from storage.tables import NEVER_AGAIN, Table

NEW = 0
"""Stands for the character that is not made yet."""


class Draft(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    character_id: int = NEW
    """No foreign key: a new character has no row to refer to."""
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Field names of Character to what was typed there, fit or not."""
    saved_at: datetime = Field(default_factory=now)

    __table_args__ = (UniqueConstraint("user_id", "character_id"), NEVER_AGAIN)

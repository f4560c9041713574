"""Characters that a person wants to find again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from domain.moments import now
from storage.tables import Table


class Favourite(Table, table=True):
    user_id: int = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(default_factory=now)

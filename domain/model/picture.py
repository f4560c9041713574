"""Picture: an uploaded photo."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from domain.clock import now
from storage.tables import Table


class Picture(Table, table=True):
    """An uploaded photo: its files are in storage/files.py under `token`, in two sizes."""

    token: str = Field(primary_key=True, max_length=64)
    owner_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(default_factory=now)

"""Versions of a published character: its fields before each change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from domain.clock import now
from storage.tables import NO_ID_REUSE, Table


class CharacterVersion(Table, table=True):
    __tablename__ = "character_version"

    id: int = Field(default=None, primary_key=True)
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE")
    fields: str = Field(sa_type=Text)
    """The editable fields (domain/characters/fields.py) by name, as JSON."""
    replaced_by_id: int
    """The user whose change replaced it: its author or an admin. No foreign key: ids are not reused, and an admin's
    account may be deleted.
    """
    made_at: datetime = Field(default_factory=now)
    """Time at which it was replaced."""

    __table_args__ = (Index("ix_character_version_character_id_id", "character_id", "id"), NO_ID_REUSE)

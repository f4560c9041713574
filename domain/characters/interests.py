"""Interests as something to find characters by."""

from __future__ import annotations

from sqlmodel import Field

from domain.characters.character import INTEREST_LIMIT
from storage.tables import Table


class Interest(Table, table=True):
    """One interest of one character: `Character.interests` once more, as rows that a list can be asked for."""

    word: str = Field(primary_key=True, max_length=INTEREST_LIMIT)
    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE", index=True)

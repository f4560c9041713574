"""The card that a character came from, as it was read: the basis of its export, so that nothing is lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from domain.clock import now
from storage.tables import Table

FILE_NAME_LIMIT = 200


class CharacterCard(Table, table=True):
    __tablename__ = "character_card"

    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE")
    size: int = 0
    """Bytes of the text and the archive. This column precedes the text: SQLite reads a row from its beginning."""
    card: str = Field(sa_type=Text)
    """The V3 object as JSON, including unknown parts."""
    files_token: str | None = Field(
        default=None, foreign_key="picture.token", max_length=64, ondelete="SET NULL", index=True
    )
    """Token of an archive of the files that it brought (emotions, backgrounds …), stored as pictures are."""
    background_token: str | None = Field(
        default=None, foreign_key="picture.token", max_length=64, ondelete="SET NULL", index=True
    )
    """Token of the picture that it brought for the background of the chat."""
    background_number: int | None = None
    """Number of that picture among those it brought; unknown if it was chosen before this column existed."""
    portrait_token: str | None = Field(default=None, max_length=64)
    """Token of the photo made of its portrait: as long as the character has it, the card's own icon is right."""
    file_name: str = Field(default="", max_length=FILE_NAME_LIMIT)
    made_at: datetime = Field(default_factory=now)

"""Favourites (bookmarks): characters that a user wants to find again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field

from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.visibility import get_visible
from domain.clock import now
from storage.columns import clamp_id
from storage.database import Database, violates
from storage.tables import Table


class Favourite(Table, table=True):
    user_id: int = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(default_factory=now)


class Favourites:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_favourite(self, caller: Caller, character_id: int, favourite: bool) -> None:
        """Add it to the caller's favourites or remove it; idempotent. Raises `NotFound`."""
        try:
            async with self._database.write() as db:
                person = await authorize_writer(db, caller)
                marked = await db.get(Favourite, (person.id, clamp_id(character_id)))
                if marked and not favourite:
                    await db.delete(marked)
                elif favourite and not marked:
                    character = await get_visible(db, person, character_id)
                    db.add(Favourite(user_id=person.id, character_id=character.id))
        except IntegrityError as error:
            if not violates(error, "pk_favourite"):  # another tab added it concurrently
                raise

"""Avatars: the uploaded photo that stands for a person."""

from __future__ import annotations

from domain.accounts.sessions import LONGEST_TOKEN, Caller, authorize_writer
from domain.errors import Invalid
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.photos import Photos
from storage.database import LOCK_FOR_UPDATE, Database


class Avatars:
    def __init__(self, database: Database, photos: Photos) -> None:
        self._database = database
        self._photos = photos

    async def choose(self, caller: Caller, token: str | None) -> User:
        """Show a photo for the person, or none; the previous one is removed unless it is still in use.

        Raises `Invalid` for `photo` when it is not one of theirs.
        """
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            is_looked_for = token and len(token) <= LONGEST_TOKEN
            picture = await db.get(Picture, token, with_for_update=LOCK_FOR_UPDATE) if is_looked_for else None
            if token and (picture is None or picture.owner_id != person.id):
                raise Invalid("This photo is no longer here. Please choose it again.", field="photo")
            replaced, person.picture_token = person.picture_token, token
        if replaced != token:
            await self._photos.remove_unused(replaced)
        return person

"""Garbage collection of photos, a periodic task: deletes photos that were uploaded and never shown, or whose character
was deleted and not restored; and files without a row, left by a crash between the two writes.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import col, select

from domain.background.periodic import NOT_AT_ONCE, PeriodicTask
from domain.bin import bin_since
from domain.characters.drafts import Draft
from domain.clock import now
from domain.instances.claims import Claim
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.photos import Photos
from storage.database import Database

log = logging.getLogger(__name__)

KEPT_UNUSED = timedelta(days=1)
SWEEPS_EVERY = 3600  # seconds
AT_ONCE = 200


class PhotoSweeper:
    def __init__(self, database: Database, photos: Photos) -> None:
        self._database = database
        self._photos = photos
        self._rounds = PeriodicTask(
            self._sweep_again,
            every=SWEEPS_EVERY,
            fault="Unused photos could not be removed",
            claim=Claim(database, "unused_photos", SWEEPS_EVERY),
        )

    async def start(self) -> None:
        self._rounds.start(after=NOT_AT_ONCE)

    async def close(self) -> None:
        await self._rounds.close()

    async def sweep(self, moment: datetime) -> None:
        """Delete photos from before `moment` that nothing refers to. A draft keeps its photo."""
        stored = set(await self._photos.stored_before(moment))  # first: if they are out of reach, no row goes either
        while tokens := await self._unused_since(moment):
            for token in tokens:
                await self._photos.remove_unused(token)
                stored.discard(token)
        await self._sweep_files(sorted(stored))

    async def _sweep_files(self, tokens: list[str]) -> None:
        """Delete the files that no row knows. Crashes leave only a few; if they are as many as the others, this is not
        the database that they belong to.
        """
        strays: list[str] = []
        for start in range(0, len(tokens), AT_ONCE):
            some = tokens[start : start + AT_ONCE]
            async with self._database.read() as db:
                known = set(await db.exec(select(Picture.token).where(col(Picture.token).in_(some))))
            strays += [token for token in some if token not in known]
        if strays and 2 * len(strays) >= len(tokens):
            log.warning("%s stored photos are unknown to this database and are left alone", len(strays))
            return
        for token in strays:
            await self._photos.discard(token)

    async def _sweep_again(self) -> None:
        await self.sweep(now() - KEPT_UNUSED)

    async def _unused_since(self, moment: datetime) -> list[str]:
        deleted_at = col(Character.deleted_at)
        shown = select(Character.id).where(
            Character.picture_token == Picture.token, or_(deleted_at.is_(None), deleted_at >= bin_since())
        )
        worn = select(User.id).where(User.id == Picture.owner_id, User.picture_token == Picture.token)
        drafted = select(Draft.id).where(
            Draft.user_id == Picture.owner_id,
            col(Draft.content)["picture_token"].as_string() == Picture.token,
        )
        tokens = col(CharacterCard.files_token), col(CharacterCard.background_token)
        carried = (
            select(CharacterCard.character_id)
            .join(Character, col(Character.id) == CharacterCard.character_id)
            .where(or_(*(token == Picture.token for token in tokens)))
            .where(or_(deleted_at.is_(None), deleted_at >= bin_since()))
        )
        unused = select(Picture.token).where(
            Picture.created_at < moment, ~shown.exists(), ~worn.exists(), ~drafted.exists(), ~carried.exists()
        )
        async with self._database.read(patient=True) as db:
            return list(await db.exec(unused.limit(AT_ONCE)))

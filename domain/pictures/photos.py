"""Photo uploads: their validation, the permission to see them, and their deletion.

A photo is decoded by content, never by its name, and re-encoded (domain/pictures/resize.py). A stranger's is
processed in a subprocess with limits on time and memory: a hostile one blocks nobody, and killing it harms nobody.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from domain.accounts.sessions import Caller, authenticate_even_blocked, authorize_writer
from domain.errors import AppError, Busy, Invalid, NotFound
from domain.model.character import AgeMark, Character
from domain.model.character_card import CharacterCard
from domain.model.dialog import Dialog
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures import crop as cuts
from domain.pictures.crop import SIZES, Crop, InvalidPhoto
from domain.quotas import check_room_for_picture
from domain.rate_limits import UPLOADS, RateLimiter
from storage.database import Database
from storage.fair_queue import FairQueue, QueueFull
from storage.files import TOKEN, Files, FilesUnavailable, StoredFile

log = logging.getLogger(__name__)

BACKGROUND = "background"
"""Name of the only size of a picture behind a chat (domain/cards/card_pictures.py)."""
BYTES_LIMIT = 5 * 1024 * 1024
SUFFIX = ".webp"
ARCHIVE, ARCHIVE_SUFFIX = "files", ".zip"
AT_ONCE, EACH = 2, 1
"""Concurrency limit of photo processing, in all and per user: others always find a place that is soon free."""
MOST_WAITING, MOST_OF_ONE_WAITING = 200, 10
PATIENCE = 20.0
"""Timeout in seconds for decoding a photo."""
ROOT = Path(__file__).parents[2]

_PUBLIC = and_(
    col(Character.deleted_at).is_(None), col(Character.is_public).is_(True), col(Character.is_blocked).is_(False)
)


class Photos:
    """Stores photos and serves them by their unguessable token."""

    def __init__(self, database: Database, files: Files, limits: RateLimiter) -> None:
        self._database = database
        self._files = files
        self._limits = limits
        self._places = FairQueue(AT_ONCE, each=EACH, longest=MOST_WAITING, longest_of_one=MOST_OF_ONE_WAITING)

    async def store(self, caller: Caller, photo: bytes, cut: Crop | None = None, *, largest: int = BYTES_LIMIT) -> str:
        """Store a photo of at most `largest` bytes for later use by the same user; takes from the rate limit and
        returns its token. Raises `Invalid` for `photo`, `DiskFull` and `FilesUnavailable`.
        """
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        if len(photo) > largest:
            raise too_large()
        await self._limits.take(UPLOADS, caller.user_id)
        return await self._stored(caller, photo, cut or Crop())

    async def store_from_card(self, caller: Caller, photo: bytes, *, largest: int) -> str:
        """As `store`, for the portrait of a card, which was counted as a card."""
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        if len(photo) > largest:
            raise too_large()
        return await self._stored(caller, photo, Crop())

    async def _stored(self, caller: Caller, photo: bytes, cut: Crop) -> str:
        try:
            async with self._places.slot(caller.user_id):
                sizes = await resize_in_subprocess(photo, cut)
        except QueueFull as error:
            raise _others_first() from error
        token = await self._files.store(sizes, SUFFIX)
        try:
            async with self._database.write() as db:
                owner = await authorize_writer(db, caller)  # checked again, since processing takes time
                await check_room_for_picture(db, owner, self._limits)
                db.add(Picture(token=token, owner_id=owner.id))
        except (AppError, IntegrityError):
            await self.discard(token)
            raise
        return token

    async def drawn(self, caller: Caller, photo: bytes) -> bytes:
        """A photo in its small size, without storing it. Raises `Invalid` for `photo`."""
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        try:
            async with self._places.slot(caller.user_id):
                return (await resize_in_subprocess(photo, Crop()))["small"]
        except QueueFull as error:
            raise _others_first() from error

    async def put(self, sizes: Mapping[str, bytes]) -> str:
        """Store the files of a photo of our own, drawn already; the caller adds its `Picture` row."""
        return await self._files.store(sizes, SUFFIX)

    async def put_archive(self, files: bytes) -> str:
        """Store the files that came with a card, never served as they are; the caller adds the `Picture` row."""
        return await self._files.store({ARCHIVE: files}, ARCHIVE_SUFFIX)

    async def archive(self, token: str) -> bytes:
        """The files stored by `put_archive`; empty if they are gone. Raises `FilesUnavailable`."""
        found = await self._files.find(token, ARCHIVE, ARCHIVE_SUFFIX)
        return found.data if found else b""

    async def file(self, token: str, size: str) -> StoredFile:
        """One of `SIZES`, or a `BACKGROUND`; raises `NotFound` and `FilesUnavailable`. Permission is checked by the
        caller: everybody if `is_open`, else `check`.

        Photos from before there were face crops give their small size instead.
        """
        found = await self._files.find(token, size, SUFFIX) if size in {*SIZES, BACKGROUND} else None
        if found is None and size == "face":
            found = await self._files.find(token, "small", SUFFIX)
        if found is None:
            raise _no_such_picture()
        return found

    async def file_if_there(self, token: str | None) -> bytes | None:
        """The large size, for what does without a photo: none is None, as is one that cannot be read just now."""
        try:
            return (await self.file(token, "large")).data if token else None
        except (NotFound, FilesUnavailable):
            return None

    async def is_open(self, token: str) -> bool:
        """Whether everybody may see it: it is the photo or background of a public character without the mark 18+, and
        neither that nor its author is blocked.

        Asked first, since a page of the gallery shows 48 of these. Raises `NotFound` for what cannot be a token.
        """
        if not TOKEN.fullmatch(token):
            raise _no_such_picture()
        blocked = select(User.id).where(User.id == Character.owner_id, col(User.is_blocked).is_(True))
        is_for_all = _PUBLIC, Character.age_mark != AgeMark.ADULT, ~blocked.exists()
        shows = select(Character.id).where(Character.picture_token == token, *is_for_all)
        stands_before = select(Character.id).join(CharacterCard).where(CharacterCard.background_token == token)
        async with self._database.read() as db:
            for query in (shows, stands_before.where(*is_for_all)):
                if (await db.exec(query)).first() is not None:
                    return True
        return False

    async def check(self, caller: Caller | None, token: str) -> None:
        """Check the permission to see one that is not open; raises `NotFound`.

        Allowed: one's own uploads; avatars, for every logged-in user; those of private and blocked characters, for
        users who have a dialog with them; those of public ones marked 18+, for adults who turned them on; all, for
        admins. Blocked users still see their own.
        """
        if caller is None:
            raise _no_such_picture()
        async with self._database.read() as db:
            viewer = await authenticate_even_blocked(db, caller)
            known = select(Picture.token).where(Picture.token == token)
            if viewer.is_blocked:
                known = known.where(Picture.owner_id == viewer.id)
            elif not viewer.is_admin:
                known = known.where(_known_to(viewer))
            if (await db.exec(known)).first() is None:
                raise _no_such_picture()

    async def copy(self, token: str, owner_id: int) -> str | None:
        """Copy the files of a photo, counted as an upload of this user's; None if the photo is gone.

        The caller has checked the permission, and adds the `Picture` row.
        """
        await self._limits.take(UPLOADS, owner_id)
        return await self._files.copy(token, SUFFIX)

    async def copy_of_card(self, token: str | None) -> str | None:
        """As `copy`, of what came with a card, which is counted as a character."""
        if token is None:
            return None
        return await self._files.copy(token, ARCHIVE_SUFFIX) or await self._files.copy(token, SUFFIX)

    async def stored_before(self, moment: datetime) -> list[str]:
        """The tokens of all files older than `moment`, with or without a `Picture` row."""
        return await self._files.older_than(moment)

    async def discard(self, token: str) -> None:
        """Delete the files of a photo that has no row: now, or as soon as the sweeper meets them."""
        try:
            await self._files.remove(token)
        except FilesUnavailable as error:
            log.warning("The files of a photo stay until the next sweep: %s", error)

    async def remove_unused(self, token: str | None) -> None:
        """Delete a photo with its files, unless a character or user still shows it."""
        if token is None:
            return
        async with self._database.write() as db:
            picture = await db.get(Picture, token, with_for_update=True)  # concurrent assignments wait
            if picture is None:
                return
            deleted = col(Character.deleted_at).is_not(None)
            await db.exec(
                update(Character).where(col(Character.picture_token) == token, deleted).values(picture_token=None)
            )
            shown = select(Character.id).where(Character.picture_token == token)
            worn = select(User.id).where(User.id == picture.owner_id, User.picture_token == token)
            of_card = or_(col(CharacterCard.files_token) == token, col(CharacterCard.background_token) == token)
            carried = select(CharacterCard.character_id).join(Character).where(of_card, ~deleted)
            used = (await db.exec(shown)).first() or (await db.exec(worn)).first() or (await db.exec(carried)).first()
            if used is None:
                await db.exec(delete(Picture).where(col(Picture.token) == token))
        if used is None:
            await self.discard(token)


def _known_to(viewer: User) -> ColumnElement[bool]:
    worn = select(User.id).where(User.id == Picture.owner_id, User.picture_token == Picture.token)
    shown = Character.picture_token == Picture.token
    behind = CharacterCard.background_token == Picture.token
    talked = (
        select(Dialog.id)
        .join(Character, col(Character.id) == col(Dialog.character_id))
        .where(Dialog.user_id == viewer.id, col(Character.deleted_at).is_(None))
    )
    backed = talked.join(CharacterCard, col(CharacterCard.character_id) == col(Character.id)).where(behind)
    known = [col(Picture.owner_id) == viewer.id, worn.exists(), talked.where(shown).exists(), backed.exists()]
    if viewer.sees_adult:
        for_adults = select(Character.id).where(_PUBLIC)
        known += [for_adults.where(shown).exists(), for_adults.join(CharacterCard).where(behind).exists()]
    return or_(*known)


async def resize_in_subprocess(photo: bytes, cut: Crop, patience: float = PATIENCE) -> dict[str, bytes]:
    """Run `resize` in a subprocess, with a timeout of `patience` seconds."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "domain.pictures.resize"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(patience):
            written, _nothing = await process.communicate(cuts.question(photo, cut))
        return cuts.answer(written)
    except TimeoutError as error:
        raise Invalid("This photo takes too long to process. Please choose another.", field="photo") from error
    except InvalidPhoto as error:
        raise _refusal(error) from error
    except ValueError as error:  # the process died before finishing
        raise _unreadable() from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _refusal(unfit: InvalidPhoto) -> Invalid:
    if unfit.reason == "too many pixels":
        return Invalid("This photo is larger than 40 megapixels. Please choose a smaller one.", field="photo")
    return _unreadable()


def _unreadable() -> Invalid:
    return Invalid("We couldn't read this photo. Please use PNG, JPEG or WebP.", field="photo")


def _others_first() -> Busy:
    return Busy("Other photos are still being processed. Please try again in a minute.", field="photo")


def _no_such_picture() -> NotFound:
    return NotFound("No such picture.")


def too_large() -> Invalid:
    return Invalid("A photo can be at most 5 MB.", field="photo")

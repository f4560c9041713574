"""Uploaded photos: what is taken, who may see it, and when it goes.

A photo is decoded by content, never by its name, and drawn anew (domain/characters/drawing.py). A stranger's is drawn
in a process of its own, with an end to its time and memory: a hostile one holds nobody up, and killing it hurts nobody.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from domain.accounts.sessions import Caller, require_even_blocked, require_writer
from domain.accounts.user import User
from domain.characters import cut as cuts
from domain.characters.character import Character, Picture
from domain.characters.cut import SIZES, Cut, Unfit
from domain.chat.dialog import Dialog
from domain.errors import AppError, Busy, Invalid, NotFound
from domain.limits import UPLOADS, Limits
from domain.quotas import check_room_for_picture
from storage.database import Database
from storage.fair_queue import FairQueue, TooManyWaiting
from storage.files import Files

BYTES_LIMIT = 5 * 1024 * 1024
SUFFIX = ".webp"
AT_ONCE, EACH = 2, 1
"""Photos drawn at the same time, in all and of one person: another always finds a place that is soon free."""
MOST_WAITING, MOST_OF_ONE_WAITING = 200, 10
PATIENCE = 20.0
"""Seconds after which a photo that is still being decoded is given up."""
ROOT = Path(__file__).parents[2]


class Photos:
    """Takes photos in and gives them out again by their unguessable name."""

    def __init__(self, database: Database, files: Files, limits: Limits) -> None:
        self._database = database
        self._files = files
        self._limits = limits
        self._places = FairQueue(AT_ONCE, each=EACH, longest=MOST_WAITING, longest_of_one=MOST_OF_ONE_WAITING)

    async def keep(self, caller: Caller, photo: bytes, cut: Cut | None = None) -> str:
        """Take a photo for later use by the same person; returns its token. Raises `Invalid` for `photo`."""
        async with self._database.read() as db:
            await require_writer(db, caller)
        if len(photo) > BYTES_LIMIT:
            raise too_large()
        await self._limits.take(UPLOADS, caller.user_id)
        try:
            async with self._places.place(caller.user_id):
                sizes = await in_sizes_apart(photo, cut or Cut())
        except TooManyWaiting as error:
            raise Busy("Other photos are still being read. Please try again in a minute.", field="photo") from error
        token = await self._files.keep(sizes, SUFFIX)
        try:
            async with self._database.write() as db:
                owner = await require_writer(db, caller)  # once more: drawing takes time
                await check_room_for_picture(db, owner, self._limits)
                db.add(Picture(token=token, owner_id=owner.id))
        except (AppError, IntegrityError):
            await self.discard(token)
            raise
        return token

    async def put(self, sizes: Mapping[str, bytes]) -> str:
        """Put the files of a photo of our own on the disk, drawn already; whoever calls keeps its `Picture` row."""
        return await self._files.keep(sizes, SUFFIX)

    def file(self, token: str, size: str) -> Path:
        """Where one of `SIZES` lies; raises `NotFound`. It is for who may see it: all if `is_open`, else ask `check`.

        Photos of before there were faces give their small size instead.
        """
        path = self._files.path(token, size, SUFFIX) if size in SIZES else None
        if path is None and size == "face":
            path = self._files.path(token, "small", SUFFIX)
        if path is None:
            raise _no_such_picture()
        return path

    async def is_open(self, token: str) -> bool:
        """Whether everybody may see it: it is of a character that is public, neither it nor its author being blocked.

        Asked first, for a page of the gallery shows 48 of these.
        """
        blocked = select(User.id).where(User.id == Character.owner_id, col(User.is_blocked).is_(True))
        on_open = select(Character.id).where(
            Character.picture_token == token,
            col(Character.deleted_at).is_(None),
            col(Character.is_public).is_(True),
            col(Character.is_blocked).is_(False),
            ~blocked.exists(),
        )
        async with self._database.read() as db:
            return (await db.exec(on_open)).first() is not None

    async def check(self, caller: Caller | None, token: str) -> None:
        """Whether this person may see one that is not open; raises `NotFound`.

        Their own uploads; the pictures of people, for everybody who is logged in; those of private and blocked
        characters, for whoever has a dialog with them; all of them, for admins. Who is blocked still sees their own.
        """
        if caller is None:
            raise _no_such_picture()
        async with self._database.read() as db:
            viewer = await require_even_blocked(db, caller)
            known = select(Picture.token).where(Picture.token == token)
            if viewer.is_blocked:
                known = known.where(Picture.owner_id == viewer.id)
            elif not viewer.is_admin:
                known = known.where(_known_to(viewer))
            if (await db.exec(known)).first() is None:
                raise _no_such_picture()

    async def copy(self, token: str, owner_id: int) -> str | None:
        """The files of a photo once more, counted as an upload of this person's; None when the photo is gone.

        Whoever calls has asked whether they may, and keeps the `Picture` row.
        """
        await self._limits.take(UPLOADS, owner_id)
        return await self._files.copy(token, SUFFIX)

    async def on_disk_since(self, moment: datetime) -> list[str]:
        """The tokens of all files that were there before `moment`, whether or not they have a `Picture` row."""
        return await self._files.lying_since(moment)

    async def discard(self, token: str) -> None:
        """Take back the files of a photo that got no row."""
        await self._files.remove(token)

    async def remove_unused(self, token: str | None) -> None:
        """Let a photo go, files and all, unless a character or a person still shows it."""
        if token is None:
            return
        async with self._database.write() as db:
            picture = await db.get(Picture, token, with_for_update=True)  # whoever wants to show it now waits
            if picture is None:
                return
            deleted = col(Character.deleted_at).is_not(None)
            await db.exec(
                update(Character).where(col(Character.picture_token) == token, deleted).values(picture_token=None)
            )
            shown = select(Character.id).where(Character.picture_token == token)
            worn = select(User.id).where(User.id == picture.owner_id, User.picture_token == token)
            used = (await db.exec(shown)).first() or (await db.exec(worn)).first()
            if used is None:
                await db.exec(delete(Picture).where(col(Picture.token) == token))
        if used is None:
            await self._files.remove(token)


def _known_to(viewer: User) -> ColumnElement[bool]:
    worn = select(User.id).where(User.id == Picture.owner_id, User.picture_token == Picture.token)
    talked = (
        select(Dialog.id)
        .join(Character, col(Character.id) == col(Dialog.character_id))
        .where(
            Dialog.user_id == viewer.id,
            Character.picture_token == Picture.token,
            col(Character.deleted_at).is_(None),
        )
    )
    return or_(col(Picture.owner_id) == viewer.id, worn.exists(), talked.exists())


async def in_sizes_apart(photo: bytes, cut: Cut, patience: float = PATIENCE) -> dict[str, bytes]:
    """A photo as WebP in each of `SIZES`, drawn in a process of its own, which has `patience` seconds."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "domain.characters.drawing"),
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
        raise Invalid("This photo takes too long to read. Please choose another one.", field="photo") from error
    except Unfit as error:
        raise _refusal(error) from error
    except ValueError as error:  # it died halfway
        raise _unreadable() from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _refusal(unfit: Unfit) -> Invalid:
    if unfit.reason == "too many pixels":
        return Invalid("This photo has more than 40 megapixels. Please choose a smaller one.", field="photo")
    return _unreadable()


def _unreadable() -> Invalid:
    return Invalid("This is not a photo we can read. PNG, JPEG and WebP work.", field="photo")


def _no_such_picture() -> NotFound:
    return NotFound("There is no such picture.")


def too_large() -> Invalid:
    return Invalid("A photo can be at most 5 MB.", field="photo")

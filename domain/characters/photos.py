"""Uploaded photos: what is taken, and how it is made safe and small.

A photo is decoded by content, never by its name, and drawn anew: what comes out is ours, without EXIF, without anything
hidden behind the pixels. Decoding happens in a thread and in no transaction.
"""

from __future__ import annotations

import asyncio
import io

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from domain.accounts.sessions import Caller, require
from domain.accounts.user import User
from domain.characters.character import Character, Picture
from domain.errors import AppError, Invalid
from domain.limits import UPLOADS, Limits
from storage.database import Database
from storage.files import Files

BYTES_LIMIT = 5 * 1024 * 1024
PIXELS_LIMIT = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
SIZES = {"small": (330, 440), "large": (900, 1200)}
"""Width and height in pixels, 3:4: a gallery card at 1.5 device pixels, a character's page."""
SUFFIX = ".webp"
FOCUS = (0.5, 0.3)
"""What stays when a photo is cut to 3:4: faces are in the upper half."""
QUALITY = 82
AT_ONCE = 2
"""Photos decoded at the same time: each may need 160 MB for 40 megapixels."""


class Photos:
    """Takes photos in and gives them out again by their unguessable name."""

    def __init__(self, database: Database, files: Files, limits: Limits) -> None:
        self._database = database
        self._files = files
        self._limits = limits
        self._places = asyncio.Semaphore(AT_ONCE)

    async def keep(self, caller: Caller, photo: bytes) -> str:
        """Take a photo for later use by the same person; returns its token. Raises `Invalid` for `photo`."""
        async with self._database.read() as db:
            await require(db, caller)
        await self._limits.take(UPLOADS, caller.user_id)
        token = await self.draw(photo)
        try:
            async with self._database.write() as db:
                owner = await require(db, caller)  # once more: drawing takes time
                db.add(Picture(token=token, owner_id=owner.id))
        except (AppError, IntegrityError):
            await self.discard(token)
            raise
        return token

    async def draw(self, photo: bytes) -> str:
        """Put the files of a photo on the disk; whoever calls keeps its `Picture` row."""
        async with self._places:
            sizes = await asyncio.to_thread(in_sizes, photo)
        return await self._files.keep(sizes, SUFFIX)

    async def discard(self, token: str) -> None:
        """Take back the files of a photo that got no row."""
        await self._files.remove(token)

    async def remove_unused(self, token: str | None) -> None:
        """Let a photo go, files and all, unless a character or a person still shows it."""
        if token is None:
            return
        async with self._database.write() as db:
            await db.get(Picture, token, with_for_update=True)  # whoever wants to show it now waits
            deleted = col(Character.deleted_at).is_not(None)
            await db.exec(
                update(Character).where(col(Character.picture_token) == token, deleted).values(picture_token=None)
            )
            shown = select(Character.id).where(Character.picture_token == token)
            worn = select(User.id).where(User.picture_token == token)
            used = (await db.exec(shown)).first() or (await db.exec(worn)).first()
            if used is None:
                await db.exec(delete(Picture).where(col(Picture.token) == token))
        if used is None:
            await self._files.remove(token)


def in_sizes(photo: bytes) -> dict[str, bytes]:
    """The photo as WebP in each of `SIZES`, cut to 3:4 around `FOCUS`. Slow: call it in a thread."""
    if len(photo) > BYTES_LIMIT:
        raise too_large()
    try:
        with Image.open(io.BytesIO(photo), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_LIMIT:
                raise Invalid("This photo has more than 40 megapixels. Please choose a smaller one.", field="photo")
            opened.draft("RGB", SIZES["large"])  # JPEG only: decodes at a fraction of the size
            upright = _opaque(ImageOps.exif_transpose(opened))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid("This is not a photo we can read. PNG, JPEG and WebP work.", field="photo") from error
    return {size: _webp(upright, pixels) for size, pixels in SIZES.items()}


def _opaque(image: Image.Image) -> Image.Image:
    """In plain RGB: what was transparent lies on white, sixteen bits of grey become eight."""
    if image.mode.startswith("I"):
        image = image.point(lambda grey: grey / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def too_large() -> Invalid:
    return Invalid("A photo has at most 5 MB.", field="photo")


def _webp(image: Image.Image, pixels: tuple[int, int]) -> bytes:
    cut = ImageOps.fit(image, pixels, Image.Resampling.LANCZOS, centering=FOCUS)
    kept = io.BytesIO()
    cut.save(kept, "WEBP", quality=QUALITY, method=4)
    return kept.getvalue()

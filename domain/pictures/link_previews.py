"""Link previews (Open Graph images), drawn in turn and cached: what a shared link shows in messengers."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from domain.errors import Busy
from domain.pictures.link_preview import Face, Preview
from domain.pictures.photos import Photos

KEPT = 256
"""Maximum cached previews, some 60 KB each: many people request a shared link."""
MOST_WAITING = 20
"""Maximum queue of previews to draw, which takes a second or two; beyond it the client may retry."""


class Previews:
    """Draws previews, one at a time and in a thread: each takes some 50 ms of CPU.

    Concurrent requests for the same one draw it once; it is drawn again only when its content has changed.
    """

    def __init__(self, photos: Photos, faces: Sequence[Face], brand: str) -> None:
        self._photos = photos
        self._faces = faces
        self._brand = brand
        self._turn = asyncio.Semaphore(1)
        self._waiting: Counter[Preview] = Counter()
        self._drawn: OrderedDict[Preview, bytes] = OrderedDict()

    async def jpeg(self, preview: Preview) -> bytes:
        """A JPEG of 1200 × 630 pixels. Raises `Busy` if the queue is full."""
        if preview not in self._drawn:
            return await self._draw_in_turn(preview)
        self._drawn.move_to_end(preview)
        return self._drawn[preview]

    async def _draw_in_turn(self, preview: Preview) -> bytes:
        if preview not in self._waiting and len(self._waiting) >= MOST_WAITING:
            raise Busy("Too many pictures are being generated right now. Please try again in a minute.")
        self._waiting[preview] += 1
        try:
            async with self._turn:
                if preview in self._drawn:  # drawn for an earlier request
                    return self._drawn[preview]
                photo = await self._photos.file_if_there(preview.photo)
                drawn = preview if photo else replace(preview, photo=None)  # drawn again once the photo is back
                if drawn not in self._drawn:
                    self._drawn[drawn] = await asyncio.to_thread(_draw, preview, photo, self._faces, self._brand)
                if len(self._drawn) > KEPT:
                    self._drawn.popitem(last=False)
                return self._drawn[drawn]
        finally:
            self._waiting[preview] -= 1
            self._waiting += Counter()  # drops keys that nobody waits for any more


def _draw(preview: Preview, photo: bytes | None, faces: Sequence[Face], brand: str) -> bytes:
    from domain.pictures.link_preview_drawing import draw  # late, since it loads Pillow

    return draw(preview, photo, faces, brand)

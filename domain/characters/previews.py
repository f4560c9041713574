"""The picture that a shared link shows in other people's messengers: portrait, name and teaser, side by side."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Busy

SIZE = (1200, 630)
"""What those who show previews ask for."""
KEPT = 256
"""Previews kept in memory, some 60 KB each: a link that is shared is asked for by many."""
MOST_WAITING = 20
"""Previews that wait to be drawn, a second or two together; who comes after them may come again."""


@dataclass(frozen=True)
class Face:
    """A font file and the signs it has: fonts for the web come in parts, each for some alphabets."""

    file: Path
    signs: tuple[range, ...]

    def has(self, sign: str) -> bool:
        return any(ord(sign) in some for some in self.signs)


@dataclass(frozen=True)
class Preview:
    """What is to be seen. Without a photo a gradient of two colours, `#rrggbb`, stands for it."""

    name: str
    teaser: str
    photo: Path | None
    colours: tuple[str, str]


class Previews:
    """Draws previews, one at a time and in a thread: it takes some 50 ms of a processor.

    What many ask for at once is drawn once, and again only when what is to be seen has changed.
    """

    def __init__(self, faces: Sequence[Face], brand: str) -> None:
        self._faces = faces
        self._brand = brand
        self._turn = asyncio.Semaphore(1)
        self._waiting: Counter[Preview] = Counter()
        self._drawn: OrderedDict[Preview, bytes] = OrderedDict()

    async def jpeg(self, preview: Preview) -> bytes:
        """1200 × 630 pixels. Raises `Busy` when too many are to be drawn already."""
        if preview not in self._drawn:
            await self._draw_in_turn(preview)
        self._drawn.move_to_end(preview)
        return self._drawn[preview]

    async def _draw_in_turn(self, preview: Preview) -> None:
        if preview not in self._waiting and len(self._waiting) >= MOST_WAITING:
            raise Busy("Too many pictures are being drawn just now. Please try again in a minute.")
        self._waiting[preview] += 1
        try:
            async with self._turn:
                if preview in self._drawn:  # by somebody who came before
                    return
                self._drawn[preview] = await asyncio.to_thread(_draw, preview, self._faces, self._brand)
                if len(self._drawn) > KEPT:
                    self._drawn.popitem(last=False)
        finally:
            self._waiting[preview] -= 1
            self._waiting += Counter()  # forgets what nobody waits for any more


def _draw(preview: Preview, faces: Sequence[Face], brand: str) -> bytes:
    from domain.characters.preview_drawing import draw  # it loads Pillow

    return draw(preview, faces, brand)

"""Link preview images (Open Graph): what a shared link shows in messengers: portrait, name and teaser, side by side."""

from __future__ import annotations

import asyncio
import io
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from domain.errors import Busy

SIZE = (1200, 630)
"""The size that link previews ask for."""
PORTRAIT = (472, 630)
EDGE, GAP = 56, 28  # pixels around and between the texts
PAPER, INK, MUTED, ACCENT = "#16130F", "#F1EAE0", "#A99F92", "#E08B5A"
NAME, TEASER, BRAND = (68, 600), (38, 400), (30, 500)  # height in pixels, weight
NAME_LINES, TEASER_LINES = 2, 5
QUALITY = 85
KEPT = 256
"""Cached previews, some 60 KB each: a shared link is requested by many."""
MOST_WAITING = 20
"""Maximum queue of previews to draw, a second or two together; beyond it the client may retry."""


@dataclass(frozen=True)
class Face:
    """A font file and the characters it contains: web fonts come in parts, each for some alphabets."""

    file: Path
    signs: tuple[range, ...]

    def has(self, sign: str) -> bool:
        return any(ord(sign) in some for some in self.signs)


@dataclass(frozen=True)
class Preview:
    """The content of a preview. A gradient of two colours, `#rrggbb`, replaces a missing photo."""

    name: str
    teaser: str
    photo: Path | None
    colours: tuple[str, str]


class Previews:
    """Draws previews, one at a time and in a thread: each takes some 50 ms of CPU.

    Concurrent requests for the same one draw it once; it is drawn again only when its content has changed.
    """

    def __init__(self, faces: Sequence[Face], brand: str) -> None:
        self._faces = faces
        self._brand = brand
        self._turn = asyncio.Semaphore(1)
        self._waiting: Counter[Preview] = Counter()
        self._drawn: OrderedDict[Preview, bytes] = OrderedDict()

    async def jpeg(self, preview: Preview) -> bytes:
        """A JPEG of 1200 × 630 pixels. Raises `Busy` if the queue is full."""
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
                if preview in self._drawn:  # by an earlier request
                    return
                self._drawn[preview] = await asyncio.to_thread(draw, preview, self._faces, self._brand)
                if len(self._drawn) > KEPT:
                    self._drawn.popitem(last=False)
        finally:
            self._waiting[preview] -= 1
            self._waiting += Counter()  # drops keys nobody waits for any more


def draw(preview: Preview, faces: Sequence[Face], brand: str) -> bytes:
    picture = Image.new("RGB", SIZE, PAPER)
    picture.paste(_portrait(preview), (0, 0))
    name, teaser, small = (Lettering(faces, *style) for style in (NAME, TEASER, BRAND))
    pen = ImageDraw.Draw(picture)
    left, width = PORTRAIT[0] + EDGE, SIZE[0] - PORTRAIT[0] - 2 * EDGE
    y = name.write(pen, (left, EDGE), preview.name, INK, (width, NAME_LINES))
    teaser.write(pen, (left, y + GAP), preview.teaser, MUTED, (width, TEASER_LINES))
    small.write(pen, (left, SIZE[1] - EDGE - small.step), brand, ACCENT, (width, 1))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()


def _portrait(preview: Preview) -> Image.Image:
    if preview.photo:
        try:
            with Image.open(preview.photo, formats=("WEBP",)) as photo:
                return ImageOps.fit(photo.convert("RGB"), PORTRAIT, centering=(0.5, 0.3))
        except FileNotFoundError:  # replaced concurrently
            pass
    slope = Image.linear_gradient("L").resize(PORTRAIT)
    return ImageOps.colorize(slope, *preview.colours)


class Lettering:
    """Text in one size and weight, each character from the font that has it; what no font has is left out."""

    def __init__(self, faces: Sequence[Face], height: int, weight: int) -> None:
        self._faces = faces
        self._fonts = [ImageFont.truetype(face.file, height) for face in faces]
        for font in self._fonts:
            font.set_variation_by_axes([weight])
        self.step = round(height * 1.25)

    def write(
        self, pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, colour: str, room: tuple[int, int]
    ) -> int:
        """Draw below `at` within `room`, a width and a number of lines; returns where the next text may begin."""
        (x, y), (width, most) = at, room
        lines = self._lines(text, width)
        if len(lines) > most:
            lines = [*lines[: most - 1], self._shortened(lines[most - 1], width)]
        for line in lines:
            run_x = float(x)
            for font, run in self._runs(line):
                pen.text((run_x, y + self.step * 0.8), run, colour, font, anchor="ls")
                run_x += font.getlength(run)
            y += self.step
        return y

    def _lines(self, text: str, width: int) -> list[str]:
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._length(longer) <= width:
                lines[-1] = longer
            elif self._length(word) > width:
                lines.append(self._shortened(word, width))
            else:
                lines.append(word)
        return lines

    def _shortened(self, text: str, width: int) -> str:
        while text and self._length(f"{text}…") > width:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def _length(self, text: str) -> float:
        return sum(font.getlength(run) for font, run in self._runs(text))

    def _runs(self, text: str) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        """Runs of the text that a single font can draw."""
        runs: list[tuple[ImageFont.FreeTypeFont, str]] = []
        for sign in text:
            font = next((font for face, font in zip(self._faces, self._fonts, strict=True) if face.has(sign)), None)
            if font is None:
                continue
            if runs and runs[-1][0] is font:
                runs[-1] = (font, runs[-1][1] + sign)
            else:
                runs.append((font, sign))
        return runs

"""Rendering of link previews with Pillow: portrait, name and teaser, side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

from domain.pictures.link_preview import SIZE, Face, Preview

PORTRAIT = (472, 630)
EDGE, GAP = 56, 28  # pixels around and between the texts
PAPER, INK, MUTED, ACCENT = "#16130F", "#F1EAE0", "#A99F92", "#E08B5A"  # of the dark theme (assets/css/tokens.css)
NAME, TEASER, BRAND = (68, 600), (38, 400), (30, 500)  # height in pixels, weight
NAME_LINES, TEASER_LINES = 2, 5
QUALITY = 85


def draw(preview: Preview, photo: bytes | None, faces: Sequence[Face], brand: str) -> bytes:
    picture = Image.new("RGB", SIZE, PAPER)
    picture.paste(_portrait(preview, photo), (0, 0))
    name, teaser, small = (Lettering(faces, *style) for style in (NAME, TEASER, BRAND))
    pen = ImageDraw.Draw(picture)
    left, width = PORTRAIT[0] + EDGE, SIZE[0] - PORTRAIT[0] - 2 * EDGE
    y = name.write(pen, (left, EDGE), preview.name, INK, (width, NAME_LINES))
    teaser.write(pen, (left, y + GAP), preview.teaser, MUTED, (width, TEASER_LINES))
    small.write(pen, (left, SIZE[1] - EDGE - small.step), brand, ACCENT, (width, 1))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()


def _portrait(preview: Preview, photo: bytes | None) -> Image.Image:
    if photo:
        with Image.open(io.BytesIO(photo), formats=("WEBP",)) as opened:
            return ImageOps.fit(opened.convert("RGB"), PORTRAIT, centering=(0.5, 0.3))
    slope = Image.linear_gradient("L").resize(PORTRAIT)
    return ImageOps.colorize(slope, *preview.colours)


class Lettering:
    """Text in one size and weight, each sign from the face that has it; what no face has is left out."""

    def __init__(self, faces: Sequence[Face], height: int, weight: int) -> None:
        self._faces = faces
        self._fonts = [ImageFont.truetype(face.file, height) for face in faces]
        for font in self._fonts:
            font.set_variation_by_axes([weight])
        self.step = round(height * 1.25)

    def write(
        self, pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, colour: str, room: tuple[int, int]
    ) -> int:
        """Write below `at` within `room`, a width and a number of lines; returns where the next text may begin."""
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
        """Pieces of the text that one font can write."""
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

"""Content of a link preview (Open Graph image): a name and a teaser, the portrait, the fonts to write with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SIZE = (1200, 630)
"""Width and height in pixels, as programs that show previews ask for."""


@dataclass(frozen=True)
class Face:
    """A font file and the characters it contains: web fonts come in parts, each for some alphabets."""

    file: Path
    signs: tuple[range, ...]

    def has(self, sign: str) -> bool:
        return any(ord(sign) in some for some in self.signs)


@dataclass(frozen=True)
class Preview:
    """The content of a preview; `photo` is a token. A gradient of two colours, `#rrggbb`, replaces a missing photo."""

    name: str
    teaser: str
    photo: str | None
    colours: tuple[str, str]

"""Fonts: the Roboto that NiceGUI bundles, and the files of it that a page preloads.

The framework's faces are found last, after two sheets. Until then text is laid out in another font and not painted, so
that with theirs everything beside it would move.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nicegui

from domain.pictures.link_preview import Face

FOLDER = Path(nicegui.__file__).parent / "static"
FONT_FACE = re.compile(r"@font-face\s*{(.*?)}", re.DOTALL)
LETTERS = {"ru": "яz", "en": "z"}
"""One letter of each alphabet that all pages in a language use: the Latin file has the digits and signs, too."""


@cache
def font_links(language: str) -> str:
    """Preload links for the head of a page in this language."""
    return "".join(_link(face.file) for sign in LETTERS[language] for face in bundled_faces() if face.has(sign))


def _link(file: Path) -> str:
    address = f"/_nicegui/{nicegui.__version__}/static/{file.relative_to(FOLDER).as_posix()}"
    return f'<link rel="preload" href="{address}" as="font" type="font/woff2" crossorigin>'


@cache
def bundled_faces() -> tuple[Face, ...]:
    """The font's files, by the style sheet that says which part covers which characters."""
    files: dict[Path, tuple[range, ...]] = {}
    for rule in FONT_FACE.findall((FOLDER / "fonts.css").read_text("utf-8")):
        file, signs = re.search(r"url\(([^)]+)\)", rule), re.search(r"unicode-range:([^;]+)", rule)
        if '"Roboto"' in rule and file and signs:
            files[FOLDER / file[1]] = tuple(_range(each) for each in signs[1].split(","))
    return tuple(Face(file, signs) for file, signs in files.items())


def _range(said: str) -> range:
    """«U+0400-045F», «U+2116»."""
    first, _, last = said.strip().removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)

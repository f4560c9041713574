"""Link previews (Open Graph images): what messengers show beside a link to a public character."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import nicegui
from fastapi import APIRouter, Request, Response

from domain.language import Texts
from domain.pictures.link_preview import Face, Preview
from domain.pictures.link_previews import Previews
from ui.app import App
from ui.widgets.picture_urls import portrait_colours

FONTS = Path(nicegui.__file__).parent / "static"
FONT_FACE = re.compile(r"@font-face\s*{(.*?)}", re.DOTALL)
ASKED_AGAIN = "no-cache"
"""Whoever has it asks each time whether it is still there: a character that is made private is not shown for a day."""


def previews(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    drawer = Previews(app.pictures.photos, bundled_faces(), Texts("ru")("Beseda"))

    @router.get("/characters/{character_id}/preview.jpg")
    async def preview(request: Request, character_id: int) -> Response:
        """For anonymous clients: private characters are not found."""
        character, _author = await app.characters.characters.get(None, character_id)
        colours = portrait_colours(character.name, character.portrait)
        picture = await drawer.jpeg(Preview(character.name, character.teaser, character.picture_token, colours))
        tag = f'"{hashlib.sha256(picture).hexdigest()[:32]}"'
        headers = {"Cache-Control": ASKED_AGAIN, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(picture, media_type="image/jpeg", headers=headers)

    return router


@cache
def bundled_faces() -> tuple[Face, ...]:
    """The Roboto that NiceGUI bundles, by the style sheet that says which part covers which characters."""
    files: dict[Path, tuple[range, ...]] = {}
    for rule in FONT_FACE.findall((FONTS / "fonts.css").read_text("utf-8")):
        file, signs = re.search(r"url\(([^)]+)\)", rule), re.search(r"unicode-range:([^;]+)", rule)
        if '"Roboto"' in rule and file and signs:
            files[FONTS / file[1]] = tuple(_range(each) for each in signs[1].split(","))
    return tuple(Face(file, signs) for file, signs in files.items())


def _range(said: str) -> range:
    """«U+0400-045F», «U+2116»."""
    first, _, last = said.strip().removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)

"""Link previews (Open Graph images): pictures that messengers show beside a link to a public character."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from domain.language import Texts
from domain.pictures.link_preview import Preview
from domain.pictures.link_previews import Previews
from ui.app import App
from ui.shell.fonts import bundled_faces
from ui.widgets.picture_urls import portrait_colours

ASKED_AGAIN = "no-cache"
"""Caches must revalidate it each time: else a character that was made private would be shown for another day."""


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

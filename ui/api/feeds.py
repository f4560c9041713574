"""What our own components fetch: cards, bubbles and pictures, as plain JSON and files.

Long things come this way and not over NiceGUI's elements: a history of 250 messages costs 3 ms instead of 78.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from domain.characters.character import Character
from domain.characters.characters import PAGE
from domain.characters.photos import BYTES_LIMIT, SIZES, SUFFIX, too_large
from domain.errors import NotFound
from domain.language import Texts
from ui.api.json.shapes import SomeId
from ui.app import App
from ui.components.bubbles import bubbles
from ui.components.words import gender_sign
from ui.pictures import character_picture, portrait
from ui.visitor import Reader, read_preferences, reader_of

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
NOT_KEPT = {"Cache-Control": "no-store"}


def feeds(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/feed/gallery")
    async def gallery(request: Request, *, mine: bool = False, before: SomeId = None) -> JSONResponse:
        reader = await reader_of(app, request)
        characters = await app.characters.gallery(reader.caller, mine=mine, before=before)
        total = await app.characters.count(reader.caller, mine=mine) if before is None else 0
        last = characters[-1].id if len(characters) == PAGE else None
        return JSONResponse(
            {
                "cards": [card(reader, character) for character in characters],
                "count": reader._.plural("{n} character", "{n} characters", total) if total else "",
                "next": f"/feed/gallery?mine={str(mine).lower()}&before={last}" if last else None,
            },
            headers=NOT_KEPT,
        )

    @router.get("/feed/dialogs/{dialog_id}")
    async def history(
        dialog_id: int,
        request: Request,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> JSONResponse:
        """A window of the conversation: its end, or the part before, after or around a message."""
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        conversation = await app.chat.open(caller, dialog_id, before=before, after=after, around=around)
        messages = await asyncio.to_thread(bubbles, reader, conversation)
        here = f"/feed/dialogs/{dialog_id}"
        return JSONResponse(
            {
                "messages": messages,
                "older": f"{here}?before={messages[0]['id']}" if conversation.has_older else None,
                "newer": f"{here}?after={messages[-1]['id']}" if conversation.has_newer else None,
            },
            headers=NOT_KEPT,
        )

    @router.post("/feed/photos")
    async def take_photo(request: Request) -> JSONResponse:
        """Take a photo, the raw bytes as body; the limit is kept while reading, whatever the browser claims."""
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        token = await app.photos.keep(caller, await _body(request))
        return JSONResponse({"picture_id": token, "picture": f"/pictures/{token}/large.webp"})

    @router.get("/pictures/{token}/{size}.webp")
    async def picture(token: str, size: str) -> FileResponse:
        path = app.files.path(token, size, SUFFIX) if size in SIZES else None
        if path is None:
            raise NotFound("There is no such picture.")
        return FileResponse(path, media_type="image/webp", headers=FOREVER)

    @router.get("/portraits/{name}.svg")
    async def generated_portrait(name: str) -> Response:
        safe = {**FOREVER, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(portrait(name), media_type="image/svg+xml", headers=safe)

    @router.get("/manifest.webmanifest")
    async def manifest(request: Request) -> JSONResponse:
        """What a phone needs to put Beseda on its home screen."""
        _ = Texts(read_preferences(request.headers).language)
        icons = [{"src": f"/assets/icons/icon-{n}.png", "sizes": f"{n}x{n}", "type": "image/png"} for n in (192, 512)]
        body = {"name": _("Beseda"), "short_name": _("Beseda"), "start_url": "/", "display": "standalone"}
        return JSONResponse(
            {**body, "icons": icons, "background_color": "#16130F", "theme_color": "#16130F"},
            media_type="application/manifest+json",
        )

    @router.get("/healthz")
    async def health() -> JSONResponse:
        alive = await app.database.is_alive()
        return JSONResponse({"database": "ok" if alive else "down"}, 200 if alive else 503, headers=NOT_KEPT)

    return router


def card(reader: Reader, character: Character) -> dict[str, Any]:
    """The shape card_grid.js takes."""
    return {
        "id": character.id,
        "url": f"/characters/{character.id}",
        "name": character.name,
        "teaser": character.teaser or _first_words(character.bio),
        "picture": character_picture(character, "small"),
        "gender_sign": gender_sign(character.gender),
        "age_mark": character.age_mark.value,
        "interests": character.interests,
        "author": "",
        "badge": "" if character.is_public else reader._("private"),
    }


def _first_words(text: str) -> str:
    return text[:157] + "…" if len(text) > 160 else text  # noqa: PLR2004 - three lines of a card


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BYTES_LIMIT:
            raise too_large()
    return bytes(body)

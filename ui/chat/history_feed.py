"""History feed: the bubbles that our own components fetch, as plain JSON (cards: gallery_feed.py).

Long content is fetched, not sent as NiceGUI elements: a history of 250 messages costs 3 ms instead of 78.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from domain.language import Texts
from ui.app import App
from ui.chat.bubbles import bubbles, window_shown
from ui.request.assets import asset
from ui.request.http import FOR_EVER, NOT_KEPT
from ui.request.visitor import read_preferences, reader_of
from ui.shell.theme import ADMIN_STYLES, PAPER, STYLES, style_sheet


def history_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/feed/dialogs/{dialog_id}")
    async def history(
        dialog_id: int,
        request: Request,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> JSONResponse:
        """A window of the conversation: the end, or the part before, after or around a message."""
        reader = (await reader_of(app, request)).on_trial()
        caller = reader.must_be_logged_in()
        conversation = await app.chat.chat.open(caller, dialog_id, before=before, after=after, around=around)
        messages = await asyncio.to_thread(bubbles, reader, conversation)
        return JSONResponse(window_shown(conversation, messages, f"/feed/dialogs/{dialog_id}"), headers=NOT_KEPT)

    @router.get(STYLES)
    async def styles() -> Response:
        return Response(style_sheet(STYLES), media_type="text/css", headers=FOR_EVER)

    @router.get(ADMIN_STYLES)
    async def admin_styles() -> Response:
        return Response(style_sheet(ADMIN_STYLES), media_type="text/css", headers=FOR_EVER)

    @router.get("/manifest.webmanifest")
    async def manifest(request: Request) -> JSONResponse:
        """The web app manifest: what a phone needs to put Beseda on its home screen."""
        reading = read_preferences(request.headers)
        _, paper = Texts(reading.language), PAPER["dark" if reading.theme == "dark" else "light"]
        body = {
            "name": _("Beseda"),
            "short_name": _("Beseda"),
            "lang": reading.language,
            "start_url": "/",
            "display": "standalone",
            "background_color": paper,
            "theme_color": paper,
            # What they show lies within the circle that every phone leaves of a mask.
            "icons": [
                {"src": asset(f"icons/icon-{n}.png"), "sizes": f"{n}x{n}", "type": "image/png", "purpose": purpose}
                for n in (192, 512)
                for purpose in ("any", "maskable")
            ],
            "shortcuts": [
                {"name": _("My chats"), "url": "/chat"},
                {"name": _("New character"), "url": "/characters/new"},
            ],
        }
        return JSONResponse(body, media_type="application/manifest+json")

    return router

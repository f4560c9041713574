"""Site files: the style sheets of all pages, and the web app manifest."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from domain.language import Texts
from ui.request.assets import asset
from ui.request.http import FOR_EVER
from ui.request.visitor import Preferences, read_preferences
from ui.shell.theme import ADMIN_STYLES, PAPER, STYLES, style_sheet


def site_files() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(STYLES)
    async def styles() -> Response:
        return Response(style_sheet(STYLES), media_type="text/css", headers=FOR_EVER)

    @router.get(ADMIN_STYLES)
    async def admin_styles() -> Response:
        return Response(style_sheet(ADMIN_STYLES), media_type="text/css", headers=FOR_EVER)

    @router.get("/manifest.webmanifest")
    async def manifest(request: Request) -> JSONResponse:
        return JSONResponse(_manifest(read_preferences(request.headers)), media_type="application/manifest+json")

    return router


def _manifest(reading: Preferences) -> dict[str, Any]:
    """The web app manifest, by which a phone can put Beseda on its home screen."""
    _, paper = Texts(reading.language), PAPER["dark" if reading.theme == "dark" else "light"]
    return {
        "name": _("Beseda"),
        "short_name": _("Beseda"),
        "lang": reading.language,
        "start_url": "/",
        "display": "standalone",
        "background_color": paper,
        "theme_color": paper,
        # Their drawing lies within the circle that remains visible under every phone's mask.
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

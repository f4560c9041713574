"""Picture routes: uploads, delivery to those who may see a picture, and generated portraits where there is none."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from domain.accounts.sessions import Caller
from domain.pictures.crop import UNSAID, Crop
from ui.api.bearer import BearerAuth
from ui.app import App
from ui.gallery.picture_response import FOREVER, not_modified, picture_response, tag_of
from ui.request.visitor import reader_even_blocked, reader_of
from ui.widgets.picture_urls import portrait


def pictures(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/feed/photos")
    async def take_photo(  # noqa: PLR0917 - FastAPI gives them by name
        request: Request,
        x: float = UNSAID,
        y: float = UNSAID,
        width: float = UNSAID,
        fx: float = UNSAID,
        fy: float = UNSAID,
    ) -> JSONResponse:
        """Upload a photo, the raw bytes as body (size limit: ui/request/size_limit.py).

        The crop: its corner and width, and the middle of the face, in fractions of the photo.
        """
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        token = await app.pictures.photos.store(caller, await request.body(), Crop(x, y, width, fx, fy))
        return JSONResponse({"picture_id": token, "picture": f"/pictures/{token}/large.webp"})

    @router.get("/pictures/{token}/{size}.webp")
    async def picture(token: str, size: str, request: Request) -> Response:
        if not await app.pictures.photos.is_open(token):
            await app.pictures.photos.check(await _caller(app, request), token)
        tag = tag_of(token, size)
        if answer := not_modified(request, tag):
            return answer
        return picture_response(request, await app.pictures.photos.file(token, size), tag)

    @router.get("/portraits/{name:path}.svg")  # a name may contain a slash
    async def generated_portrait(name: str, look: int = 0) -> Response:
        safe = {**FOREVER, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(portrait(name, look), media_type="image/svg+xml", headers=safe)

    return router


async def _caller(app: App, request: Request) -> Caller | None:
    """The caller by the cookie, or by the token of a program that follows a `photo_url`."""
    if visitor := await BearerAuth(app).visitor_if_any(request):
        return visitor.caller
    return (await reader_even_blocked(app, request)).caller

"""The web server's own part: our routes first, NiceGUI's pages below them, one middleware around both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from nicegui import app as nicegui_app
from nicegui import ui

from domain.errors import AppError, Blocked, Busy, NotAllowed, NotFound, SignedOut, TooOften
from domain.language import Texts
from storage.database import NoAnswer
from ui import pages
from ui.api.admin import admin_routes
from ui.api.dialogs import dialog_routes
from ui.api.doors import doors
from ui.api.feeds import feeds
from ui.api.gallery_feed import gallery_feed
from ui.api.json.api import PREFIX, json_api
from ui.api.json.docs import docs
from ui.api.news import news
from ui.api.pictures import pictures
from ui.api.previews import previews
from ui.api.providers import provider_doors
from ui.app import App
from ui.components.provider_buttons import DOORS
from ui.errors import RETRY_AFTER, no_answer, sentence, tell_unexpected
from ui.middleware import HEADERS, SOCKET, Doorkeeper
from ui.packing import PACKED_FROM, PackedOnce
from ui.pages.admin.door import NothingHere
from ui.pages.lost import lost_page
from ui.socket.border import SocketBorder
from ui.theme import head_html
from ui.visitor import Reader, preferences, read_preferences

ASSETS = Path(__file__).parents[1] / "assets"
STATUS = {NotFound: 404, NotAllowed: 403, SignedOut: 401, Blocked: 403, Busy: 409, TooOften: 429}
RECONNECT_WITHIN = 30  # seconds: a phone between two masts keeps its page

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build(app: App, lifespan: Lifespan) -> FastAPI:
    """The whole site as one ASGI application."""
    web = FastAPI(title="Beseda", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    web.include_router(doors(app))
    web.include_router(feeds(app))
    web.include_router(gallery_feed(app))
    web.include_router(pictures(app))
    web.include_router(previews(app))
    web.include_router(dialog_routes(app))
    web.include_router(admin_routes(app))
    web.include_router(news(app))
    web.mount(DOORS, provider_doors(app))
    api = json_api(app)
    web.include_router(docs(api))
    web.mount(PREFIX, api)
    web.mount("/assets", Assets(directory=ASSETS))
    web.mount(SOCKET, SocketBorder(app))
    web.add_exception_handler(AppError, _refusal)
    web.add_exception_handler(NoAnswer, _unanswered)
    web.add_exception_handler(NothingHere, _lost)
    web.add_exception_handler(RequestValidationError, _malformed)
    web.add_exception_handler(Exception, _failed)
    web.add_middleware(PackedOnce)
    web.add_middleware(GZipMiddleware, minimum_size=PACKED_FROM, compresslevel=6)
    web.add_middleware(Doorkeeper, public_address=app.settings.address, welcome=app.settings.welcome_origins)
    pages.register(app)
    nicegui_app.add_exception_handler(404, _lost)
    nicegui_app.on_page_exception(_broken)
    ui.run_with(
        web,
        title=Texts("ru")("Beseda"),
        viewport="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content",
        favicon=ASSETS / "icons" / "favicon.svg",
        dark=None,
        language="ru",
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_WITHIN,
        tailwind=False,
        gzip_middleware_factory=None,  # the one above packs our own routes too
        show_welcome_message=False,
    )
    return web


class Assets(StaticFiles):
    """Our own css and icons. Addresses carry a hash of the content (ui/theme.py), so they may be kept for good."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


async def _refusal(request: Request, error: Exception) -> Response:
    """A refusal of the domain, for our components: one sentence in the reader's language."""
    assert isinstance(error, AppError)  # noqa: S101 - it is registered for this kind
    read = read_preferences(request.headers)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
    headers = {"Retry-After": str(error.wait)} if isinstance(error, TooOften) else {}
    return JSONResponse({"error": sentence(Reader(read, Texts(read.language)), error)}, status, headers=headers)


async def _unanswered(request: Request, error: Exception) -> Response:
    """The database is locked, full or away: the same request may succeed a moment later."""
    assert isinstance(error, NoAnswer)  # noqa: S101 - it is registered for this kind
    refusal = no_answer(error)
    _ = Texts(read_preferences(request.headers).language)
    return JSONResponse({"error": _(refusal.text)}, 503, headers={"Retry-After": RETRY_AFTER})


async def _malformed(request: Request, _error: Exception) -> Response:
    """FastAPI's own answer would repeat what was sent, passwords included."""
    _ = Texts(read_preferences(request.headers).language)
    return JSONResponse({"error": _("This request is not of the form expected here.")}, 422)


async def _failed(request: Request, error: Exception) -> Response:
    """The last resort of our plain routes. It answers outside the middleware, which would add the headers."""
    _ = Texts(read_preferences(request.headers).language)
    return JSONResponse({"error": tell_unexpected(_, error)}, 500, headers=HEADERS)


def _broken(error: Exception) -> None:
    """A page that could not be built: one sentence, and a reference that stands in the log beside the cause."""
    reading = preferences.get()
    ui.add_head_html(head_html(reading.theme))
    with ui.element("div").classes("sheet empty"):
        ui.label(tell_unexpected(Texts(reading.language), error))
        ui.link(Texts(reading.language)("To the gallery"), "/").classes("button quiet")


async def _lost(request: Request, _error: Exception) -> Response:
    return HTMLResponse(lost_page(read_preferences(request.headers)), 404)

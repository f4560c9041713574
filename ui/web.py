"""ASGI application: our routes first, NiceGUI's pages below them, one middleware around both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.routing import BaseRoute, Mount

from domain.language import Texts
from domain.token_buckets import TokenBuckets
from ui import pages
from ui.account.data_export import data_export_routes
from ui.account.sign_in.oauth_routes import oauth_routes
from ui.account.sign_in.provider_buttons import DOORS
from ui.account.sign_in.session_routes import session_routes
from ui.admin.feeds import admin_routes
from ui.api.cors import ApiCors
from ui.api.docs import docs
from ui.api.json_api import JsonApi
from ui.app import App
from ui.books.books_feed import books_feed
from ui.cards.card_routes import card_routes
from ui.cards.export_routes import export_routes
from ui.chat.dialog_feed import dialog_routes
from ui.chat.history_feed import history_feed
from ui.chat.memory.memory_feed import memory_feed
from ui.editor.versions_feed import versions_feed
from ui.gallery.gallery_feed import gallery_feed
from ui.gallery.link_previews import previews
from ui.gallery.picture_routes import pictures
from ui.request.assets import FOLDER, MOUNTED, Assets
from ui.request.compression import PACKED_FROM, CachedCompression
from ui.request.handler_signatures import remember_signatures
from ui.request.health import health_checks
from ui.request.http import PREFIX, SOCKET
from ui.request.middleware import HEADERS, SecurityMiddleware
from ui.request.page_escaping import escape_at_once
from ui.request.rate_limit import RateLimitMiddleware
from ui.request.size_limit import AddressLimit, BodyDrain, BodyLimit
from ui.request.visitor import client_ip, session_cookie
from ui.scripts.loading import load_bundles
from ui.scripts.routes import scripts
from ui.shell.announcement_feed import announcement_feed
from ui.shell.fault_feed import fault_feed
from ui.shell.head_scripts import GUARD_SCRIPT
from ui.shell.not_found import NOT_FOUND
from ui.shell.opening import BEGIN_SCRIPT
from ui.shell.page_errors import ErrorPageMiddleware, on_page_exception
from ui.shell.refusals import (
    address_too_long,
    body_refused,
    handle_app_error,
    handle_unexpected,
    install_error_handlers,
    not_found,
)
from ui.shell.site_files import site_files
from ui.shell.theme import ADMIN_STYLES, STYLES
from ui.socket.border import SocketGateway
from ui.socket.closed_pages import ClosedPages

RECONNECT_WITHIN = 30  # seconds, so that a phone between two cells keeps its page

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build(app: App, lifespan: Lifespan) -> FastAPI:
    """Build the whole site as one ASGI application."""
    api = JsonApi(app)
    web = FastAPI(
        title="Beseda",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        # The API first: routes are tried in turn, and a program's request would pass eighty routes of pages.
        routes=[Mount(PREFIX, api), *_routes(app, api)],
    )
    web.mount(DOORS, oauth_routes(app))
    web.mount(MOUNTED, Assets(directory=FOLDER))
    web.mount(SOCKET, SocketGateway(app.settings))
    install_error_handlers(web)
    web.add_exception_handler(Exception, _failed)
    _add_middleware(web, app)
    pages.register(app)
    _adapt_framework()
    _mount_pages(web)
    return web


def _routes(app: App, api: JsonApi) -> Iterator[BaseRoute]:
    """The routes beside the pages and the API."""
    routers = (
        health_checks(app.readiness),
        session_routes(app),
        data_export_routes(app),
        history_feed(app),
        gallery_feed(app),
        pictures(app),
        card_routes(app),
        export_routes(app),
        previews(app),
        dialog_routes(app),
        memory_feed(app),
        versions_feed(app),
        books_feed(app),
        admin_routes(app),
        announcement_feed(app),
        fault_feed(),
        site_files(),
        scripts(),
        docs(api),
    )
    for router in routers:
        yield from router.routes


def _add_middleware(web: FastAPI, app: App) -> None:
    """Add the middleware, the innermost first."""
    web.add_middleware(ErrorPageMiddleware)
    web.add_middleware(CachedCompression, sheets=(STYLES, ADMIN_STYLES))
    web.add_middleware(GZipMiddleware, minimum_size=PACKED_FROM, compresslevel=6)
    web.add_middleware(BodyLimit, refuse=body_refused)
    web.add_middleware(AddressLimit, refuse=address_too_long)
    web.add_middleware(RateLimitMiddleware, limits=app.limits, refuse=handle_app_error)
    web.add_middleware(ApiCors, origins=app.settings.welcome_origins)
    web.add_middleware(
        SecurityMiddleware,
        public_address=app.settings.address,
        welcome=app.settings.welcome_origins,
        acting_key=lambda asks: app.known_people.key_of(asks, session_cookie(app.settings), client_ip(asks)),
        rates=TokenBuckets(app.settings.limit_times),
        trusts_proxies=bool(app.settings.trusted_proxies),
    )
    web.add_middleware(BodyDrain)


def _adapt_framework() -> None:
    """Replace parts of NiceGUI by ours: script loading, handlers, escaping, error pages, memory of closed pages."""
    load_bundles()
    remember_signatures()
    escape_at_once()
    install_error_handlers(nicegui_app)
    nicegui_app.add_exception_handler(NOT_FOUND, not_found)
    nicegui_app.add_exception_handler(Exception, _failed_below)
    nicegui_app.on_page_exception(on_page_exception)
    closed_pages = ClosedPages()
    nicegui_app.on_connect(closed_pages.joined)
    nicegui_app.on_disconnect(closed_pages.left)
    nicegui_app.on_delete(closed_pages.deleted)


def _mount_pages(web: FastAPI) -> None:
    """NiceGUI's pages, below all other routes."""
    ui.run_with(
        web,
        title=Texts("ru")("Beseda"),
        viewport="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content",
        favicon=(FOLDER / "icons" / "favicon.svg").read_text("utf-8"),  # inline, without a request
        dark=None,
        language="ru",
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_WITHIN,
        tailwind=False,
        gzip_middleware_factory=None,  # ours above also compresses our own routes
        show_welcome_message=False,
    )
    # Quasar's loading bar would appear, without a name, at every request of a script; ours show their own progress.
    nicegui_app.config.quasar_config["loadingBar"]["skipHijack"] = True
    if GUARD_SCRIPT not in nicegui_app.config.vue_config_script:  # tests build more than one site
        nicegui_app.config.vue_config_script += GUARD_SCRIPT + BEGIN_SCRIPT


async def _failed(request: Request, error: Exception) -> Response:
    """It responds outside the middleware, which would add the headers."""
    answer = await handle_unexpected(request, error)
    answer.headers.update(HEADERS)
    return answer


async def _failed_below(_request: Request, error: Exception) -> Response:
    """Replaces NiceGUI's own response to errors outside a page by ours."""
    raise error

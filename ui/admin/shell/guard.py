"""Admin guard: the only way into /admin. It answers admins; for everybody else there is nothing at its addresses.

Pages use `admin_page`, plain routes `admins_only`. Neither is a permission: each action asks the domain again, and
`show_errors` around it removes the page from whoever is no longer an admin.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from domain.errors import Blocked, NotAdmin, NotFound
from ui.app import App
from ui.request.errors import AdminNotFound, sentence
from ui.request.visitor import Reader, read_preferences, reader_of
from ui.shell.frame import page
from ui.shell.not_found import not_found_page

Builder = Callable[..., Awaitable[Response | None]]


def admin_page(app: App, path: str) -> Callable[[Builder], Builder]:
    """Like `page(path)`, for admins. The decorated builder gets the reader, then the parameters of the address.

    A `NotFound` raised by the builder becomes the ordinary 404 page, with its own sentence.
    """

    def guarding(build: Builder) -> Builder:
        wanted = list(inspect.signature(build, eval_str=True).parameters.values())[1:]

        async def guarded(request: Request, **values: Any) -> Response | None:
            nothing = HTMLResponse(not_found_page(read_preferences(request.headers)), 404)
            try:
                reader = await admins_only(app, request)
            except AdminNotFound:
                return nothing
            try:
                return await build(reader, **values)
            except NotFound as error:
                return HTMLResponse(not_found_page(reader.preferences, sentence(reader, error)), 404)
            except NotAdmin:  # the right was revoked a moment ago
                return nothing

        asked = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
        by_name = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in wanted]
        guarded.__signature__ = inspect.Signature([asked, *by_name])  # type: ignore[attr-defined]  # FastAPI reads it
        page(path)(guarded)
        return build

    return guarding


async def admins_only(app: App, request: Request) -> Reader:
    """The admin behind a plain request; raises `AdminNotFound` for everybody else."""
    try:
        reader = await reader_of(app, request)
    except Blocked as error:
        raise AdminNotFound from error
    if reader.user is None or not reader.user.is_admin:
        raise AdminNotFound
    return reader

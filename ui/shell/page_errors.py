"""Page errors: a page that cannot be built becomes a plain one in the reader's language, never one of NiceGUI's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import ui
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import AppError, Blocked, SignedOut
from domain.language import Texts
from storage.database import WAIT, DatabaseUnavailable
from ui.request.errors import RETRY_AFTER, database_unavailable, report_unexpected, retry_after, sentence, status_of
from ui.request.visitor import BLOCKED_PAGE, Reader, log_in_address, read_preferences
from ui.shell.error_page import error_page
from ui.socket.unjoined_pages import UnjoinedPages

log = logging.getLogger(__name__)

BUILT_WITHIN = 3 * WAIT
"""Seconds that building a page may take: longer than the wait for the database, whose error is then the one reported,
and shorter than a proxy waits for us (nginx: 60)."""
BROKEN, NO_ANSWER = 500, 503
_waiting = UnjoinedPages()
OF_NICEGUI = "x-nicegui-content"
"""Header that every page written by NiceGUI has."""


def with_error_page(build: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The page, or one that says why it is refused; blocked people are redirected to the reason."""

    @wraps(build)
    async def built(*args: Any, **kwargs: Any) -> Any:
        client = ui.context.client
        answer = await _answer(build, client.request, args, kwargs)
        if isinstance(answer, Response):  # sent instead of the page, which no socket will ever join
            client.delete()
        else:
            _waiting.add(client)
        return answer

    return built


async def _answer(build: Callable[..., Awaitable[Any]], request: Request, args: Any, kwargs: Any) -> Any:
    patience = asyncio.timeout(BUILT_WITHIN)
    try:
        async with patience:
            return await build(*args, **kwargs)
    except Blocked:
        return RedirectResponse(BLOCKED_PAGE, 303)
    except SignedOut:
        return RedirectResponse(log_in_address(request.url.path), 303)
    except AppError as error:
        return _page(request, status_of(error), error, retry_after(error))
    except DatabaseUnavailable as error:
        return _page(request, NO_ANSWER, database_unavailable(error), {"Retry-After": RETRY_AFTER})
    except TimeoutError as error:
        if not patience.expired():
            raise
        log.warning("%s could not be built within %s seconds", ui.context.client.page.path, BUILT_WITHIN)
        return _page(
            request, NO_ANSWER, database_unavailable(DatabaseUnavailable(str(error))), {"Retry-After": RETRY_AFTER}
        )


def on_page_exception(error: Exception) -> None:
    """NiceGUI calls this with any other error that ended the building of a page; `ErrorPageMiddleware` shows it."""
    request = ui.context.client.request
    request.state.broken = report_unexpected(_texts(request), error)


class ErrorPageMiddleware:
    """Replaces the error page of NiceGUI by ours.

    Its own is not in our words, and some of its causes (a client deleted while its page was built) are reported nowhere
    but on that page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours: Response | None = None

        async def send_in_our_words(message: Message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start" and message["status"] >= BROKEN:
                ours = _in_place_of(message, Request(scope))
            if ours is None:
                await send(message)

        await self._app(scope, receive, send_in_our_words)
        if ours:
            await ours(scope, receive, send)


def _in_place_of(answer: Message, request: Request) -> Response | None:
    if OF_NICEGUI not in Headers(raw=answer["headers"]):
        return None
    words = getattr(request.state, "broken", "")
    words = words or report_unexpected(_texts(request), RuntimeError("NiceGUI gave a page of its own"))
    return HTMLResponse(error_page(read_preferences(request.headers), answer["status"], words), answer["status"])


def _page(request: Request, status: int, error: AppError, headers: dict[str, str]) -> HTMLResponse:
    reading = read_preferences(request.headers)
    words = sentence(Reader(reading, Texts(reading.language)), error)
    return HTMLResponse(error_page(reading, status, words), status, headers)


def _texts(request: Request) -> Texts:
    return Texts(read_preferences(request.headers).language)

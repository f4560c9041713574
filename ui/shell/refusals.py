"""Error responses: refusals as JSON for programs and our own components, as a page for whoever uses a browser."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from domain.errors import AppError, Gone
from domain.language import Texts
from storage.database import DatabaseUnavailable
from storage.files import DiskFull, FilesUnavailable
from ui.request.clients_that_left import nobody_waits
from ui.request.errors import (
    RETRY_AFTER,
    UNPROCESSABLE,
    AdminNotFound,
    database_unavailable,
    disk_full,
    pictures_unavailable,
    report_unexpected,
    retry_after,
    sentence,
    status_of,
)
from ui.request.http import NOT_KEPT, PREFIX
from ui.request.size_limit import MEGABYTE, MUCH, REFUSAL, SLOW, TOO_LARGE, TOO_MUCH
from ui.request.visitor import Reader, read_preferences
from ui.shell.error_page import error_page
from ui.shell.not_found import NOT_FOUND, NOTHING_HERE

NO_CONTENT, TOO_LONG, BROKEN, NO_ANSWER, NO_ROOM = 204, 414, 500, 503, 507


def install_error_handlers(web: FastAPI) -> None:
    """Install the handlers on our plain routes, and on NiceGUI's: the application below ours."""
    web.add_exception_handler(AppError, handle_app_error)
    web.add_exception_handler(DatabaseUnavailable, _unanswered)
    web.add_exception_handler(DiskFull, _without_room)
    web.add_exception_handler(FilesUnavailable, _without_pictures)
    web.add_exception_handler(AdminNotFound, not_found)
    web.add_exception_handler(HTTPException, _refused_by_the_framework)
    web.add_exception_handler(RequestValidationError, _malformed)
    web.add_exception_handler(ClientDisconnect, nobody_waits)


def error_response(request: Request, status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """One sentence, in the form that the client can show."""
    path = request.scope["path"]
    if path.startswith(f"{PREFIX}/"):
        return JSONResponse({"detail": words}, status, headers)
    if "text/html" in request.headers.get("accept", "") and not path.startswith("/feed/"):
        return HTMLResponse(error_page(read_preferences(request.headers), status, words), status, headers)
    return JSONResponse({"error": words}, status, headers)


async def handle_app_error(request: Request, error: Exception) -> Response:
    """A refusal of the domain."""
    assert isinstance(error, AppError)  # noqa: S101 - it is registered for this kind
    if isinstance(error, Gone) and request.scope["path"].startswith("/feed/"):
        return Response(
            status_code=NO_CONTENT, headers=NOT_KEPT
        )  # a valid answer: browsers would log a 404 as an error of the page
    read = read_preferences(request.headers)
    words = sentence(Reader(read, Texts(read.language)), error)
    return error_response(request, status_of(error), words, retry_after(error))


def body_refused(request: Request, status: int, most: int) -> Response:
    """A body is larger than its address accepts, does not end, or is one too many in progress (size_limit.py)."""
    _ = _texts(request)
    if status == TOO_LARGE:
        size = _("{n} MB", n=most // MEGABYTE) if most >= MEGABYTE else _("{n} KB", n=most // 1024)
        return error_response(request, status, _(REFUSAL, size=size))
    return error_response(request, status, _(MUCH if status == TOO_MUCH else SLOW), {"Retry-After": RETRY_AFTER})


def address_too_long(request: Request) -> Response:
    """The address is longer than any of ours."""
    _ = _texts(request)
    return error_response(request, TOO_LONG, _("That address is too long."))


async def handle_unexpected(request: Request, error: Exception) -> Response:
    """The last resort: a reference that is in the log beside the cause."""
    return error_response(request, BROKEN, report_unexpected(_texts(request), error))


async def not_found(request: Request, _error: Exception) -> Response:
    return error_response(request, NOT_FOUND, _texts(request)(NOTHING_HERE))


async def _unanswered(request: Request, error: Exception) -> Response:
    """The database is locked, full or unreachable: the same request may succeed a moment later."""
    assert isinstance(error, DatabaseUnavailable)  # noqa: S101 - it is registered for this kind
    _ = _texts(request)
    return error_response(request, NO_ANSWER, _(database_unavailable(error).text), {"Retry-After": RETRY_AFTER})


async def _without_room(request: Request, error: Exception) -> Response:
    """The disk is full: nothing was saved."""
    _ = _texts(request)
    return error_response(request, NO_ROOM, _(disk_full(error).text))


async def _without_pictures(request: Request, _error: Exception) -> Response:
    """The bucket of pictures is away: nothing was saved."""
    _ = _texts(request)
    return error_response(request, NO_ANSWER, _(pictures_unavailable().text), {"Retry-After": RETRY_AFTER})


async def _malformed(request: Request, _error: Exception) -> Response:
    """FastAPI's own response would repeat what was sent, passwords included."""
    _ = _texts(request)
    return error_response(request, UNPROCESSABLE, _("This request is not in the expected form."))


async def _refused_by_the_framework(request: Request, error: Exception) -> Response:
    """No such address (404), or not for this method (405)."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for this kind
    if error.status_code == NOT_FOUND:
        return await not_found(request, error)
    _ = _texts(request)
    return error_response(request, error.status_code, _("This address doesn't accept such requests."), error.headers)


def _texts(request: Request) -> Texts:
    return Texts(read_preferences(request.headers).language)

"""API errors: refusals as `{"detail": …}`, as the seed has them, with its texts and codes where it has some."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from domain.errors import (
    AppError,
    Blocked,
    Busy,
    Invalid,
    InvalidForm,
    ModelFault,
    NotAllowed,
    NotFound,
    RateLimited,
    SignedOut,
)
from domain.language import Texts
from storage.database import DatabaseUnavailable
from storage.files import DiskFull, FilesUnavailable, is_disk_full
from ui.api.schemas import Detail, Mistakes
from ui.request.clients_that_left import nobody_waits
from ui.request.errors import (
    RETRY_AFTER,
    database_unavailable,
    disk_full,
    pictures_unavailable,
    report_unexpected,
)
from ui.request.visitor import read_preferences

STATUS = {
    SignedOut: 401,
    Blocked: 403,
    NotAllowed: 403,
    NotFound: 404,
    Busy: 409,
    RateLimited: 429,
    ModelFault: 502,
}
NO_ROOM = 507
CHALLENGE = {"WWW-Authenticate": "Bearer"}
SEED = {
    "This username is taken.": (400, "Username already taken"),
    "This token has expired.": (401, "Token expired"),
    "This token was not issued here.": (401, "Invalid token signature"),
    "This is not a token for this site.": (401, "Invalid token format"),
    "Your account is blocked.": (403, "User is inactive or blocked"),
    "This is for admins only.": (403, "Admin only"),
    "Only the author can change a character.": (403, "Forbidden"),
    "This character doesn't exist or is private.": (404, "Character not found"),
    "This character is gone. You can still read the chat.": (404, "Character not found"),
    "This chat doesn't exist.": (404, "Dialog not found"),
}
"""The seed's status and text for our sentence, always in English. Those that depend on the route are given to
`seed_errors`.
"""

Documented = dict[int | str, dict[str, Any]]


def documented(*statuses: int) -> Documented:
    """The errors that a route may answer, for the OpenAPI description."""
    always = {400: "The body cannot be read", 413: "The body is too large", 422: "Something sent cannot be taken"}
    always |= {503: "The database, or what holds the pictures, is away just now: `Retry-After` says when to try again"}
    meant = {
        401: "No token, or one that is not good",
        403: "Not allowed",
        404: "Not there",
        409: "Too much at once: try again in a moment",
        429: "Too often: `Retry-After` says when to try again",
        502: "The language model did not answer as it should",
        504: "The reply takes long; it will stand in the dialog",
        NO_ROOM: "There is no room left on the disk",
    }
    return {
        status: {"model": Mistakes if status == 422 else Detail, "description": words}  # noqa: PLR2004 - HTTP's number
        for status, words in (always | meant).items()
        if status in {*always, 429, *statuses}
    }


def install_error_handlers(api: FastAPI) -> None:
    api.add_exception_handler(AppError, _refused)
    api.add_exception_handler(DatabaseUnavailable, _unanswered)
    api.add_exception_handler(DiskFull, _without_room)
    api.add_exception_handler(FilesUnavailable, _without_pictures)
    api.add_exception_handler(HTTPException, _refused_by_us)
    api.add_exception_handler(RequestValidationError, _malformed)
    api.add_exception_handler(ClientDisconnect, nobody_waits)
    api.add_exception_handler(Exception, _broken)


@contextmanager
def seed_errors(words: Mapping[type[AppError], tuple[int, str]]) -> Iterator[None]:
    """Wrap a call of the domain: a kind of refusal becomes the status and text with which the seed answers here."""
    try:
        yield
    except AppError as error:
        for kind in type(error).__mro__:
            if kind in words:
                raise HTTPException(*words[kind]) from error
        raise


def refusal(request: Request, error: AppError) -> tuple[int, str | list[dict[str, Any]]]:
    """The status and the detail of an error response."""
    if error.text in SEED:
        return SEED[error.text]
    read = read_preferences(request.headers)
    _ = Texts(read.language)
    if isinstance(error, RateLimited):
        return STATUS[RateLimited], _(error.text, **error.values | {"time": _.time(error.until, read.zone)})
    if isinstance(error, Invalid | InvalidForm):
        mistakes = error.errors if isinstance(error, InvalidForm) else [error]
        return 422, [
            {
                "loc": ["query" if each.field in request.query_params else "body", *_place(each.field)],
                "msg": _(each.text, **each.values),
                "type": "value_error",
            }
            for each in mistakes
        ]
    return next(code for kind, code in STATUS.items() if isinstance(error, kind)), _(error.text, **error.values)


def _place(field: str) -> list[str | int]:
    """Its location in the body; in a list of texts, with the index."""
    return [int(part) if part.isdecimal() else part for part in field.split(".") if part]


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)  # noqa: S101 - it is registered for this kind
    status, detail = refusal(request, error)
    wait = {"Retry-After": str(error.wait)} if isinstance(error, RateLimited) else {}
    return JSONResponse({"detail": detail}, status, headers=wait | (CHALLENGE if status == STATUS[SignedOut] else {}))


async def _unanswered(request: Request, error: Exception) -> JSONResponse:
    """The database is locked, full or unreachable: the same request may succeed a moment later."""
    assert isinstance(error, DatabaseUnavailable)  # noqa: S101 - it is registered for this kind
    _ = Texts(read_preferences(request.headers).language)
    return JSONResponse({"detail": _(database_unavailable(error).text)}, 503, headers={"Retry-After": RETRY_AFTER})


async def _without_room(request: Request, error: Exception) -> JSONResponse:
    """The disk is full: nothing was saved."""
    _ = Texts(read_preferences(request.headers).language)
    return JSONResponse({"detail": _(disk_full(error).text)}, NO_ROOM)


async def _without_pictures(request: Request, _error: Exception) -> JSONResponse:
    """The bucket of pictures is away: nothing was saved."""
    _ = Texts(read_preferences(request.headers).language)
    return JSONResponse({"detail": _(pictures_unavailable().text)}, 503, headers={"Retry-After": RETRY_AFTER})


async def _refused_by_us(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for this kind
    if is_disk_full(error.__cause__):  # a large form is spooled to disk while it arrives
        return await _without_room(request, error)
    headers = CHALLENGE if error.status_code == STATUS[SignedOut] else {}
    return JSONResponse({"detail": error.detail}, error.status_code, headers={**(error.headers or {}), **headers})


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    """FastAPI's own response would repeat what was sent, passwords included."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for this kind
    mistakes = [{key: each[key] for key in ("loc", "msg", "type")} for each in error.errors()]
    return JSONResponse({"detail": mistakes}, 422)


async def _broken(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": report_unexpected(Texts(read_preferences(request.headers).language), error)}, 500)

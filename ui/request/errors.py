"""Error handling: how refusals reach a person: at their field, or as a short notice; other errors with a reference."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from fastapi import HTTPException
from nicegui import Client, ui

from domain.errors import AppError, Blocked, Busy, InvalidForm, NotAdmin, NotAllowed, NotFound, RateLimited, SignedOut
from domain.language import Texts
from storage.database import DatabaseUnavailable
from storage.files import DiskFull, FilesUnavailable
from ui.request.notice import notify, page_client
from ui.request.visitor import BLOCKED_PAGE, Reader, log_in_address

log = logging.getLogger(__name__)

RETRY_AFTER = "10"
"""Seconds in the Retry-After header of errors that have no time of their own, as when the database does not answer."""

STATUS = {NotFound: 404, NotAllowed: 403, SignedOut: 401, Blocked: 403, Busy: 409, RateLimited: 429}
UNPROCESSABLE = 422


class ShowsError(Protocol):
    """A field that can show what is wrong with its value."""

    @property
    def error(self) -> str | None: ...

    @error.setter
    def error(self, error: str | None) -> None: ...


def sentence(reader: Reader, error: AppError) -> str:
    """The refusal in the reader's language; moments in it are in their time zone."""
    values = {
        name: reader.moment(value) if isinstance(value, datetime) else value for name, value in error.values.items()
    }
    return reader._(error.text, **values)


def status_of(error: AppError) -> int:
    """The HTTP status of this refusal."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), UNPROCESSABLE)


def retry_after(error: AppError) -> dict[str, str]:
    """The Retry-After header, if the time is known."""
    return {"Retry-After": str(error.wait)} if isinstance(error, RateLimited) else {}


@contextmanager
def show_errors(reader: Reader, fields: Mapping[str, ShowsError] | None = None) -> Iterator[None]:
    """Wrap an event's domain call: an `AppError` becomes one sentence at its field, or a notice."""
    fields = fields or {}
    for field in fields.values():
        field.error = None
    try:
        yield
    except InvalidForm as form:
        for error in form.errors:
            _tell(reader, error, fields)
    except AppError as error:
        _tell(reader, error, fields)
    except DatabaseUnavailable as error:
        _tell(reader, database_unavailable(error), fields)
    except DiskFull as error:
        _tell(reader, disk_full(error), fields)
    except FilesUnavailable:
        _tell(reader, pictures_unavailable(), fields)


async def refusal_of(act: Awaitable[object]) -> AppError | None:
    """Await the action; returns its refusal, to be shown in a window that lies over the page's notices. Raises what
    leads the reader away, for `show_errors`.
    """
    try:
        await act
    except (SignedOut, Blocked):
        raise
    except AppError as error:
        return error
    except DatabaseUnavailable as error:
        return database_unavailable(error)
    except DiskFull as error:
        return disk_full(error)
    return None


def database_unavailable(error: DatabaseUnavailable) -> Busy:
    """A database that is locked, full or unreachable, as a refusal in words; its own message goes into the log."""
    log.warning("The database did not answer: %s", error)
    return Busy("We can't load or save anything right now. Please try again in a minute.")


def disk_full(error: BaseException) -> Busy:
    """A full disk, as a refusal in words; whoever runs the server finds it in the log."""
    log.error("A file could not be kept: %s", error)
    return Busy("Our disk is full right now. Please try again later.")


def pictures_unavailable() -> Busy:
    """A bucket that does not answer, as a refusal in words; the log has been told once (storage/bucket.py)."""
    return Busy("We can't show or save pictures right now. Please try again in a minute.")


def _tell(reader: Reader, error: AppError, fields: Mapping[str, ShowsError]) -> None:
    if isinstance(error, Blocked | SignedOut | NotAdmin):
        if client := page_client():
            with client:
                _turn_away(reader, error, client)
    elif error.field in fields:
        fields[error.field].error = sentence(reader, error)
        _focus_first(fields)
    else:
        notify(sentence(reader, error), kind="negative")


def _focus_first(fields: Mapping[str, ShowsError]) -> None:
    """Focus the first field with an error: there the person goes on typing."""
    at_fault = next(field for field in fields.values() if field.error)
    if isinstance(at_fault, ui.element):
        at_fault.run_method("focus")


def _turn_away(reader: Reader, error: AppError, client: Client) -> None:
    """Leave the page, or replace it by the sentence: for whoever is no longer an admin none of it may stay readable."""
    if isinstance(error, Blocked):
        ui.navigate.to(BLOCKED_PAGE)
        return
    if isinstance(error, SignedOut):
        ask_to_log_in(client.request.url.path)
        return
    client.content.clear()
    with client.content, ui.element("div").classes("sheet empty").props("role=alert"):
        ui.label(sentence(reader, error))
        ui.link(reader._("Go to the gallery"), "/").classes("button quiet")


def ask_to_log_in(back_to: str) -> None:
    """Leave the page for the log-in, and come back to the same place of it (ui/account/sign_in/log_in_page.py)."""
    ui.run_javascript(f"location.href = {json.dumps(log_in_address(back_to))} + location.hash")


def report_unexpected(_: Texts, error: Exception) -> str:
    """The last resort of a page: the cause goes into the log, the person gets a sentence and a reference to quote."""
    reference = secrets.token_hex(4)
    log.error("Unexpected [%s]", reference, exc_info=error, extra={"reference": reference})
    return _("Something went wrong on our side. Reference for support: {reference}", reference=reference)


class AdminNotFound(HTTPException):
    """Raised for everybody but admins: the same 404 as for any address that leads nowhere (ui/web.py)."""

    def __init__(self) -> None:
        super().__init__(404)

"""Not found (404): the page for addresses that lead nowhere."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from domain.errors import NotFound
from domain.language import N_, Texts
from ui.request.errors import sentence
from ui.request.visitor import Preferences, Reader
from ui.shell.error_page import WayOut, error_page

NOT_FOUND = 404
NOTHING_HERE = N_("There's nothing here. It may have been deleted, or it's private.")


def not_found_page(reading: Preferences, words: str = "") -> str:
    return error_page(reading, NOT_FOUND, words or Texts(reading.language)(NOTHING_HERE))


def dead_link_page(reader: Reader, error: NotFound, ask_page: str = "") -> HTMLResponse:
    """Page for a secret link that is no longer valid; at `ask_page`, if there is one, one requests another.

    There the address has to be typed again: an old link, found in somebody's history, must not reveal it.
    """
    _ = reader._
    more = WayOut(_("Send a new one"), ask_page) if ask_page else None
    page = error_page(reader.preferences, NOT_FOUND, sentence(reader, error), more, title=_("This link has expired"))
    return HTMLResponse(page, NOT_FOUND)

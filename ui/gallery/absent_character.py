"""Absent character: the page of one that is deleted, blocked or private: what may be said, and three like it."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from domain.characters.visibility import Absence
from domain.errors import NotFound
from ui.app import App
from ui.gallery.front import shelf_html
from ui.request.errors import sentence
from ui.request.visitor import Reader
from ui.shell.error_page import error_page
from ui.shell.not_found import NOT_FOUND


async def absent_character(app: App, reader: Reader, character_id: int, error: NotFound) -> HTMLResponse:
    _ = reader._
    words = {
        Absence.UNKNOWN: sentence(reader, error),
        Absence.DELETED: _("This character has been deleted. If you have a chat with it, you can still read it."),
        Absence.BLOCKED: _("An admin has blocked this character. If you have a chat with it, you can still read it."),
    }[await app.characters.characters.absence(character_id)]
    others = await app.characters.suggestions.similar_to(reader.caller, character_id, _.language)
    links = [(f"/characters/{each.character.id}", each.character.name, each.character) for each in others]
    shelf = shelf_html(_("You might like"), links) if links else ""
    below = f'<nav class="shelves">{shelf}</nav>' if shelf else ""
    title = _("This character isn't here")
    return HTMLResponse(error_page(reader.preferences, NOT_FOUND, words, title=title, below=below), NOT_FOUND)

"""Begin page: begins the chat for which somebody had to sign up or log in first.

It begins over the page's socket: a plain GET, which any link on another site may send, is read-only.
"""

from __future__ import annotations

import json

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from domain.model.character import Character
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader, reader_of
from ui.shell.frame import page, sheet
from ui.widgets.heading import Heading
from ui.widgets.labels import made_up_note
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture


def register(app: App) -> None:
    @page("/characters/{character_id:id}/chat")
    async def begin_page(character_id: int, request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        known = await app.characters.relations.between(caller, character_id)
        if known.dialog_id:
            return RedirectResponse(f"/chat/{known.dialog_id}", 303)
        character, _author = await app.characters.characters.get(caller, character_id)
        with sheet(app, reader, character.name):
            _begin(app, reader, character)
        return None


class _Refusal(ui.label):
    """Reason that the chat could not begin, above the button to try again."""

    def __init__(self) -> None:
        super().__init__()
        self.props("role=alert tabindex=-1").classes("text-negative").set_visibility(False)

    @property
    def error(self) -> str | None:
        return self.text or None

    @error.setter
    def error(self, error: str | None) -> None:
        self.text = error or ""
        self.set_visibility(error is not None)


def _begin(app: App, reader: Reader, character: Character) -> None:
    """Begin at once; the button is for another try after a refusal, for example by a rate limit."""
    _ = reader._

    async def begin() -> None:
        button.disable()
        with show_errors(reader, {"": refused, "text": refused}):
            zone = reader.preferences.zone
            dialog_id = await app.chat.chat.begin(reader.must_be_logged_in(), character.id, zone=zone)
            ui.run_javascript(f"location.replace({json.dumps(f'/chat/{dialog_id}')})")  # Back skips this page
            return
        button.enable()

    with ui.element("div").classes("what-for"):
        picture(character_picture(character, "face")).classes("what-for-face")
        Heading(character.name)
    ui.label(made_up_note(_, character)).classes("muted")
    refused = _Refusal()
    button = ui.button(_("Start chat"), on_click=begin).props("unelevated color=primary data-once").classes("full")
    ui.timer(0, begin, once=True)

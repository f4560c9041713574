"""A character's page: who it is, and the way into a conversation."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse
from nicegui import ui

from domain.characters.character import Character
from domain.errors import NotFound
from ui.app import App
from ui.components.heading import Heading
from ui.components.picture import picture
from ui.components.words import gender_words
from ui.errors import sentence, told_to
from ui.frame import frame, page
from ui.markdown import to_html
from ui.pages.lost import lost_page
from ui.pictures import character_picture
from ui.visitor import Reader, log_in_address, reader_of


def register(app: App) -> None:
    @page("/characters/{character_id:id}")
    async def character_page(character_id: int, request: Request) -> HTMLResponse | None:
        reader = await reader_of(app, request)
        try:
            character, author = await app.characters.get(reader.caller, character_id)
        except NotFound as error:
            return HTMLResponse(lost_page(reader.preferences, sentence(reader, error)), 404)
        with frame(app, reader, character.name), ui.element("div").classes("page character-page").props("id=content"):
            picture(character_picture(character, "large"), character.name).classes("portrait-large")
            with ui.element("div").classes("about"):
                _about(reader, character, author)
                _actions(app, reader, character)
                _greeting(reader, character)
        return None


def _about(reader: Reader, character: Character, author: str) -> None:
    _ = reader._
    Heading(character.name)
    if character.teaser:
        ui.label(character.teaser).classes("lead")
    facts = [gender_words(_)[character.gender], character.age_mark.value, _("by {author}", author=author)]
    if not character.is_public:
        facts.append(_("private"))
    ui.label(" · ".join(facts)).classes("muted")
    if character.interests:
        with ui.element("div").classes("chips"):
            for interest in character.interests:
                ui.label(interest).classes("chip")
    if character.bio:
        ui.label(character.bio).classes("bio")


def _actions(app: App, reader: Reader, character: Character) -> None:
    _ = reader._

    async def begin() -> None:
        if reader.caller is None:
            ui.navigate.to(log_in_address(f"/characters/{character.id}"))
            return
        start.disable()
        with told_to(reader):
            dialog_id = await app.chat.begin(reader.caller, character.id or 0)
            ui.navigate.to(f"/chat/{dialog_id}")
            return
        start.enable()

    with ui.element("div").classes("actions"):
        start = ui.button(_("Start chat"), on_click=begin).props("unelevated color=primary")
        if reader.user and reader.user.id == character.owner_id:
            ui.link(_("Edit"), f"/characters/{character.id}/edit").classes("button quiet")


def _greeting(reader: Reader, character: Character) -> None:
    if character.greeting:
        Heading(reader._("Begins like this"), level=2)
        # Made on the server from an allow-list (ui/markdown.py), so NiceGUI need not clean it again.
        ui.html(to_html(character.greeting), sanitize=False).classes("bubble rich")

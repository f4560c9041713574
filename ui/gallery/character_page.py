"""Character page: who it is, what people think of it, and the way into a conversation."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse
from nicegui import ui

from domain.characters.visibility import ForAdults
from domain.errors import NotFound
from domain.language import Texts
from ui.account.measure_note import measure_note
from ui.app import App
from ui.gallery.absent_character import absent_character
from ui.gallery.character_about import CharacterAbout
from ui.gallery.for_adults import for_adults
from ui.gallery.share_button import social_tags
from ui.request.notice import notify
from ui.request.visitor import reader_of
from ui.shell.frame import frame, page
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture


def register(app: App) -> None:
    @page("/characters/{character_id:id}")
    async def character_page(character_id: int, request: Request, saved: str = "") -> HTMLResponse | None:
        reader = await reader_of(app, request)
        try:
            character, author = await app.characters.characters.get(reader.caller, character_id)
            known = await app.characters.relations.between(reader.caller, character_id)
        except ForAdults:
            for_adults(app, reader, f"/characters/{character_id}")
            return None
        except NotFound as error:
            return await absent_character(app, reader, character_id, error)
        if character.is_public and not character.is_blocked:
            address = f"{app.settings.address}/characters/{character.id}"
            ui.add_head_html(social_tags(reader._, address, character))
        with frame(app, reader, character.name), ui.element("div").classes("page character-page").props("id=content"):
            portrait = picture(character_picture(character, "large"), character.name).classes("portrait-large")
            portrait.props["width"], portrait.props["height"] = 900, 1200
            await measure_note(app.moderation, reader, character)
            CharacterAbout(app, reader, character, author, known)
        _say_that_it_is_saved(reader._, character.name, saved)
        return None


def _say_that_it_is_saved(_: Texts, name: str, saved: str) -> None:
    """After the editor; once, so that a reload says nothing."""
    words = {
        "published": _("{name} can now be found in the gallery.", name=name),
        "private": _("Saved, not published: {name}.", name=name),
        "saved": _("Saved."),
    }
    if saved in words:
        notify(words[saved])
        ui.add_body_html("<script>history.replaceState(history.state, '', location.pathname)</script>")

"""Gallery page: everybody's public characters, one's favourites, one's own, and those one has talked with."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from ui.app import App
from ui.gallery.card_grid import ASK_EARLY, CardGrid
from ui.gallery.character_actions import CharacterActions
from ui.gallery.gallery_labels import gallery_labels
from ui.request.visitor import log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.widgets.character_row import character_row
from ui.widgets.heading import Heading

MINE = "/?tab=mine"


def register(app: App) -> None:
    @page("/")
    async def gallery(request: Request, tab: str = "all", deleted: int = 0) -> RedirectResponse | None:
        """`deleted` is a character that was deleted on its own page a moment ago."""
        reader = await reader_of(app, request)
        if reader.caller is None and tab in {"favourites", "mine", "recent"}:
            return RedirectResponse(log_in_address(f"/?tab={tab}"), 303)
        _ = reader._
        ui.add_head_html(ASK_EARLY)
        with frame(app, reader, _("Gallery")), ui.element("div").classes("page gallery-page").props("id=content"):
            with ui.element("div").classes("hero"):
                Heading(_("Who would you like to talk with?"))
                ui.label(_("Choose somebody from the gallery, or make a character of your own.")).classes("lead")
            if reader.user and reader.user.interests:
                character_row(_("You may like"), await app.characters.gallery.suggested(reader.caller))
            grid = CardGrid(gallery_labels(_), signed=reader.user is not None)
        actions = CharacterActions(app, reader, changed=grid.again)

        async def perform(event: GenericEventArguments) -> None:
            await actions.perform(str(event.args["name"]), int(event.args["id"]), str(event.args["title"]))

        grid.on("action", perform)
        if deleted:
            await actions.offer_to_take_back_if_allowed(deleted)
            ui.add_body_html(f"<script>history.replaceState(history.state, '', '{MINE}')</script>")
        return None

    @page("/mine")
    async def mine(request: Request) -> RedirectResponse:
        """The former address of one's own characters."""
        reader = await reader_of(app, request)
        return RedirectResponse(MINE if reader.caller else log_in_address("/mine"), 303)

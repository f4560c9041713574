"""Gallery page: everybody's public characters, and the reader's favourites, own ones, and those they talked with."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.characters.front_page import Shelves
from domain.characters.gallery import GalleryCard
from ui.app import App
from ui.cards.card_import import CardImport
from ui.gallery.card_grid import ASK_EARLY, CardGrid
from ui.gallery.character_actions import CharacterActions
from ui.gallery.front import shelves, welcome, what_this_is
from ui.gallery.gallery_feed import gallery_query
from ui.gallery.gallery_labels import gallery_labels
from ui.gallery.share_button import site_tags
from ui.request.visitor import Reader, log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.widgets.character_row import character_row
from ui.widgets.heading import Heading

MINE = "/?tab=mine"


@dataclass(frozen=True)
class _Proposed:
    """Suggestions above the gallery; none if the address asks for a tab, a search or a filter."""

    to_stranger: list[GalleryCard] = field(default_factory=list)
    to_known: Shelves | None = None
    alike: list[GalleryCard] = field(default_factory=list)
    """Characters that share the reader's interests."""


async def _propose(app: App, reader: Reader) -> _Proposed:
    caller, language, suggestions = reader.caller, reader.preferences.language, app.characters.suggestions
    if caller is None:
        return _Proposed(to_stranger=await suggestions.to_begin_with(None, language))
    has_interests = reader.user is not None and reader.user.interests
    return _Proposed(
        to_known=await app.characters.front_page.shelves(caller),
        alike=await suggestions.to_begin_with(caller, language) if has_interests else [],
    )


def register(app: App) -> None:
    @page("/")
    async def gallery(request: Request, tab: str = "all", deleted: int = 0) -> RedirectResponse | None:
        """`deleted` is a character that was deleted on its own page a moment ago."""
        reader = await reader_of(app, request)
        if reader.caller is None and tab in {"favourites", "mine", "recent"}:
            return RedirectResponse(log_in_address(f"/?tab={tab}"), 303)
        _ = reader._
        proposed = _Proposed() if request.query_params else await _propose(app, reader)
        ui.add_head_html(ASK_EARLY + site_tags(_, app.settings.address, what_this_is(_)))
        actions = CharacterActions(app, reader, changed=lambda: grid.again())  # noqa: PLW0108 - made below
        with frame(app, reader, _("Gallery")), ui.element("div").classes("page gallery-page").props("id=content"):
            if proposed.to_stranger:
                welcome(reader, [each.character for each in proposed.to_stranger], actions)
            elif proposed.to_known:
                shelves(reader, proposed.to_known)
            else:
                Heading(_("Who would you like to talk to?"))
            if proposed.alike:
                character_row(_("You might like"), proposed.alike)
            labels = gallery_labels(_, shows_adult=reader.user is not None and reader.user.sees_adult)
            language = gallery_query(request.query_params, _.language).language
            grid = CardGrid(labels, language, signed=reader.user is not None)
            CardImport(reader, "gallery")

        async def perform(event: GenericEventArguments) -> None:
            await actions.perform(str(event.args["name"]), int(event.args["id"]), str(event.args["title"]))

        grid.on("action", perform)
        if deleted:
            await actions.offer_to_take_back_if_allowed(deleted)
            ui.add_body_html(f"<script>history.replaceState(history.state, '', '{MINE}')</script>")
        return None

    @page("/mine")
    async def mine(request: Request) -> RedirectResponse:
        """The former address of the reader's own characters."""
        reader = await reader_of(app, request)
        return RedirectResponse(MINE if reader.caller else log_in_address("/mine"), 303)

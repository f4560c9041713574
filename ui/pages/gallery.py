"""The gallery: everybody's public characters, or one's own."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from ui.app import App
from ui.components.card_grid import CardGrid
from ui.components.heading import Heading
from ui.frame import frame, page
from ui.visitor import Reader, log_in_address, reader_of


def register(app: App) -> None:
    @page("/")
    async def gallery(request: Request) -> None:
        reader = await reader_of(app, request)
        _ = reader._
        with frame(app, reader, _("Gallery")), ui.element("div").classes("page").props("id=content"):
            with ui.element("div").classes("hero"):
                Heading(_("Who would you like to talk with?"))
                ui.label(_("Choose somebody from the gallery, or make a character of your own.")).classes("lead")
            if reader.user:
                _tabs(reader, mine=False)
            _grid(reader, "/feed/gallery")

    @page("/mine")
    async def mine(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/mine"), 303)
        _ = reader._
        with frame(app, reader, _("My characters")), ui.element("div").classes("page").props("id=content"):
            Heading(_("My characters"))
            _tabs(reader, mine=True)
            _grid(reader, "/feed/gallery?mine=true")
        return None


def _tabs(reader: Reader, *, mine: bool) -> None:
    _ = reader._
    with ui.element("nav").classes("chips") as tabs:
        tabs.props["aria-label"] = _("Gallery")
        for words, address, here in ((_("All"), "/", not mine), (_("Mine"), "/mine", mine)):
            ui.link(words, address).classes("chip").props("aria-current=page" if here else "")


def _grid(reader: Reader, url: str) -> None:
    _ = reader._
    CardGrid(
        url,
        {
            "empty": _("Nobody is here yet."),
            "empty_action": _("Make a character"),
            "empty_url": "/characters/new",
            "failed": _("The gallery could not be loaded."),
            "retry": _("Try again"),
        },
    )

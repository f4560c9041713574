"""Farewell page: one sentence after the account has been deleted."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from ui.app import App
from ui.request.visitor import reader_of
from ui.shell.frame import page, sheet
from ui.widgets.heading import Heading

FAREWELL = "/farewell"


def register(app: App) -> None:
    @page(FAREWELL)
    async def farewell(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller:  # their account still exists
            return RedirectResponse("/", 303)
        _ = reader._
        with sheet(app, reader, _("Goodbye")):
            Heading(_("Goodbye"))
            ui.label(
                _("Your account has been deleted. Thank you for the conversations; you are welcome back any time.")
            ).classes("lead")
            ui.link(_("To the gallery"), "/").classes("button quiet start")
        return None

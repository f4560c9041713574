"""Dialogs page («Мои чаты»): all dialogs of the person."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from ui.app import App
from ui.chat.dialogs.dialog_column import DialogColumn
from ui.chat.dialogs.dialog_import import DialogImport
from ui.request.visitor import log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.widgets.character_row import character_row
from ui.widgets.heading import Heading


def register(app: App) -> None:
    @page("/chat")
    async def chats(request: Request, deleted: int = 0) -> RedirectResponse | None:
        """`deleted` is a dialog that was deleted on its own page a moment ago."""
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/chat"), 303)
        with (
            frame(app, reader, reader._("My chats")),
            ui.element("div").classes("sheet wide chats").props("id=content"),
        ):
            with ui.element("div").classes("chats-head"):
                Heading(reader._("My chats"))
                DialogImport("/feed/dialogs/import", reader._)
                ui.link(reader._("Recently deleted"), "/deleted")
            column = None
            if deleted or await app.chat.dialogs.page(reader.caller, 1):
                column = DialogColumn(app, reader)
            else:
                suggested = await app.characters.suggestions.to_begin_with(reader.caller, reader._.language)
                character_row(reader._("Choose someone to begin with"), suggested)
        if deleted and column:
            column.offer_to_take_back(deleted)
            ui.add_body_html("<script>history.replaceState(history.state, '', location.pathname)</script>")
        return None

"""«Мои чаты»: every dialog of mine."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from ui.app import App
from ui.components.dialog_groups import list_of_dialogs
from ui.components.heading import Heading
from ui.frame import frame, page
from ui.visitor import log_in_address, reader_of


def register(app: App) -> None:
    @page("/chat")
    async def chats(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/chat"), 303)
        with frame(app, reader, reader._("My chats")), ui.element("div").classes("sheet wide").props("id=content"):
            Heading(reader._("My chats"))
            list_of_dialogs(reader, await app.dialogs.mine(reader.caller), here=None)
        return None

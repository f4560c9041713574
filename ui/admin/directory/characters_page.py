"""Characters page for admins: everybody's, private ones too."""

from __future__ import annotations

from ui.admin.directory.characters_list import characters_list
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.visitor import Reader


def register(app: App) -> None:
    @admin_page(app, "/admin/characters")
    async def characters(reader: Reader) -> None:
        async with admin_frame(app, reader, reader._("Characters"), here="/admin/characters"):
            admin_head(reader._("Characters"))
            characters_list(reader)

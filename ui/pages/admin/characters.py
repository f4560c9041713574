"""Characters page for admins: everybody's, private ones too."""

from __future__ import annotations

from ui.app import App
from ui.components.admin_cast import cast_list
from ui.components.admin_frame import admin_frame, admin_head
from ui.pages.admin.door import admin_page
from ui.request.visitor import Reader


def register(app: App) -> None:
    @admin_page(app, "/admin/characters")
    async def characters(reader: Reader) -> None:
        async with admin_frame(app, reader, reader._("Characters"), here="/admin/characters"):
            admin_head(reader._("Characters"))
            cast_list(reader)

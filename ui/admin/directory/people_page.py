"""People page for admins: everybody who has an account."""

from __future__ import annotations

from nicegui import ui

from ui.admin.directory.people_list import people_list
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.visitor import Reader


def register(app: App) -> None:
    @admin_page(app, "/admin/users")
    async def users(reader: Reader) -> None:
        async with admin_frame(app, reader, reader._("People"), here="/admin/users"):
            with admin_head(reader._("People")):
                ui.label(
                    reader._("The numbers are updated every half minute, “Last seen” every five minutes.")
                ).classes("muted")
            people_list(reader)

"""Conversations page for admins: who talks with whom, and how much; reading one takes a reason."""

from __future__ import annotations

from ui.admin.directory.dialogs_list import dialogs_list
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.visitor import Reader


def register(app: App) -> None:
    @admin_page(app, "/admin/dialogs")
    async def dialogs(reader: Reader) -> None:
        async with admin_frame(app, reader, reader._("Conversations"), here="/admin/dialogs"):
            admin_head(reader._("Conversations"))
            dialogs_list(reader)

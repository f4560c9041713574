"""Audit log page: who did what, to whom, when and why."""

from __future__ import annotations

from nicegui import ui

from ui.admin.moderation.audit_list import audit_list
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.icons import DOWNLOAD

TAKE_ALONG = "location.href = (window.path_prefix || '') + '/admin/journal.csv' + location.search"
"""JavaScript that downloads the export with the filters of the page, which are in its address."""


def register(app: App) -> None:
    @admin_page(app, "/admin/journal")
    async def journal(reader: Reader) -> None:
        _ = reader._
        async with admin_frame(app, reader, _("Audit log"), here="/admin/journal"):
            with admin_head(_("Audit log")):
                save = ui.button(_("Export as CSV"), icon=DOWNLOAD).props("outline")
                save.on("click", js_handler=f"() => {{ {TAKE_ALONG} }}")
            ui.label(_("Nothing here can be changed or deleted, not even by an admin.")).classes("muted")
            audit_list(reader)

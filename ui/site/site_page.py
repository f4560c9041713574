"""Site pages: rules, privacy, contact: for everybody, the blocked too."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from domain.admin.page_texts import PageKind
from ui.app import App
from ui.request.visitor import Reader, reader_even_blocked
from ui.shell.footer import SITE_PAGES
from ui.shell.frame import frame, page
from ui.site.page_body import page_body
from ui.widgets.heading import Heading


def register(app: App) -> None:
    for kind in PageKind:
        _register(app, kind)


def _register(app: App, kind: PageKind) -> None:
    address = f"/{kind}"

    @page(address)
    async def site_page(request: Request) -> None:
        reader = await reader_even_blocked(app, request)
        _, title = reader._, reader._(SITE_PAGES[address])
        shown = await app.admin.page_texts.shown(kind, _.language)
        with frame(app, reader, title), ui.element("div").classes("reading").props("id=content"):
            Heading(title)
            page_body(shown.text)
            if shown.changed_at:
                ui.label(_("Last changed: {moment}", moment=reader.moment(shown.changed_at))).classes("muted")
            if reader.user and reader.user.is_admin:
                _edit_link(reader, kind)


def _edit_link(reader: Reader, kind: PageKind) -> None:
    address = f"/admin/pages?kind={kind}&language={reader.preferences.language}"
    ui.link(reader._("Edit this page"), address).classes("button quiet")

"""Admin layout: what surrounds every page of /admin: the menu with counts of what waits, people search, the period."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlencode

from nicegui import ui

from domain.errors import NotAdmin
from domain.language import Texts
from domain.moderation.appeals import AppealsChanged
from domain.moderation.report_queue import ReportQueueChanged
from domain.moderation.reports import ReportFiled
from domain.services.groups import ModerationServices
from storage.bus import Event
from ui.app import App
from ui.request.live import follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader
from ui.shell.frame import frame
from ui.shell.theme import ADMIN_STYLES, sheet_html
from ui.widgets.heading import Heading

CURRENT = "document.querySelector('.admin-entry[aria-current]')"
TO_THE_ENTRY = f"{CURRENT}?.scrollIntoView({{block: 'nearest', inline: 'center'}})"
"""JavaScript that scrolls the menu to the entry of this page: on a phone the menu is a scrolling row."""


def menu_entries(_: Texts) -> dict[str, str]:
    """Address and name of each menu entry, in order."""
    return {
        "/admin": _("Overview"),
        "/admin/users": _("People"),
        "/admin/characters": _("Characters"),
        "/admin/dialogs": _("Conversations"),
        "/admin/reports": _("Reports"),
        "/admin/appeals": _("Appeals"),
        "/admin/journal": _("Audit log"),
        "/admin/announcements": _("Announcements"),
        "/admin/pages": _("Pages"),
        "/admin/spending": _("Quotas and spending"),
        "/admin/state": _("Status"),
    }


@asynccontextmanager
async def admin_frame(app: App, reader: Reader, title: str, *, here: str) -> AsyncIterator[None]:
    """Lay out an admin page; `here` is the address of the menu entry it belongs to."""
    waiting = await _waiting(app.moderation, reader)
    with frame(app, reader, title), ui.element("div").classes("admin"):
        ui.add_head_html(sheet_html(ADMIN_STYLES))
        with ui.element("div").classes("admin-side"):
            _search(reader)
            _menu(app, reader, here, waiting)
        with ui.element("div").classes("admin-main").props("id=content"):  # inside the page's own <main>
            yield


def admin_head(title: str) -> ui.element:
    """The page's heading; what is put into it appears at its end."""
    with ui.element("div").classes("admin-head") as head:
        Heading(title)
    return head


async def _waiting(moderation: ModerationServices, reader: Reader) -> dict[str, int]:
    """Number of items that wait for an admin, by the address of their page."""
    caller = reader.must_be_logged_in()
    return {
        "/admin/reports": await moderation.report_queue.open_count(caller),
        "/admin/appeals": await moderation.appeals.waiting_count(caller),
    }


def _menu(app: App, reader: Reader, here: str, waiting: dict[str, int]) -> None:
    _ = reader._
    badges = {}
    with ui.element("nav").classes("admin-menu") as menu:
        menu.props["aria-label"] = _("Administration")
        for address, name in menu_entries(_).items():
            link = ui.link(target=address).classes("admin-entry")
            if address == here:
                link.props("aria-current=page")
            with link:
                ui.label(name)
                if address in waiting:
                    badges[address] = ui.label().classes("admin-badge")

    def show(counts: dict[str, int]) -> None:
        for address, count in counts.items():
            badges[address].set_text(_.number(count) if count else "")

    async def look_again(_fact: Event | None = None) -> None:
        with suppress(NotAdmin):  # their next action will say so
            show(await _waiting(app.moderation, reader))

    ui.run_javascript(TO_THE_ENTRY)
    show(waiting)
    for kind in (ReportQueueChanged, ReportFiled, AppealsChanged):
        follow_events_async(app.bus, kind, look_again, about=kind().about)
    look_again_after_gaps(app.bus, look_again)


def _search(reader: Reader) -> None:
    _ = reader._
    with ui.element("div").classes("admin-search").props("role=search"):
        field = ui.input(placeholder=_("Email, name or ID")).props('dense type=search maxlength=100 autocomplete="off"')
        field.props["aria-label"] = _("Find a user")
        field.on("keydown.enter", lambda: ui.navigate.to(f"/admin/users?{urlencode({'search': field.value or ''})}"))

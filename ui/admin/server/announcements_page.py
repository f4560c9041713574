"""Announcements page: announcements to everybody are made, changed and ended here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.admin.announcements import Announcement, AnnouncementFields
from domain.clock import now
from domain.paging import PAGE
from domain.services.groups import AdminServices
from ui.admin.server.announcement_form import AnnouncementForm, level_names
from ui.admin.shell.cells import exactly
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader


def register(app: App) -> None:
    @admin_page(app, "/admin/announcements")
    async def announcements(reader: Reader) -> None:
        _ = reader._
        async with admin_frame(app, reader, _("Announcements"), here="/admin/announcements"):
            page = _Announcements(app.admin, reader)
            with admin_head(_("Announcements")):
                ui.button(_("New announcement"), on_click=page.begin).props("unelevated color=primary")
            await page.lay_out()


class _Announcements:
    def __init__(self, admin: AdminServices, reader: Reader) -> None:
        self._admin = admin
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._forms: dict[int | None, AnnouncementForm] = {}
        """Forms begun and not yet published, by announcement id; None is the key of a new one."""

    async def lay_out(self) -> None:
        self._list = ui.element("div").classes("admin-form")
        self._older = ui.button(self._reader._("Older"), on_click=self._show_older).props("flat no-caps")
        self._last: int | None = None
        await self._show()

    def begin(self) -> None:
        async def make(filled: AnnouncementFields) -> None:
            await self._admin.announcements.create(self._caller, filled)
            del self._forms[None]
            await self._show()

        self._open(None, make)

    def _change(self, announcement: Announcement) -> None:
        async def change(filled: AnnouncementFields) -> None:
            await self._admin.announcements.change(self._caller, announcement.id, filled)
            del self._forms[announcement.id]
            await self._show()

        self._open(announcement, change)

    def _open(self, before: Announcement | None, save: Callable[[AnnouncementFields], Awaitable[None]]) -> None:
        key = before.id if before else None
        if key in self._forms:
            self._forms[key].open()
        else:
            with ui.context.client.content:  # the card with the pressed button may be rebuilt meanwhile
                self._forms[key] = AnnouncementForm(self._reader, before, save)

    async def _end(self, announcement: Announcement) -> None:
        with show_errors(self._reader):
            await self._admin.announcements.end(self._caller, announcement.id)
            await self._show()

    async def _show(self) -> None:
        """Show the newest page of them again."""
        kept = await self._admin.announcements.page(self._caller)
        self._list.clear()
        if not kept:
            with self._list:
                ui.label(self._reader._("No announcements yet.")).classes("admin-empty")
        self._add(kept)

    async def _show_older(self) -> None:
        with show_errors(self._reader):
            self._add(await self._admin.announcements.page(self._caller, self._last))

    def _add(self, kept: list[Announcement]) -> None:
        with self._list:
            for announcement in kept:
                self._card(announcement)
        self._last = kept[-1].id if kept else self._last
        self._older.set_visibility(len(kept) == PAGE)

    def _card(self, announcement: Announcement) -> None:
        _ = self._reader._
        is_over = announcement.until is not None and announcement.until <= now()
        with ui.element("article").classes("admin-card over" if is_over else "admin-card"):
            with ui.element("div").classes("row"):
                ui.label(self._state(announcement)).classes("mark" if is_over else "mark good")
                ui.label(level_names(_)[announcement.level]).classes("mark")
                ui.space()
                if not is_over:
                    ui.button(_("Edit"), on_click=lambda: self._change(announcement)).props("outline")
                    ui.button(_("End"), on_click=lambda: self._end(announcement)).props("outline color=negative")
            for text in filter(None, (announcement.text_ru, announcement.text_en)):
                ui.label(text).classes("words")
            ui.label(self._span(announcement)).classes("muted")

    def _state(self, announcement: Announcement) -> str:
        _ = self._reader._
        if announcement.until is not None and announcement.until <= now():
            return _("ended")
        return _("scheduled") if announcement.since > now() else _("live")

    def _span(self, announcement: Announcement) -> str:
        _, begins = self._reader._, exactly(self._reader, announcement.since)
        if announcement.until is None:
            return _("from {moment}, no end date", moment=begins)
        return f"{begins} — {exactly(self._reader, announcement.until)}"

"""Notifications page: the admins' decisions in force, with the appeal one may make, and all earlier notices."""

from __future__ import annotations

import asyncio
import logging

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import background_tasks, ui

from domain.accounts.notices import LISTED, Notification, NotificationPosted
from domain.errors import Blocked, SignedOut
from domain.services.groups import AccountServices
from storage.database import DatabaseUnavailable
from ui.account.my_measures import UNLESS_WRITING, measure_card
from ui.app import App
from ui.request.errors import show_errors
from ui.request.live import follow_events
from ui.request.visitor import Reader, log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.widgets.heading import Heading
from ui.widgets.notice_text import notification_text

log = logging.getLogger(__name__)

A_MOMENT = 0.5  # seconds, after which the badge in the header is already correct


def register(app: App) -> None:
    @page("/notices")
    async def notices(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/notices"), 303)
        measures = await app.moderation.measures.in_force_on_caller(reader.caller)
        _ = reader._
        with frame(app, reader, _("Notices")), ui.element("div").classes("reading").props("id=content"):
            Heading(_("Notices"))
            if measures:
                Heading(_("In force now"), level=2)
                for measure in measures:
                    measure_card(app.moderation, reader, measure)
                Heading(_("All notices"), level=2)
            await _Notices(app.accounts, reader).lay_out()
        _look_again_when_told(app, reader.caller.user_id)
        return None


def _look_again_when_told(app: App, person_id: int) -> None:
    """Reload at a new notice, unless something is being written: lifted measures go, and the notice appears."""
    client = ui.context.client

    def look_if_nothing_is_lost(_fact: NotificationPosted) -> None:
        client.run_javascript(UNLESS_WRITING)

    follow_events(app.bus, NotificationPosted, look_if_nothing_is_lost, about=person_id)


class _Notices:
    """Newest first, paginated; whatever is shown counts as seen."""

    def __init__(self, accounts: AccountServices, reader: Reader) -> None:
        self._accounts = accounts
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._list = ui.element("ul").classes("notices")
        self._more = ui.button(reader._("Show older"), on_click=self._show_older).props("flat")
        self._last: int | None = None

    async def lay_out(self) -> None:
        await self._add()
        if self._last is None:
            self._list.delete()
            ui.label(self._reader._("No notices yet. Messages from the admins will appear here.")).classes("empty")

    async def _show_older(self) -> None:
        with show_errors(self._reader):
            await self._add()

    async def _add(self) -> None:
        found = await self._accounts.notifications.list_own(self._caller, LISTED, self._last)
        unseen = [each.id for each in found if each.seen_at is None]
        with self._list:
            for notice in found:
                self._line(notice)
        self._more.set_visibility(len(found) == LISTED)
        self._last = found[-1].id if found else self._last
        if unseen:
            noting = background_tasks.create(self._note_seen(unseen), name="noting what was seen")
            await asyncio.wait([noting], timeout=A_MOMENT)

    async def _note_seen(self, unseen: list[int]) -> None:
        """In the background: the page does not wait when the database is slow; the next visit marks them then."""
        try:
            await self._accounts.notifications.seen(self._caller, unseen)
        except DatabaseUnavailable as error:
            log.warning("What was seen could not be noted: %s", error)
        except (SignedOut, Blocked):
            pass  # the page is about to close

    def _line(self, notice: Notification) -> None:
        _, told = self._reader._, notification_text(self._reader, notice)
        with ui.element("li").classes("notice" if notice.seen_at else "notice unseen"):
            with ui.element("div").classes("notice-head"):
                ui.label(told.title).classes("what")
                ui.label(self._reader.moment(notice.created_at)).classes("muted")
            if told.details:
                ui.label(told.details)
            if told.words:
                ui.label(told.words).classes("said")
            if told.href:
                ui.link(_("View"), told.href)

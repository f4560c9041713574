"""Blocked account page: the reason, an appeal, their conversations as files, deleting the account."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from domain.accounts.notices import NotificationPosted
from domain.chat.dialog_line import DialogLine
from domain.moderation.measure import MeasureKind, MeasureLifted
from ui.account.data_export import data_export_link
from ui.account.delete_account import delete_account_section
from ui.account.my_measures import UNLESS_WRITING, measure_card
from ui.app import App
from ui.request.live import follow_events, look_again_after_gaps
from ui.request.visitor import Reader, reader_even_blocked
from ui.shell.frame import page, sheet
from ui.shell.session_posts import post
from ui.widgets.heading import Heading


def register(app: App) -> None:
    @page("/blocked")
    async def blocked(request: Request) -> RedirectResponse | None:
        reader = await reader_even_blocked(app, request)
        if reader.caller is None or reader.user is None or not reader.user.is_blocked:
            return RedirectResponse("/", 303)
        _, measures = reader._, await app.moderation.measures.in_force_on_caller(reader.caller)
        dialogs = await app.chat.dialogs.exportable(reader.caller)
        with sheet(app, reader, _("Your account is blocked.")):
            Heading(_("Your account is blocked."))
            for measure in measures:
                if measure.kind == MeasureKind.BLOCKED and measure.character_id is None:
                    measure_card(app.moderation, reader, measure, _("The decision"))
            ui.label(_("Until it ends you can download your chats, delete your account or log out.")).classes("muted")
            data_export_link(_("Download everything"))
            _to_take_along(reader, dialogs)
            delete_account_section(app.accounts, reader)
            ui.button(_("Log out"), on_click=lambda: post("/leave", {}, then="/")).props("flat").classes("full")
        _look_again_when_told(app, reader.user.id)
        return None


def _look_again_when_told(app: App, person_id: int) -> None:
    """Reload at an answer to an appeal, and at a lifted measure: once nobody is blocked, that leads to the gallery."""
    client = ui.context.client

    def look_again(_fact: MeasureLifted) -> None:
        client.run_javascript("location.reload()")

    def look_if_nothing_is_lost(_fact: NotificationPosted) -> None:
        client.run_javascript(UNLESS_WRITING)

    async def look_after_a_gap() -> None:
        client.run_javascript(UNLESS_WRITING)

    follow_events(app.bus, MeasureLifted, look_again, about=person_id)
    follow_events(app.bus, NotificationPosted, look_if_nothing_is_lost, about=person_id)
    look_again_after_gaps(app.bus, look_after_a_gap)


def _to_take_along(reader: Reader, dialogs: list[DialogLine]) -> None:
    if not dialogs:
        return
    with ui.element("details").classes("fold"):
        with ui.element("summary"):
            ui.label(reader._("Download your chats"))
        with ui.element("div").classes("take-along"):
            for line in dialogs:
                ui.link(line.name, f"/export/dialogs/{line.dialog.id}.md").classes("button quiet")

"""«Недавно удалённые»: what a person has deleted in the last month, with the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.chat.recently_deleted import DeletedItem, Kind
from ui.app import App
from ui.chat.dialogs.dialog_lines import beginning
from ui.request.errors import show_errors
from ui.request.visitor import Reader, log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.widgets.confirm import ask_confirmation
from ui.widgets.heading import Heading


def register(app: App) -> None:
    @page("/deleted")
    async def deleted(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/deleted"), 303)
        _ = reader._
        items = await app.chat.recently_deleted.list_own(reader.caller)
        with frame(app, reader, _("Recently deleted")), ui.element("div").classes("reading").props("id=content"):
            Heading(_("Recently deleted"))
            lead = _("You can restore what you deleted for {n} days. Then it is erased for good.", n=KEPT_IN_BIN.days)
            ui.label(lead).classes("lead")
            _DeletedList(app, reader, items)
        return None


class _DeletedList:
    def __init__(self, app: App, reader: Reader, items: list[DeletedItem]) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._left = len(items)
        self._place = ui.element("ul").classes("deleted-items")
        self._nothing = ui.label(reader._("Nothing deleted recently.")).classes("empty")
        with self._place:
            for item in items:
                self._line(item)
        self._count()

    def _line(self, item: DeletedItem) -> None:
        _ = self._reader._
        kinds = {Kind.CHAT: _("Chat"), Kind.MESSAGE: _("Message"), Kind.CHARACTER: _("Character")}
        with ui.element("li").classes("deleted-item") as line:
            with ui.element("div").classes("deleted-what"):
                ui.label(f"{kinds[item.kind]} · {item.name}").classes("deleted-name")
                if item.words:
                    ui.label(beginning(item.words))
                ui.label(self._reader.moment(item.deleted_at)).classes("muted")
            ui.button(_("Restore"), on_click=lambda: self._bring_back(item, line)).props("flat data-once")
            ui.button(_("Delete for good"), on_click=lambda: self._erase(item, line)).props("flat color=negative")

    async def _bring_back(self, item: DeletedItem, line: ui.element) -> None:
        restore: dict[Kind, Callable[[Caller, int], Awaitable[object]]] = {
            Kind.CHAT: self._app.chat.dialogs.restore,
            Kind.MESSAGE: self._app.chat.branches.restore,
            Kind.CHARACTER: self._app.characters.duplicates.restore,
        }
        with show_errors(self._reader):
            await restore[item.kind](self._caller, item.id)
            self._leave_out(line)

    async def _erase(self, item: DeletedItem, line: ui.element) -> None:
        _ = self._reader._
        question = _("Delete “{name}” for good?", name=beginning(item.words) or item.name)
        if await ask_confirmation(_, question, _("This can't be undone.")):
            with show_errors(self._reader):
                await self._app.chat.recently_deleted.erase(self._caller, item.kind, item.id)
                self._leave_out(line)

    def _leave_out(self, line: ui.element) -> None:
        if not line.visible:
            return  # the button was pressed twice
        line.set_visibility(False)  # not deleted, since it owns the dialog that asked for confirmation
        self._left -= 1
        self._count()

    def _count(self) -> None:
        self._nothing.set_visibility(not self._left)

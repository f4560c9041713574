"""Staff notes: notes about somebody that admins write for one another."""

from __future__ import annotations

from nicegui import ui

from domain.services.groups import AdminServices
from ui.admin.shell.cells import exactly
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.unsaved_text import guard


class Notes:
    """A form above, the notes below; notes are never changed."""

    def __init__(self, admin: AdminServices, reader: Reader, user_id: int) -> None:
        self._admin = admin
        self._reader = reader
        self._user_id = user_id

    async def lay_out(self) -> None:
        _ = self._reader._
        with ui.element("div").classes("admin-form"):
            self._text = guard(ui.textarea(_("Note for admins")).props("autogrow outlined maxlength=2000"))
            ActionButton(_("Add"), self._add).props("unelevated color=primary").classes("start")
            self._list = ui.element("div").classes("admin-form")
        await self._show()

    async def _add(self) -> None:
        with show_errors(self._reader, {"text": self._text}):
            await self._admin.staff_notes.add(self._reader.must_be_logged_in(), self._user_id, self._text.value or "")
            self._text.value = ""
            await self._show()

    async def _show(self) -> None:
        _ = self._reader._
        notes = await self._admin.staff_notes.of(self._reader.must_be_logged_in(), self._user_id)
        self._list.clear()
        with self._list:
            if not notes:
                ui.label(_("No notes yet.")).classes("muted")
            for note, author in notes:
                with ui.element("article").classes("admin-card"):
                    ui.label(note.text).classes("words")
                    ui.label(f"{author or _('an admin')} · {exactly(self._reader, note.at)}").classes("muted")

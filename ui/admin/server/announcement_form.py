"""Announcement form, with a preview of the announcement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui import ui

from domain.admin.announcements import TEXT_LIMIT, Announcement, AnnouncementFields, Level
from domain.errors import Invalid
from domain.language import Texts
from ui.admin.shell.period import YEARS
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.dialog import name_dialog
from ui.widgets.unsaved_text import guard


def level_names(_: Texts) -> dict[Level, str]:
    return {
        Level.INFO: _("news"),
        Level.WARNING: _("warning"),
        Level.MAINTENANCE: _("maintenance"),
    }


class AnnouncementForm:
    """A window with a new announcement, or with `before` to be changed. `save` gets the fields; a refusal is shown at
    its field. A window that is closed without publishing keeps what was typed, for `open`.
    """

    def __init__(
        self, reader: Reader, before: Announcement | None, save: Callable[[AnnouncementFields], Awaitable[None]]
    ) -> None:
        self._reader = reader
        self._save = save
        _ = reader._
        with ui.dialog(value=True) as self._window, ui.card().classes("admin-window"):
            name_dialog(self._window, _("Edit announcement") if before else _("New announcement"))
            self._fields(before or Announcement())
            ui.label(_("Preview")).classes("muted")
            self._preview = ui.element("div").classes("announcements")
            with ui.element("div").classes("actions"):
                ui.button(_("Cancel"), on_click=self._window.close).props("flat")
                ActionButton(_("Publish"), self._do, self._window).props("unelevated color=primary")
        self._show()

    def open(self) -> None:
        self._window.open()

    def _fields(self, before: Announcement) -> None:
        _ = self._reader._
        names = {level.value: name for level, name in level_names(_).items()}
        self._level = ui.radio(names, value=before.level.value, on_change=self._show).props("inline")
        self._ru = self._text(_("In Russian"), before.text_ru)
        self._en = self._text(_("In English"), before.text_en)
        with ui.element("div").classes("pair"):
            self._since = self._moment(_("From (leave empty to start now)"), before.since if before.id else None)
            self._until = self._moment(_("Until (leave empty for no end date)"), before.until)
        self._can_go = ui.checkbox(_("Dismissible"), value=before.is_dismissible, on_change=self._show)

    def _text(self, label: str, value: str) -> ui.textarea:
        field = ui.textarea(label, value=value, on_change=self._show)
        return guard(field.props(f"outlined autogrow maxlength={TEXT_LIMIT}"))

    def _moment(self, label: str, value: datetime | None) -> ui.input:
        zone = ZoneInfo(self._reader.preferences.zone)
        typed = value.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if value else ""
        return ui.input(label, value=typed).props("outlined type=datetime-local stack-label")

    def _show(self) -> None:
        self._preview.clear()
        texts = dict.fromkeys(filter(None, (self._ru.value, self._en.value)))
        with self._preview:
            for text in texts or (self._reader._("Your text will appear here."),):
                with ui.element("div").classes(f"announcement {self._level.value}"):
                    ui.label(text)
                    if self._can_go.value:
                        ui.label("✕").props("aria-hidden=true")

    async def _do(self) -> None:
        fields = {"text_ru": self._ru, "text_en": self._en, "since": self._since, "until": self._until}
        with show_errors(self._reader, fields):
            await self._save(
                AnnouncementFields(
                    level=Level(self._level.value),
                    text_ru=self._ru.value or "",
                    text_en=self._en.value or "",
                    since=self._typed(self._since, "since"),
                    until=self._typed(self._until, "until"),
                    is_dismissible=bool(self._can_go.value),
                )
            )
            self._window.on("hide", self._window.delete)
            self._window.close()

    def _typed(self, field: ui.input, name: str) -> datetime | None:
        if not field.value:
            return None
        try:
            moment = datetime.fromisoformat(field.value)
            if moment.year not in YEARS:
                raise Invalid("Not a valid date.", field=name)
            return moment.replace(tzinfo=ZoneInfo(self._reader.preferences.zone))
        except ValueError as error:
            raise Invalid("Not a valid date.", field=name) from error

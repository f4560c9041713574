"""Duration picker: some usual spans, or a last day of one's own choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from domain.clock import now
from domain.errors import Invalid
from ui.admin.shell.period import day_ends
from ui.request.visitor import Reader
from ui.widgets.choice_field import ChoiceField

FOR_GOOD, ON_A_DAY = "for_good", "day"
DAYS = {"1": 1, "7": 7, "30": 30}


class DurationPicker:
    """`field` is where an invalid day is reported."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        _ = reader._
        spans = {key: _.plural("{n} day", "{n} days", days) for key, days in DAYS.items()}
        with ui.element("div").classes("pair") as self._row:
            choices = {**spans, FOR_GOOD: _("permanently"), ON_A_DAY: _("until a date")}
            self._span = ChoiceField(choices, label=_("Duration"), value="7")
            self.field = ui.input(_("Last day")).props("outlined type=date stack-label")
        self._span.on_value_change(self._show)
        self._show()

    @property
    def choices(self) -> tuple[ValueElement[Any], ...]:
        return self._span, self.field

    def _show(self) -> None:
        self.field.set_visibility(self._span.value == ON_A_DAY)

    def set_visibility(self, visible: bool) -> None:
        self._row.set_visibility(visible)

    def until(self) -> datetime | None:
        """None: permanently. Raises `Invalid` for `until`."""
        if self._span.value == FOR_GOOD:
            return None
        if self._span.value in DAYS:
            return now() + timedelta(days=DAYS[self._span.value])
        day = day_ends(self._reader, str(self.field.value or ""))
        if day is None:
            raise Invalid("Not a valid date.", field="until")
        return day

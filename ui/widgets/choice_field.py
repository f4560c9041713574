"""Choice field: one of a list that opens below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

UNBOXED = """() => requestAnimationFrame(() => {
  for (const box of document.querySelectorAll("[role=listbox] > [tabindex]")) box.removeAttribute("tabindex");
})"""
"""Takes the box around a list's options out of the focus order: a box that takes the focus, as Quasar makes it, hides
from screen readers that the list has any options.
"""


class ChoiceField(ui.select):
    def __init__(
        self,
        options: list[str] | dict[str, str],
        *,
        label: str,
        value: str | None = None,
        on_change: Callable[[], Any] | None = None,
    ) -> None:
        super().__init__(options, label=label, value=value, on_change=on_change)
        self.props("outlined")
        self.on("popup-show", js_handler=UNBOXED)

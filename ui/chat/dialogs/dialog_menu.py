"""Dialog menu (component): the «⋯» of the open dialog, with the same entries as on each line of the list."""

from __future__ import annotations

from nicegui import ui

from domain.model.dialog import Dialog


class DialogMenu(ui.element, component="dialog_menu.js"):
    """Opens the menu of the DialogList on the same page, which tells it, in the browser, when the dialog changes.

    `label` is its name for screen readers, with a placeholder for the dialog's `{name}`.
    """

    def __init__(self, dialog: Dialog, name: str, label: str) -> None:
        super().__init__()
        pinned = dialog.pinned_at is not None
        self._props["dialog"] = {"id": dialog.id, "name": name, "title": dialog.title, "pinned": pinned}
        self._props["label"] = label

"""Import button (component): loads a saved conversation."""

from __future__ import annotations

from nicegui import ui

from domain.chat.transcript.saved_dialog import MEGABYTES_LIMIT, too_large
from domain.language import Texts


class DialogImport(ui.element, component="dialog_import.js"):
    """Posts the chosen file to `url`, which answers {"url": of the new dialog} or {"error": a sentence}."""

    def __init__(self, url: str, _: Texts) -> None:
        super().__init__()
        refusal = too_large()
        self._props["url"] = url
        self._props["limit"] = MEGABYTES_LIMIT * 1024 * 1024
        self._props["labels"] = {
            "choose": _("Import chat from file"),
            "sending": _("Importing…"),
            "failed": _("Couldn't upload the file. Please try again."),
            "too_large": _(refusal.text, **refusal.values),
        }

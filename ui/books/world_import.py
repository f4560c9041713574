"""World import (component): the button that turns a file into a world."""

from __future__ import annotations

from nicegui import ui

from domain.cards.read_card import LARGEST_PICTURE
from domain.language import Texts


class WorldImport(ui.element, component="world_import.js"):
    """Posts the chosen file to `url`, which answers {"url": of the new world} or {"error": a sentence}."""

    def __init__(self, url: str, _: Texts) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["limit"] = LARGEST_PICTURE
        self._props["labels"] = {
            "choose": _("Import"),
            "sending": _("Importing…"),
            "failed": _("Couldn't upload the file. Please try again."),
            "too_large": _("The file is too large."),
        }

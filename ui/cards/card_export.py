"""Card export (component): the window that asks how to export a character."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from domain.cards.writing import CardKind
from domain.language import Texts


class CardExport(ui.element, component="card_export.js"):
    """`secret`: whether the reader may export what only the model sees, and so has a choice."""

    def __init__(self, _: Texts, character_id: int, name: str, *, secret: bool) -> None:
        super().__init__()
        self._props["labels"] = export_labels(_)
        self._props["number"] = character_id
        self._props["title"] = _("Export {name}", name=name)
        self._props["secret"] = secret

    def open(self, opener: ui.element) -> None:
        self.run_method("open", opener.html_id)


def export_labels(_: Texts) -> dict[str, Any]:
    return {
        "kind": _("Kind of file"),
        "kinds": [
            (CardKind.PNG.value, _("Picture (PNG)"), _("for all programs; the card is in the portrait")),
            (CardKind.JSON.value, _("Text (JSON)"), _("version 3, with pictures and files of up to 5 MB in all")),
            (CardKind.JSON_V2.value, _("Text for older programs (JSON)"), _("version 2, without pictures")),
            (CardKind.CHARX.value, _("Archive (CHARX)"), _("with all pictures and files of the card")),
        ],
        "secrets": _("With what only the model sees"),
        "secrets_why": _("who this is, instructions, examples and the lorebook"),
        "no_secrets": _("What only the model sees stays with the author."),
        "cancel": _("Cancel"),
        "download": _("Download"),
        "export_picked": _("Export cards"),
        "export_named": _("Export {name}"),
        "export_some": _("Export {n} selected"),
    }

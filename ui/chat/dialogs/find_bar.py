"""Find bar (component): steps back and forth between what a search found in this chat."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts


class FindBar(ui.element, component="find_bar.js"):
    """Shown when the page's address says what was sought (dialog_list.js). `url`/found answers the ids of the messages,
    `url`/turn/<id> switches to the branch of one.
    """

    def __init__(self, _: Texts, url: str) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = {
            "title": _("Found in this chat"),
            "place": _("{n} of {all}", n="{n}", all="{all}"),
            "previous": _("Previous match"),
            "next": _("Next match"),
            "close": _("Close"),
        }

"""Versions window (component): compares a character's earlier versions with later states, and goes back to one."""

from __future__ import annotations

from typing import ClassVar

from nicegui import ui

from domain.characters.versions import Against
from domain.language import Texts
from ui.socket.shapes import Number, Record, Takes


class VersionsWindow(ui.element, component="versions_window.js"):
    """Fetches what ui/editor/versions_feed.py answers at `url`. Emits `restore` {version}; the server then leads to
    another page, or calls `refuse`.
    """

    TAKES: ClassVar[Takes] = {"restore": Record({"version": Number()})}

    def __init__(self, url: str, _: Texts) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["against"] = [
            {"value": Against.NEXT.value, "text": _("What the change was")},
            {"value": Against.NOW.value, "text": _("Compare with now")},
        ]
        self._props["labels"] = {
            "versions": _("Versions"),
            "close": _("Close"),
            "loading": _("Loading…"),
            "failed": _("Couldn't load the versions."),
            "retry": _("Try again"),
            "none": _(
                "Once the character is public, each change keeps the previous version: you can compare and go back."
            ),
            "back": _("← To the list"),
            "compare": _("What to compare with"),
            "changes": _("Changes"),
            "same": _("Nothing is different."),
            "removed": _("removed:"),
            "added": _("added:"),
            "left_out": _("unchanged"),
            "unsaved": _("What you have typed and not saved will be lost."),
            "restore": _("Go back to this version"),
        }

    def open(self, *, unsaved: bool) -> None:
        """`unsaved`: whether something is typed that going back would lose."""
        self.run_method("open", unsaved)

    def refuse(self, sentence: str) -> None:
        self.run_method("refused", sentence)

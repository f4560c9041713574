"""Dialog list (component): a person's dialogs by day, with search: one element however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from nicegui import ui

from domain.model.dialog import TITLE_LIMIT
from ui.socket.shapes import Number, Record, Takes, Text


class DialogList(ui.element, component="dialog_list.js"):
    """Fetches `url` when first visible, and `url`?search= while somebody searches; then follows the server's updates.

    `url` answers {"dialogs": [line, …], "said": how many were found, "note": what is omitted}. A line is {"id",
    "name", "title" ("" unless renamed), "snippet", "found": message id | None, "picture", "time", "at": milliseconds,
    "group": «Сегодня», "pinned": bool, "running": bool}.

    Emits `action` {name, id, title} (rename, pin, unpin, delete), of which a rename is answered by `renamed` or
    `rename_refused`, and `reveal` when Ctrl+K is pressed while the list is hidden.

    Labels: list, empty, failed, retry, running, search, placeholder, more (with a place for {name}), rename, pin,
    unpin, download, md, txt, json, delete, rename_title, name, name_hint, save, cancel.
    """

    TAKES: ClassVar[Takes] = {
        "action": Record({"name": Text(20), "id": Number(), "title": Text(10 * TITLE_LIMIT)}),
        "reveal": None,
    }

    def __init__(self, url: str, labels: Mapping[str, str], *, here: int | None) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = dict(labels)
        self._props["here"] = here

    def follow(self, lines: Sequence[Mapping[str, Any]], gone: Sequence[int]) -> None:
        """Some lines have changed or are new; some dialogs are gone."""
        self.run_method("follow", list(lines), list(gone))

    def refresh(self) -> None:
        """Something may have been missed: fetch the list again."""
        self.run_method("refresh")

    def renamed(self) -> None:
        """The name is saved: the window closes."""
        self.run_method("renamed")

    def rename_refused(self, sentence: str) -> None:
        """The name stays in the window, with the reason under it."""
        self.run_method("renameRefused", sentence)

"""Memory bar (component): one quiet line above the composer: what the character has of this chat right now."""

from __future__ import annotations

from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from ui.socket.shapes import Takes


class MemoryBarLine(ui.element, component="memory_bar.js"):
    """Fetches `url` once it is in the browser: {"words": the line, "" for none, "said": for screen readers}. With
    `expected` its place is kept free until then, so that nothing moves. Emits `open`.
    """

    TAKES: ClassVar[Takes] = {"open": None}

    def __init__(self, url: str, _: Texts, *, expected: bool) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = {"memory": _("Memory")}
        self._props["expected"] = expected

    def look(self) -> None:
        """It may say something else now: the browser fetches it anew, at most once a second."""
        self.run_method("look")

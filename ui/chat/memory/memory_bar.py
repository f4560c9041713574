"""Memory bar (component): a quiet line above the composer that tells what the character currently has of this chat."""

from __future__ import annotations

from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from ui.socket.shapes import Takes


class MemoryBarLine(ui.element, component="memory_bar.js"):
    """Fetches `url` once it is in the browser: {"words": the line, "" for none, "said": for screen readers}. If
    `expected`, its place is kept free until then, so that nothing moves. Emits `open`.
    """

    TAKES: ClassVar[Takes] = {"open": None}

    def __init__(self, url: str, _: Texts, *, expected: bool) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = {"memory": _("Memory")}
        self._props["expected"] = expected

    def look(self) -> None:
        """Let the browser fetch the line again, at most once a second, since it may have changed."""
        self.run_method("look")

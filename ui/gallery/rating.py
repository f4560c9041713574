"""Rating (component): ten marks, of which a person chooses one."""

from __future__ import annotations

from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from ui.socket.shapes import Number, Takes


class Rating(ui.element, component="rating.js"):
    """`value` is 1 to 10, or 0 for no vote. Emits `rate` with the chosen one; the answer is sent back by `told`."""

    TAKES: ClassVar[Takes] = {"rate": Number(0, 10)}

    def __init__(self, _: Texts, value: int) -> None:
        super().__init__()
        self._props["value"] = value
        self._props["labels"] = {
            "legend": _("Your rating"),
            "mark": _("{n} of 10"),
            "clear": _("Remove rating"),
        }

    def told(self, value: int, said: str) -> None:
        """The saved value now, with a short text about it."""
        self.run_method("told", value, said)

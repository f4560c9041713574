"""Moderation queue (component): the reports that wait, and the keyboard shortcuts to go through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.moderation.reasons import REASONS
from domain.moderation.report_case import ReportCase
from ui.admin.shell.cells import ago
from ui.request.visitor import Reader
from ui.socket.shapes import Number, Record, Takes, Text
from ui.widgets.picture_urls import character_picture


class AdminQueue(ui.element, component="report_queue.js"):
    """Emits `choose` {id} (also by J and K) and `action` {name}: take, uphold, reject, postpone, by C, A, R and S."""

    TAKES: ClassVar[Takes] = {"choose": Record({"id": Number()}), "action": Record({"name": Text(20)})}

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader, _ = reader, reader._
        self._props["cases"] = []
        self._props["labels"] = {
            "list": _("Awaiting a decision"),
            "previous": _("Previous report"),
            "next": _("Next report"),
            "position": _("{at} of {of}", at="{at}", of="{of}"),
        }

    def show(self, cases: Sequence[ReportCase], chosen: int | None) -> None:
        self._props["cases"] = [self._case(each) for each in cases]
        self._props["chosen"] = chosen
        self.update()

    def _case(self, case: ReportCase) -> dict[str, Any]:
        _ = self._reader._
        reporters = _.plural("reported by {n} person", "reported by {n} people", len(case.reporters))
        taken = _("being reviewed by {name}", name=case.taken_by.display_name) if case.taken_by else ""
        return {
            "id": case.report_id,
            "name": case.character.name,
            "picture": character_picture(case.character, "small"),
            "complaint": _(REASONS[case.complaint]),
            "note": " · ".join(filter(None, (reporters, ago(self._reader, case.reports[0].created_at), taken))),
        }


class Key(TextElement):
    """The key that does the same as the button it is shown on."""

    def __init__(self, key: str) -> None:
        super().__init__(tag="kbd", text=key)
        self.props("aria-hidden=true")

"""Announcement banner (component): the lines above every page, where the owners tell everybody something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nicegui import ui

from domain.admin.announcements import AnnouncementsChanged, AnnouncementView
from storage.bus import EVERYBODY
from ui.app import App
from ui.request.live import follow_events, look_again_after_gaps
from ui.request.visitor import Reader

FEED = "/feed/announcements"


class Announcements(ui.element, component="announcements.js"):
    """Shows at once what is known, so that nothing is pushed down later; asks for news, and again when they change.
    The browser remembers which were dismissed.
    """

    def __init__(self, app: App, reader: Reader) -> None:
        super().__init__()
        _ = reader._
        self._props["url"] = FEED
        self._props["first"] = announced(app.admin.announcements.known(_.language))
        self._props["labels"] = {
            "announcements": _("Announcements"),
            "more": _("more"),
            "less": _("less"),
            "close": _("Dismiss"),
        }
        follow_events(app.bus, AnnouncementsChanged, self._look_again, about=EVERYBODY)
        look_again_after_gaps(app.bus, self._load)

    def _look_again(self, _fact: AnnouncementsChanged) -> None:
        self.run_method("load")

    async def _load(self) -> None:
        self.run_method("load")


def announced(shown: Iterable[AnnouncementView]) -> list[dict[str, Any]]:
    """The announcements in the shape announcements.js expects."""
    return [
        {"id": each.id, "level": each.level.value, "text": each.text, "dismissible": each.is_dismissible}
        for each in shown
    ]

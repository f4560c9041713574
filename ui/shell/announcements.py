"""Announcement banner (component): the lines above every page, where the owners tell everybody something."""

from __future__ import annotations

from nicegui import ui

from domain.admin.announcements import EVERYBODY, AnnouncementsChanged
from ui.app import App
from ui.request.live import follow_events
from ui.request.visitor import Reader

FEED = "/feed/announcements"


class Announcements(ui.element, component="announcements.js"):
    """Fetches the announcements, and again when they change; the browser remembers which were dismissed."""

    def __init__(self, app: App, reader: Reader) -> None:
        super().__init__()
        _ = reader._
        self._props["url"] = FEED
        self._props["label"] = _("Announcements")
        self._props["close"] = _("Dismiss")
        follow_events(app.bus, AnnouncementsChanged, self._look_again, about=EVERYBODY)

    def _look_again(self, _fact: AnnouncementsChanged) -> None:
        self.run_method("load")

"""Connection line (component): under the header of every page, while the server cannot be reached."""

from __future__ import annotations

from nicegui import ui

from ui.request.visitor import Reader


class ConnectionLine(ui.element, component="connection_line.js"):
    """Stands in for NiceGUI's own box, which lies over what is at the bottom of the page."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._props["words"] = reader._("No connection. What you wrote is saved. Reconnecting…")

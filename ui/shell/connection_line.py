"""Connection line (component): under the header of every page, while the server cannot be reached."""

from __future__ import annotations

from nicegui import ui

from ui.request.visitor import Reader


class ConnectionLine(ui.element, component="connection_line.js"):
    """Stands in for NiceGUI's own box, which lies over what is at the bottom of the page."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        _ = reader._
        self._props["words"] = _("No connection. What you wrote is saved. Reconnecting…")
        self._props["refusal"] = _(
            "This page does not work: the server does not recognize {address} as its own address. If the server is "
            "yours, set PUBLIC_URL (README, “Behind a proxy”).",
            address="{address}",  # filled in by the browser, which alone knows it
        )

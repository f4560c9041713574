"""Image: a plain `<img>`; NiceGUI's own makes a box of several elements around it."""

from __future__ import annotations

from nicegui import ui


def picture(address: str, description: str = "") -> ui.element:
    """Without a description it is decorative, and screen readers skip it."""
    image = ui.element("img")
    image.props["src"] = address
    image.props["alt"] = description
    return image

"""Dialog names: what a screen reader says as a window over the page opens."""

from __future__ import annotations

from nicegui import ui

from ui.widgets.heading import Heading


def name_dialog(dialog: ui.dialog, text: str) -> None:
    """Begin the dialog's card with this heading, which names it."""
    dialog.props["aria-labelledby"] = Heading(text, level=2).html_id

"""Dialog: a window over the page, named by its heading, so that a screen reader says what was opened."""

from __future__ import annotations

from nicegui import ui

from ui.widgets.heading import Heading


class Dialog(ui.dialog):
    """`ui.dialog` that has a name: lay out its card, and begin with `heading`."""

    def heading(self, text: str) -> Heading:
        heading = Heading(text, level=2)
        self.props["aria-labelledby"] = heading.html_id
        return heading

"""Greetings: how a conversation with a character begins: its greeting, and the others one by one."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from domain.language import Texts
from ui.chat.markdown.to_html import to_html
from ui.widgets.heading import Heading


class Greetings:
    """`greetings` with the macros filled in for this reader, in order."""

    def __init__(self, _: Texts, greetings: Sequence[str]) -> None:
        self._greetings = greetings
        self._at = 0
        with ui.element("section").classes("first-words"):
            Heading(_("Opens with"), level=2)
            # Sanitised on the server by an allow-list (ui/chat/markdown), so NiceGUI need not do it again.
            self._bubble = ui.html(to_html(greetings[0]), sanitize=False).classes("bubble rich")
            self._bubble.props["aria-live"] = "polite"
            if len(greetings) > 1:
                with ui.element("div").classes("first-words-turn"):
                    self._arrow("‹", _("Previous greeting"), -1)
                    self._place = ui.label(self._said)
                    self._arrow("›", _("Next greeting"), 1)

    @property
    def _said(self) -> str:
        return f"{self._at + 1}/{len(self._greetings)}"

    def _arrow(self, sign: str, name: str, step: int) -> None:
        button = ui.button(sign, on_click=lambda: self._turn(step), color=None).props("flat round dense")
        button.props["aria-label"] = name

    def _turn(self, step: int) -> None:
        self._at = (self._at + step) % len(self._greetings)
        self._bubble.set_content(to_html(self._greetings[self._at]))
        self._place.set_text(self._said)

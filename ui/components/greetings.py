"""More than one way to begin: a box for each other greeting of a character."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nicegui import ui

from domain.characters.character import OTHER_GREETINGS_LIMIT
from domain.language import Texts
from ui.errors import ShowsError


class Greetings:
    """Boxes that can be added and taken away; `changed` is told all texts, in their order, after each change."""

    def __init__(self, _: Texts, texts: Iterable[str], changed: Callable[[list[str]], None]) -> None:
        self._ = _
        self._changed = changed
        self._boxes: list[ui.textarea] = []
        self._column = ui.element("div").classes("greetings")
        for text in texts:
            self._add(text)
        self._more = ui.button(_("Another greeting"), icon="add", on_click=self._add_empty).props("flat type=button")
        self._settle()

    @property
    def fields(self) -> dict[str, ShowsError]:
        """The boxes by the names that domain/characters/gate.py gives them."""
        return {f"other_greetings.{place}": box for place, box in enumerate(self._boxes)}

    def _add_empty(self) -> None:
        self._add("").run_method("focus")
        self._settle()

    def _add(self, text: str) -> ui.textarea:
        _ = self._
        with self._column, ui.element("div").classes("greeting") as line:
            box = ui.textarea(_("Another greeting"), value=text, on_change=self._tell)
            box.props("outlined autogrow counter").classes("grow")
            away = ui.button(icon="close", on_click=lambda: self._remove(line, box))
            away.props("flat round dense type=button").props["aria-label"] = _("Remove this greeting")
        self._boxes.append(box)
        return box

    def _remove(self, line: ui.element, box: ui.textarea) -> None:
        self._boxes.remove(box)
        line.delete()
        self._settle()
        self._tell()

    def _settle(self) -> None:
        self._more.set_visibility(len(self._boxes) < OTHER_GREETINGS_LIMIT)

    def _tell(self) -> None:
        self._changed([str(box.value or "") for box in self._boxes])

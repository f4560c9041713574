"""Interest picker: chips of the gallery's most frequent interests to press, and a field for others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.model.interest import INTEREST_LIMIT
from domain.model.user import PERSON_INTERESTS_LIMIT
from ui.request.visitor import Reader

OFFERED = 12


class InterestPicker:
    """`offered` are interests of characters, the most frequent first."""

    def __init__(self, reader: Reader, chosen: Sequence[str], offered: Sequence[str]) -> None:
        self._reader = reader
        self._chosen = [*chosen]
        known = {each.casefold() for each in chosen}
        self._offered = [*chosen, *(each for each in offered if each.casefold() not in known)]
        del self._offered[max(OFFERED, len(chosen)) :]
        _ = reader._
        with ui.element("fieldset").classes("choices"):
            TextElement(tag="legend", text=_("Interests"))
            self._chips = ui.element("div").classes("chips interest-chips")
            self._own = ui.input(_("Another interest")).props(f"outlined dense maxlength={INTEREST_LIMIT}")
            self._own.on("keydown.enter.prevent", self._add)
            self._own.props["hint"] = _("Press Enter to add it")
        self._show()

    def read(self) -> tuple[str, ...]:
        """The chosen interests, including the one typed in the field for others."""
        self._add()
        return tuple(self._chosen)

    def _show(self) -> None:
        self._chips.clear()
        with self._chips:
            for word in self._offered:
                chip = ui.button(word, on_click=partial(self._turn, word), color=None).props("flat type=button")
                chip.classes("interest-chip").props["aria-pressed"] = str(word in self._chosen).lower()

    def _turn(self, word: str) -> None:
        if word in self._chosen:
            self._chosen.remove(word)
        else:
            self._choose(word)
        self._show()

    def _add(self) -> None:
        typed = str(self._own.value or "").strip("# ")
        word = next((each for each in self._offered if each.casefold() == typed.casefold()), typed)
        if word and word not in self._chosen:
            self._choose(word)
            self._offered = list(dict.fromkeys([*self._offered, word]))
            self._show()
        self._own.value = ""

    def _choose(self, word: str) -> None:
        self._chosen.append(word)
        del self._chosen[:-PERSON_INTERESTS_LIMIT]  # the oldest ones give way

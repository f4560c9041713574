"""Menu: opened by a button, walked by arrows, Home and End, left by Esc, which gives the focus back to the button."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

WALK = """(event) => {
  const items = [...event.currentTarget.querySelectorAll("[role^=menuitem]")]
  const at = items.indexOf(document.activeElement)
  const to = {ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1}[event.key]
  if (to === undefined) return
  event.preventDefault()
  items.at(to % items.length)?.focus()
}"""


class Menu(ui.menu):
    """`entries` fills it when it is opened for the first time. To be built within its button."""

    def __init__(self, button: ui.button, entries: Callable[[], None]) -> None:
        super().__init__()
        self.props("auto-close no-parent-event max-height=85vh")
        self._button = button
        self._entries = entries
        button.props["aria-haspopup"] = "menu"
        button.props["aria-expanded"] = "false"
        button.on_click(self._open)
        self.on("keydown", js_handler=WALK)
        self.on_value_change(self._tell_whether_open)

    def _open(self) -> None:
        if not self.default_slot.children:
            with self:
                self._entries()
            first = next(each for each in self.default_slot.children if isinstance(each, ui.menu_item))
            first.props("data-autofocus")  # Quasar focuses it when the menu opens
        self.open()

    def _tell_whether_open(self) -> None:
        self._button.props["aria-expanded"] = str(self.value).lower()


def menu_item(words: str, action: Callable[[], object]) -> ui.menu_item:
    """An entry that does something."""
    return ui.menu_item(words, action).props("role=menuitem")


def menu_choice(words: str, action: Callable[[], None], *, is_on: bool) -> ui.menu_item:
    """One of several entries of which exactly one is on."""
    item = ui.menu_item(f"✓ {words}" if is_on else words, action).props("role=menuitemradio")
    item.props["aria-checked"] = str(is_on).lower()
    return item

"""World name: the window that asks for the name of a world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.model.book import BOOK_NAME_LIMIT
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.dialog import name_dialog


def ask_name(reader: Reader, title: str, name: str, save: str, keep: Callable[[str], Awaitable[None]]) -> None:
    """Open the window. `keep` is called with the name; if it refuses the name, the field shows why."""
    _ = reader._
    with ui.dialog() as window, ui.card().classes("world-window"):
        name_dialog(window, title)

        async def save_it() -> None:
            with show_errors(reader, {"name": field}):
                await keep(str(field.value))
                window.close()

        with ui.element("form").on("submit.prevent", save_it).props("novalidate data-once"):
            field = ui.input(_("World name"), value=name).props(f"outlined autofocus maxlength={BOOK_NAME_LIMIT}")
            with ui.element("div").classes("actions"):
                ui.button(_("Cancel"), on_click=window.close).props("flat type=button")
                ui.button(save).props("unelevated type=submit data-once")
    window.on("hide", window.delete)
    window.open()

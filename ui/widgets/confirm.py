"""Confirmation and undo: asking once before something is lost, and offering to take it back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.language import Texts
from ui.widgets.heading import Heading

UNDO_OFFERED = 8.0  # seconds


async def ask_confirmation(_: Texts, question: str, explanation: str) -> bool:
    """Ask before deleting; the button that cancels has the focus, Esc cancels as well."""
    with ui.dialog() as dialog, ui.card():
        Heading(question, level=2)
        if explanation:
            ui.label(explanation).classes("muted")
        with ui.element("div").classes("actions"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("unelevated autofocus")
            ui.button(_("Delete"), on_click=lambda: dialog.submit(True)).props("flat color=negative")
    dialog.on("hide", dialog.delete)  # not earlier: when closing, it returns the focus to where it was
    return bool(await dialog)


def offer_undo(_: Texts, said: str, undo: Callable[[], Awaitable[None]]) -> None:
    """A notice with an undo button."""

    async def take_back() -> None:
        with ui.context.client:  # the notice is gone, and with it the place where the rest would happen
            notice.delete()
            await undo()

    with ui.context.client.content, ui.element("div").classes("undo-notice").props("role=status") as notice:
        ui.label(said)
        ui.button(_("Undo"), on_click=take_back, color=None).props("flat dense")
        ui.timer(UNDO_OFFERED, notice.delete, once=True)

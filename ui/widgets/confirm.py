"""Confirmation and undo: asking once before something is lost, and offering to take it back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from ui.socket.shapes import Takes
from ui.widgets.dialog import name_dialog

UNDO_OFFERED = 20  # seconds


async def ask_confirmation(_: Texts, question: str, explanation: str) -> bool:
    """Ask before deleting; the button that cancels has the focus, Esc cancels as well."""
    with ui.dialog() as dialog, ui.card():
        name_dialog(dialog, question)
        if explanation:
            ui.label(explanation).classes("muted")
        with ui.element("div").classes("actions"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("unelevated autofocus")
            ui.button(_("Delete"), on_click=lambda: dialog.submit(True)).props("flat color=negative")
    dialog.on("hide", dialog.delete)  # not earlier, since closing it restores the focus
    return bool(await dialog)


class UndoNotice(ui.element, component="undo_notice.js"):
    """Emits `undo`, or `gone` when nobody wanted it."""

    TAKES: ClassVar[Takes] = {"undo": None, "gone": None}

    def __init__(self, said: str, label: str) -> None:
        super().__init__()
        self._props["said"] = said
        self._props["label"] = label
        self._props["seconds"] = UNDO_OFFERED


def offer_undo(_: Texts, said: str, undo: Callable[[], Awaitable[None]]) -> None:
    """Show a notice with an undo button."""

    async def take_back() -> None:
        with ui.context.client:  # the notice, in whose slot this would run, is about to be deleted
            notice.delete()
            await undo()

    with ui.context.client.content:
        notice = UndoNotice(said, _("Undo"))
    notice.on("undo", take_back)
    notice.on("gone", notice.delete)

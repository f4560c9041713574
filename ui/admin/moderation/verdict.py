"""Moderation decisions: the windows in which an admin closes a case or postpones it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from nicegui import ui

from domain.clock import now
from domain.language import Texts
from domain.text import WORDS_LIMIT
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.dialog import name_dialog

LATER = {"1": 1, "3": 3, "7": 7}
"""Options for postponing a report, and their length in days."""


def ask_decision(
    reader: Reader, title: str, note: str, *, button: str, close: Callable[[str], Awaitable[None]]
) -> None:
    """Ask for a few words to the people who reported it, who are told anyway whether they were right."""
    _ = reader._
    with ui.dialog(value=True) as window, ui.card().classes("admin-window"):
        window.on("hide", window.delete)
        name_dialog(window, title)
        ui.label(note).classes("muted")
        words = ui.textarea(_("A few words to whoever reported it (optional)"))
        words.props(f"autogrow outlined autofocus maxlength={WORDS_LIMIT}")

        async def do() -> None:
            with show_errors(reader, {"answer": words}):
                await close(words.value or "")
                window.close()

        _buttons(_, window, button, do)


def ask_postponement(reader: Reader, put_off: Callable[[datetime], Awaitable[None]]) -> None:
    _ = reader._
    with ui.dialog(value=True) as window, ui.card().classes("admin-window"):
        window.on("hide", window.delete)
        name_dialog(window, _("Snooze"))
        ui.label(_("Until then it stays out of the open queue.")).classes("muted")
        spans = {key: _.plural("for {n} day", "for {n} days", days) for key, days in LATER.items()}
        span = ui.radio(spans, value="1").props("autofocus")
        span.props["aria-label"] = _("Duration")

        async def do() -> None:
            with show_errors(reader):
                await put_off(now() + timedelta(days=LATER[span.value]))
                window.close()

        _buttons(_, window, _("Snooze"), do)


def _buttons(_: Texts, window: ui.dialog, button: str, do: Callable[[], Awaitable[None]]) -> None:
    with ui.element("div").classes("actions"):
        ui.button(_("Cancel"), on_click=window.close).props("flat")
        ActionButton(button, do, window).props("unelevated color=primary")

"""Prompt dialogs: windows in which an admin gives a reason, or chooses a quota."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.errors import Invalid
from domain.language import Texts
from domain.model.user import User
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.dialog import name_dialog

AS_ALL, NO_LIMIT, OWN = "as_all", "no_limit", "own"


def ask_why(
    reader: Reader, title: str, explanation: str, button: str, action: Callable[[str], Awaitable[None]]
) -> None:
    """Ask for the reason, which goes into the audit log, then do it; on a refusal the window stays open."""
    _ = reader._
    with ui.dialog(value=True) as dialog, ui.card().classes("admin-window"):
        dialog.on("hide", dialog.delete)
        name_dialog(dialog, title)
        ui.label(explanation).classes("muted")
        why = ui.textarea(_("Reason (for the audit log)")).props("autogrow outlined maxlength=2000 autofocus")

        async def do() -> None:
            with show_errors(reader):
                await action(why.value or "")
                dialog.close()

        _buttons(_, dialog, button, do)


def ask_quota(
    reader: Reader, person: User, everybodys: int, change: Callable[[int | None, str], Awaitable[None]]
) -> None:
    """Ask how many tokens a day somebody may use; `everybodys` 0 is no limit."""
    _ = reader._
    usual = _.plural("{n} token", "{n} tokens", everybodys) if everybodys and not person.is_admin else _("no limit")
    choices = {
        AS_ALL: _("default: {quota}", quota=usual),
        NO_LIMIT: _("no limit"),
        OWN: _("custom"),
    }
    with ui.dialog(value=True) as dialog, ui.card().classes("admin-window"):
        dialog.on("hide", dialog.delete)
        name_dialog(dialog, _("Tokens per day: {name}", name=person.display_name))
        which = ui.radio(choices, value=_chosen(person.daily_tokens)).props("autofocus")
        tokens = ui.number(_("Tokens per day"), value=person.daily_tokens or everybodys or None, min=1, precision=0)
        tokens.props("outlined").set_visibility(which.value == OWN)
        which.on_value_change(lambda event: tokens.set_visibility(event.value == OWN))
        why = ui.textarea(_("Reason (for the audit log)")).props("autogrow outlined maxlength=2000")

        async def do() -> None:
            with show_errors(reader, {"tokens": tokens}):
                await change(_asked(which.value, tokens.value), why.value or "")
                dialog.close()

        _buttons(_, dialog, _("Save"), do)


def _chosen(daily_tokens: int | None) -> str:
    return {None: AS_ALL, 0: NO_LIMIT}.get(daily_tokens, OWN)


def _asked(which: str, tokens: float | None) -> int | None:
    if which != OWN:
        return {AS_ALL: None, NO_LIMIT: 0}[which]
    if not tokens:
        raise Invalid("How many tokens?", field="tokens")
    return int(tokens)


def _buttons(_: Texts, dialog: ui.dialog, button: str, do: Callable[[], Awaitable[None]]) -> None:
    with ui.element("div").classes("actions"):
        ui.button(_("Cancel"), on_click=dialog.close).props("flat")
        ActionButton(button, do, dialog).props("unelevated color=primary")

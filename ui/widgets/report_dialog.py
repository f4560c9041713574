"""Report dialog: telling the admins what is wrong with a character, or with what it said."""

from __future__ import annotations

from nicegui import ui

from domain.moderation.reasons import REASONS
from domain.moderation.reports import WORDS_LIMIT, Complaint
from domain.services.groups import ModerationServices
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.dialog import name_dialog
from ui.widgets.unsaved_text import guard


async def report(
    moderation: ModerationServices, reader: Reader, character_id: int, name: str, message_id: int | None = None
) -> None:
    """Ask what is wrong, file the report, say thanks; with `message_id` it is about what the character said."""
    _ = reader._
    caller = reader.must_be_logged_in()

    async def file() -> None:
        send.disable()
        with show_errors(reader, {"words": words}):
            await moderation.reports.file(
                caller, character_id, Complaint(reason.value), str(words.value or ""), message_id
            )
            dialog.submit(True)
        send.enable()

    with ui.dialog() as dialog, ui.card().classes("report-dialog"):
        name_dialog(dialog, _("What's wrong with “{name}”?", name=name))
        reason = ui.radio({complaint.value: _(told) for complaint, told in REASONS.items()})
        reason.props["aria-label"] = _("Reason")
        words = guard(ui.textarea(_("Details (optional)")))
        words.props(f"outlined autogrow maxlength={WORDS_LIMIT} counter")
        ui.label(_("Only admins will read this.")).classes("muted")
        with ui.element("div").classes("actions"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("flat")
            send = ui.button(_("Send report"), on_click=file).props("unelevated")
            send.disable()
        reason.on_value_change(send.enable)
    dialog.on("hide", dialog.delete)  # not earlier, since closing it restores the focus
    if await dialog:
        notify(_("Thanks. We'll look into it."), kind="positive")

"""Report dialog: telling the admins what is wrong with a character, or with what it said."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts
from domain.moderation.reports import WORDS_LIMIT, Complaint
from domain.service_groups import ModerationServices
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.heading import Heading


def complaint_words(_: Texts) -> dict[Complaint, str]:
    return {
        Complaint.CHILDREN: _("Sexual content involving minors"),
        Complaint.VIOLENCE: _("Calls for violence or self-harm"),
        Complaint.HATE: _("Hatred or humiliation of people"),
        Complaint.ADULT: _("Adult content without the 18+ mark"),
        Complaint.REAL_PERSON: _("Pretends to be a real person"),
        Complaint.SPAM: _("Advertising or deceit"),
        Complaint.OTHER: _("Something else"),
    }


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
        Heading(_("What is wrong with “{name}”?", name=name), level=2)
        reasons = {complaint.value: words for complaint, words in complaint_words(_).items()}
        reason = ui.radio(reasons)
        reason.props["aria-label"] = _("Reason")
        words = ui.textarea(_("Details, if you like")).props(f"outlined autogrow maxlength={WORDS_LIMIT} counter")
        ui.label(_("Only the administrators read it.")).classes("muted")
        with ui.element("div").classes("actions"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("flat")
            send = ui.button(_("Send the report"), on_click=file).props("unelevated")
            send.disable()
        reason.on_value_change(send.enable)
    dialog.on("hide", dialog.delete)  # not earlier: when closing, it returns the focus to where it was
    if await dialog:
        notify(_("Thank you. The administrators will look at it."), kind="positive")

"""Report case: one case of the moderation queue: what is reported, the reporters, the author, earlier reports."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts
from domain.moderation.reasons import REASONS
from domain.moderation.report_case import CLOSED, ReportCase, Reporter
from domain.moderation.reports import Report
from ui.admin.moderation.reports_table import report_state_names, reports_of_character
from ui.admin.shell.cells import ago, exactly, loaded_words
from ui.chat.markdown.to_html import to_html
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture

PER_CENT = 100
FEW = 600
"""Maximum length of each text shown of a reported character; its page has the whole text."""


def case_card(reader: Reader, case: ReportCase, history: list[Report]) -> None:
    """Everything but the actions. `history`: the reports about the same character, including this case's."""
    _head(reader, case)
    _what(reader, case)
    _reporters(reader, case)
    _author(reader, case)
    earlier = [each for each in history if each.state in CLOSED]
    if earlier:
        with ui.element("details").classes("fold"):
            with ui.element("summary"):
                ui.label(_earlier(reader._, len(earlier)))
            reports_of_character(reader, earlier)


def _head(reader: Reader, case: ReportCase) -> None:
    _ = reader._
    with ui.element("header").classes("admin-who"):
        picture(character_picture(case.character, "small"))
        with ui.element("div").classes("words"):
            with Heading("", level=2):
                ui.link(case.character.name, f"/admin/characters/{case.character.id}")
            with ui.element("div").classes("cell-chips"):
                ui.label(_(REASONS[case.complaint])).classes("mark bad")
                reported = _.plural("reported by {n} person", "reported by {n} people", len(case.reporters))
                ui.label(reported).classes("mark")
                if case.taken_by:
                    ui.label(_("being reviewed by {name}", name=case.taken_by.display_name)).classes("mark warn")
                for state in {each.state for each in case.reports if each.state in CLOSED}:
                    ui.label(report_state_names(_)[state]).classes("mark")


def _what(reader: Reader, case: ReportCase) -> None:
    """The reported message itself; nothing else of its dialog is shown here."""
    _, message = reader._, case.message
    if message:
        with ui.element("div").classes("cell-chips"):
            ui.label(_("The message")).classes("muted")
            if message.is_loaded:  # reported when such messages could still be reported
                ui.label(loaded_words(_)).classes("mark bad")
            elif message.is_rewritten:
                ui.label(_("rewritten by the user")).classes("mark bad")
            elif case.is_after_loaded:
                ui.label(_("conversation started from an imported file")).classes("mark warn")
        _formatted(case.excerpt)
        address = f"/admin/dialogs/{message.dialog_id}?through={message.id}#m{message.id}"
        ui.link(_("Open the conversation (a reason is required)"), address)
        return
    ui.label(_("The character")).classes("muted")
    character = case.character
    texts = [character.teaser, character.bio, character.greeting]
    _formatted(_shortened("\n\n".join(filter(None, texts))) or "—")


def _formatted(text: str) -> None:
    """Rendered as in the chat."""
    ui.html(to_html(text), sanitize=False).classes("queue-excerpt").props("tabindex=0")  # sanitised by to_html


def _accuracy(_: Texts, reporter: Reporter) -> str:
    if not reporter.decided:
        return _("no reports decided before")
    return _("{n}% of their reports accepted", n=round(PER_CENT * reporter.upheld / reporter.decided))


def _reporters(reader: Reader, case: ReportCase) -> None:
    _ = reader._
    with ui.element("ul").classes("queue-reporters"):
        for report in case.reports:
            reporter = case.reporters[report.reporter_id]
            with ui.element("li"):
                with ui.element("div").classes("row"):
                    ui.link(reporter.name, f"/admin/users/{reporter.user_id}")
                    ui.label(_(REASONS[report.complaint])).classes("mark")
                    ui.label(_accuracy(_, reporter)).classes("muted")
                    ui.label(ago(reader, report.created_at)).classes("muted").tooltip(
                        exactly(reader, report.created_at)
                    )
                if report.words:
                    ui.label(report.words).classes("words")
                if report.answer:
                    ui.label(_("Answer: {answer}", answer=report.answer)).classes("words muted")


def _author(reader: Reader, case: ReportCase) -> None:
    _ = reader._
    with ui.element("p").classes("row"):
        ui.label(_("Author:")).classes("muted")
        ui.link(case.author.display_name, f"/admin/users/{case.author.id}")
        ui.label(_("joined {when}", when=ago(reader, case.author.created_at))).classes("muted")
        if case.earlier_measures:
            ui.link(
                _.plural("{n} earlier measure", "{n} earlier measures", case.earlier_measures),
                f"/admin/users/{case.author.id}?tab=measures",
            )
        else:
            ui.label(_("no earlier measures")).classes("muted")


def _earlier(_: Texts, count: int) -> str:
    return _.plural("{n} earlier report about this character", "{n} earlier reports about this character", count)


def _shortened(text: str) -> str:
    return text if len(text) <= FEW else text[:FEW] + "…"

"""Measures and appeals: a moderation measure as the person it concerns reads it, and the one appeal they may make."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts
from domain.mail.measure_letters import happened
from domain.moderation.appeal import AppealState
from domain.moderation.measure import MeasureKind
from domain.moderation.measures import MyMeasure
from domain.moderation.reasons import REASONS
from domain.services.groups import ModerationServices
from domain.text import WORDS_LIMIT
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.labels import labels_to_mend
from ui.widgets.unsaved_text import guard, text_is_saved

UNLESS_WRITING = "[...document.querySelectorAll('textarea')].some(({ value }) => value) || location.reload()"
"""JavaScript for pages with measures: reloads the page, after any notice, unless an appeal being written would be lost.
"""


def measure_card(moderation: ModerationServices, reader: Reader, measure: MyMeasure, title: str = "") -> None:
    """`title` replaces the description of what happened, if the page gives it already."""
    _ = reader._
    with ui.element("section").classes("measure-card"):
        ui.label(title or happened(_, measure.kind.value, measure.character)).classes("what")
        ui.label(_("Reason: {reason}.", reason=_(REASONS[measure.reason])))
        if measure.words:
            ui.label(measure.words).classes("said")
        if measure.field:
            _field(_, measure)
        if measure.kind not in {MeasureKind.WARNING, MeasureKind.TO_MEND}:
            ui.label(_term(reader, measure)).classes("muted")
        _appeal(reader, measure)
        if measure.may_appeal:
            _appeal_form(moderation, reader, measure)


def _field(_: Texts, measure: MyMeasure) -> None:
    with ui.element("p").classes("fault"):
        ui.label(_("Needs fixing: {field}", field=labels_to_mend(_)[measure.field])).classes("field")
        if measure.field_words:
            ui.label(measure.field_words).classes("said")


def _term(reader: Reader, measure: MyMeasure) -> str:
    _ = reader._
    return _("Until {time}.", time=reader.moment(measure.until)) if measure.until else _("Permanent.")


def _appeal(reader: Reader, measure: MyMeasure) -> None:
    _, appeal = reader._, measure.appeal
    if appeal is None:
        return
    if appeal.words:
        ui.label(_("You wrote: {words}", words=appeal.words)).classes("said muted")
    if appeal.is_open:
        ui.label(_("You've already replied. Please wait for the decision.")).props("role=status")
    if appeal.state == AppealState.REFUSED:
        ui.label(_("We looked at it again. The decision stands."))
    if appeal.answer:
        ui.label(appeal.answer).classes("said")


def _appeal_form(moderation: ModerationServices, reader: Reader, measure: MyMeasure) -> None:
    _ = reader._
    is_to_mend = measure.kind == MeasureKind.TO_MEND

    async def appeal() -> None:
        with show_errors(reader, {"words": words}):
            await moderation.appeals.create(reader.must_be_logged_in(), measure.measure_id, words.value or "")
            text_is_saved()
            ui.navigate.reload()

    with ui.element("form").on("submit.prevent", appeal).props("novalidate"):
        label = _("What you changed (optional)") if is_to_mend else _("Why you disagree")
        words = guard(ui.textarea(label).props(f"outlined autogrow counter maxlength={WORDS_LIMIT}"))
        button = _("Fixed, please check") if is_to_mend else _("Appeal")
        ui.button(button).props("unelevated color=primary type=submit").classes("start")

"""Moderation history: a person's or character's measures as a timeline: what, why, how worded, until when, outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from domain.language import Texts
from domain.moderation.appeal import Appeal, AppealState
from domain.moderation.measure import Measure, MeasureKind
from domain.moderation.measures import MeasureView
from domain.moderation.reasons import REASONS
from ui.admin.shell.cells import exactly, numbered
from ui.admin.shell.prompts import ask_why
from ui.request.visitor import Reader
from ui.widgets.labels import labels_to_mend

Lift = Callable[[int, str], Awaitable[None]]
"""Callback that lifts a measure, called with its id and the reason."""


def measure_names(_: Texts) -> dict[MeasureKind, str]:
    return {
        MeasureKind.WARNING: _("warning"),
        MeasureKind.HIDDEN: _("hiding from the gallery"),
        MeasureKind.TO_MEND: _("needs changes"),
        MeasureKind.READ_ONLY: _("read-only"),
        MeasureKind.BLOCKED: _("block"),
    }


def measures_timeline(reader: Reader, seen: Sequence[MeasureView], lift: Lift) -> None:
    """Newest first; measures in force can be lifted here."""
    _ = reader._
    if not seen:
        ui.label(_("No measures yet.")).classes("admin-empty")
    for each in seen:
        with ui.element("article").classes("admin-card" if each.measure.is_in_force else "admin-card over"):
            _measure(reader, each, lift)


def _measure(reader: Reader, seen: MeasureView, lift: Lift) -> None:
    _, measure = reader._, seen.measure
    with ui.element("div").classes("row"):
        is_grave = measure.kind == MeasureKind.BLOCKED and measure.is_in_force
        ui.label(measure_names(_)[measure.kind]).classes("mark bad" if is_grave else "mark")
        ui.label(_(REASONS[measure.reason]))
        if measure.former_id:
            ui.label(_("from deleted account #{n}", n=measure.former_id)).classes("mark warn")
        if measure.character_id:
            ui.link(seen.character or numbered(_, measure.character_id), f"/admin/characters/{measure.character_id}")
        ui.space()
        if measure.is_in_force and measure.kind != MeasureKind.WARNING:
            ui.button(_("Lift"), on_click=lambda: _ask_to_lift(reader, measure, lift)).props("outline")
    ui.label(_when(reader, seen)).classes("muted")
    if measure.words:
        ui.label(measure.words).classes("words")
    if measure.field:
        ui.label(": ".join(filter(None, (labels_to_mend(_)[measure.field], measure.field_words)))).classes("words")
    if measure.note:
        ui.label(_("Note: {note}", note=measure.note)).classes("words muted")
    for appeal in seen.appeals:
        _appeal(reader, appeal)


def _ask_to_lift(reader: Reader, measure: Measure, lift: Lift) -> None:
    _ = reader._

    async def do(why: str) -> None:
        await lift(measure.id, why)

    ask_why(reader, _("Lift this measure?"), _("The user is told right away."), _("Lift"), do)


def _when(reader: Reader, seen: MeasureView) -> str:
    """The admin who took it, the time, its term, and how it ended."""
    _, measure = reader._, seen.measure
    parts = [_("{moment}, {name}", moment=exactly(reader, measure.taken_at), name=seen.taken_by or _("an admin"))]
    if measure.kind not in {MeasureKind.WARNING, MeasureKind.TO_MEND}:
        parts.append(_("until {time}", time=exactly(reader, measure.until)) if measure.until else _("permanently"))
    if measure.lifted_at:
        by = seen.lifted_by or _("expired")
        parts.append(_("lifted {moment}: {name}", moment=exactly(reader, measure.lifted_at), name=by))
    return " · ".join(parts)


def _appeal(reader: Reader, appeal: Appeal) -> None:
    _ = reader._
    states = {
        AppealState.OPEN: _("awaiting a decision"),
        AppealState.GRANTED: _("granted"),
        AppealState.REFUSED: _("rejected"),
        AppealState.OVERTAKEN: _("measure ended before a decision"),
    }
    with ui.element("div").classes("admin-card over"):
        ui.label(_("Appeal, {moment}: {state}", moment=exactly(reader, appeal.created_at), state=states[appeal.state]))
        if appeal.words:
            ui.label(appeal.words).classes("words")
        if appeal.answer:
            ui.label(_("Answer: {answer}", answer=appeal.answer)).classes("words muted")

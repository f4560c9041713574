"""Reports table: a small list of reports about somebody's characters, by somebody, or about one character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.language import Texts
from domain.moderation.reasons import REASONS
from domain.moderation.report_history import PastReport
from domain.moderation.reports import Report, ReportState
from ui.admin.shell.admin_table import AdminRows, Column
from ui.admin.shell.cells import Tone, chip, chips, moment
from ui.request.visitor import Reader

TONES: dict[ReportState, Tone] = {
    ReportState.OPEN: "warn",
    ReportState.POSTPONED: "warn",
    ReportState.UPHELD: "bad",
    ReportState.REJECTED: "",
}


def report_state_names(_: Texts) -> dict[ReportState, str]:
    return {
        ReportState.OPEN: _("open"),
        ReportState.POSTPONED: _("snoozed"),
        ReportState.UPHELD: _("accepted"),
        ReportState.REJECTED: _("rejected"),
    }


def reports_of_person(reader: Reader, reports: Sequence[PastReport]) -> None:
    _ = reader._
    columns = [Column("whose", _("Direction")), Column("character", _("Character")), *_columns(_)]
    rows = [
        {
            "whose": _("about this user") if each.is_about_them else _("by this user"),
            "character": {"text": each.character, "href": f"/admin/characters/{each.report.character_id}"},
            **_row(reader, each.report),
        }
        for each in reports
    ]
    AdminRows(columns, rows, caption=_("Reports"), empty=_("No reports."))


def reports_of_character(reader: Reader, reports: Sequence[Report]) -> None:
    _ = reader._
    AdminRows(_columns(_), [_row(reader, each) for each in reports], caption=_("Reports"), empty=_("No reports."))


def _columns(_: Texts) -> list[Column]:
    return [
        Column("complaint", _("Reason")),
        Column("state", _("Status")),
        Column("at", _("When"), is_number=True),
    ]


def _row(reader: Reader, report: Report) -> dict[str, Any]:
    _ = reader._
    about = _("message") if report.message_id else ""
    return {
        "id": report.id,
        "complaint": {"text": _(REASONS[report.complaint]), "note": " · ".join(filter(None, (about, report.words)))},
        "state": chips(chip(report_state_names(_)[report.state], TONES[report.state])),
        "at": moment(reader, report.created_at),
    }

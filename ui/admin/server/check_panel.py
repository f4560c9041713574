"""Checks on the status page: those of `main.py check`, line by line as the results come in."""

from __future__ import annotations

from nicegui import ui

from domain.checks.checks import ServerChecks
from domain.checks.finding import SUBJECTS, VERDICTS, Finding, Verdict
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.heading import Heading

MARKS = {Verdict.OK: "mark good", Verdict.NOTE: "mark", Verdict.WRONG: "mark bad"}


class CheckPanel:
    def __init__(self, checks: ServerChecks, reader: Reader) -> None:
        self._checks = checks
        self._reader = reader
        _ = reader._
        with ui.element("section").classes("admin-card admin-checks"):
            Heading(_("Check"), level=2)
            ui.label(
                _("Tries the database, the model (one short reply), mail, disk, backups, clock and the public address.")
            ).classes("muted")
            ActionButton(_("Check everything"), self._run).props("outline no-caps").classes("start")
            self._state = ui.label("").classes("admin-said").props("role=status")
            self._found = ui.element("ul").classes("admin-findings")

    async def _run(self) -> None:
        _ = self._reader._
        self._found.clear()
        self._state.set_text(_("Checking…"))
        verdicts: set[Verdict] = set()
        with show_errors(self._reader):
            async for finding in self._checks.run(self._reader.must_be_logged_in()):
                verdicts.add(finding.verdict)
                self._line(finding)
            self._state.set_text(self._sum(verdicts))
            return
        self._state.set_text("")

    def _sum(self, verdicts: set[Verdict]) -> str:
        _ = self._reader._
        if Verdict.WRONG in verdicts:
            return _("Checked: something needs your attention.")
        return _("Checked: it works, with notes.") if Verdict.NOTE in verdicts else _("Checked: all is well.")

    def _line(self, finding: Finding) -> None:
        _ = self._reader._
        with self._found, ui.element("li").classes("admin-finding"):
            ui.label(_(SUBJECTS[finding.subject])).classes("what")
            ui.label(_(VERDICTS[finding.verdict])).classes(MARKS[finding.verdict])
            ui.label(finding.in_words(_)).classes("words")

"""Moderation queue page: reports, the weightiest first, one at a time, decided by buttons or single keys."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.errors import NotAdmin
from domain.moderation.measure import Measure
from domain.moderation.report_case import ReportCase
from domain.moderation.report_queue import LISTED, QueueFilter, ReportQueueChanged
from domain.moderation.reports import ReportFiled
from storage.bus import Event
from ui.admin.moderation.measure_dialog import measure_dialog
from ui.admin.moderation.report_case import case_card
from ui.admin.moderation.report_queue import AdminQueue, Key
from ui.admin.moderation.verdict import ask_decision, ask_postponement
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.admin.shell.who import tabs
from ui.app import App
from ui.request.errors import show_errors
from ui.request.live import follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader

HERE = "/admin/reports"


def register(app: App) -> None:
    @admin_page(app, HERE)
    async def reports(reader: Reader, tab: str = "") -> None:
        which = QueueFilter(tab) if tab in set(QueueFilter) else QueueFilter.OPEN
        async with admin_frame(app, reader, reader._("Reports"), here=HERE):
            await _Queue(app, reader, which).lay_out()


class _Queue:
    """The queue on the left, the chosen case on the right; on a phone one at a time."""

    def __init__(self, app: App, reader: Reader, which: QueueFilter) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._which = which
        self._cases: list[ReportCase] = []
        self._chosen: ReportCase | None = None

    async def lay_out(self) -> None:
        _ = self._reader._
        admin_head(_("Reports"))
        parts = {
            "": _("Open"),
            QueueFilter.MINE.value: _("Mine"),
            QueueFilter.POSTPONED.value: _("Snoozed"),
            QueueFilter.CLOSED.value: _("Closed"),
        }
        tabs(_, HERE, parts, "" if self._which == QueueFilter.OPEN else self._which.value)
        with ui.element("div").classes("queue"):
            self._list = AdminQueue(self._reader)
            self._card = ui.element("article").classes("queue-card").props("aria-live=polite")
        self._older = ui.button(_("Older"), on_click=self._show_older).props("flat no-caps").classes("start")
        self._windows = ui.element("div")
        """Parent of the open windows, which stay when the card changes: other admins work here, too."""
        self._list.on("choose", self._choose)
        self._list.on("action", self._act)
        for kind in (ReportQueueChanged, ReportFiled):
            follow_events_async(self._app.bus, kind, self._follow, about=0)
        look_again_after_gaps(self._app.bus, self._follow)
        await self._refresh()

    async def _follow(self, _fact: Event | None = None) -> None:
        with suppress(NotAdmin):  # their next action will say so
            await self._refresh()

    async def _refresh(self) -> None:
        """Read the queue again. A case that has gone is replaced by the next one."""
        before = [each.report_id for each in self._cases]
        many = max(LISTED, len(self._cases))  # older ones that have been added stay
        self._cases = await self._app.moderation.report_queue.cases(self._caller, self._which, many)
        self._older.set_visibility(self._which == QueueFilter.CLOSED and len(self._cases) == many)
        chosen_id = self._chosen.report_id if self._chosen else None
        same = next((each for each in self._cases if each.report_id == chosen_id), None)
        if same is None and self._cases:
            at = before.index(chosen_id) if chosen_id in before else 0
            same = self._cases[min(at, len(self._cases) - 1)]
        if same != self._chosen or same is None:
            await self._show(same)
        else:
            self._list.show(self._cases, chosen_id)

    async def _show_older(self) -> None:
        with show_errors(self._reader):
            last = self._cases[-1].closed_at
            older = await self._app.moderation.report_queue.cases(self._caller, QueueFilter.CLOSED, before=last)
            self._cases += older
            self._older.set_visibility(len(older) == LISTED)
            self._list.show(self._cases, self._chosen.report_id if self._chosen else None)

    async def _choose(self, event: GenericEventArguments) -> None:
        with show_errors(self._reader):
            wanted = next((each for each in self._cases if each.report_id == int(event.args["id"])), None)
            await self._show(wanted or self._chosen)

    async def _show(self, case: ReportCase | None) -> None:
        _ = self._reader._
        self._chosen = case
        history = (
            await self._app.moderation.report_history.of_character(self._caller, case.character.id) if case else []
        )
        self._list.show(self._cases, case.report_id if case else None)
        self._card.clear()
        with self._card:
            if case is None:
                ui.label(_("Nothing here.")).classes("admin-empty")
                return
            case_card(self._reader, case, history)
            if self._which != QueueFilter.CLOSED:
                self._buttons(case)

    def _buttons(self, case: ReportCase) -> None:
        _ = self._reader._
        with ui.element("div").classes("queue-actions"):
            if not self._is_mine(case):
                name = case.taken_by.display_name if case.taken_by else ""
                self._button(_("Take over from {name}", name=name) if name else _("Assign to me"), "C", "take")
            self._button(_("Accept…"), "A", "uphold", is_main=True)
            self._button(_("Reject…"), "R", "reject")
            self._button(_("Snooze…"), "S", "postpone")
            ui.button(_("Accept without a measure…"), on_click=self._uphold_alone).props("flat no-caps")

    def _button(self, words: str, key: str, name: str, *, is_main: bool = False) -> None:
        button = ui.button(on_click=lambda: self._do(name)).props("no-caps " + ("unelevated" if is_main else "outline"))
        button.props["aria-keyshortcuts"] = key
        with button:
            ui.label(words)
            Key(key)

    def _is_mine(self, case: ReportCase) -> bool:
        return case.taken_by is not None and case.taken_by.id == self._caller.user_id

    async def _act(self, event: GenericEventArguments) -> None:
        await self._do(str(event.args["name"]))

    async def _do(self, name: str) -> None:
        case = self._chosen
        if case is None or self._which == QueueFilter.CLOSED:
            return
        with show_errors(self._reader), self._windows:
            match name:
                case "take":
                    holder = case.taken_by.id if case.taken_by else None
                    await self._app.moderation.report_queue.claim(self._caller, case.report_id, instead_of=holder)
                case "uphold":
                    self._uphold(case)
                case "reject":
                    self._reject(case)
                case "postpone":
                    ask_postponement(self._reader, lambda until: self._postpone(case, until))

    def _uphold(self, case: ReportCase) -> None:
        async def close(measure: Measure) -> None:
            await self._app.moderation.report_queue.uphold(self._caller, case.report_id, measure_id=measure.id)

        measure_dialog(
            self._app,
            self._reader,
            case.author,
            case.character,
            reason=case.complaint,
            report_id=case.report_id,
            then=close,
        )

    def _uphold_alone(self) -> None:
        _, case = self._reader._, self._chosen
        if case is None:
            return
        queue, report_id = self._app.moderation.report_queue, case.report_id
        with self._windows:
            ask_decision(
                self._reader,
                _("Accept without a measure?"),
                _("For things already settled. Whoever reported it will be told that they were right."),
                button=_("Accept"),
                close=lambda answer: queue.uphold(self._caller, report_id, answer),
            )

    def _reject(self, case: ReportCase) -> None:
        _ = self._reader._
        ask_decision(
            self._reader,
            _("Reject this report?"),
            _("Nothing happens to the character. Whoever reported it will be told that no violation was found."),
            button=_("Reject"),
            close=lambda answer: self._app.moderation.report_queue.reject(self._caller, case.report_id, answer),
        )

    async def _postpone(self, case: ReportCase, until: datetime) -> None:
        await self._app.moderation.report_queue.postpone(self._caller, case.report_id, until)

"""Person page for admins: the account, its usage, and what was done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from nicegui import ui

from domain.admin.details import PersonDetail
from ui.admin.directory.characters_list import characters_list
from ui.admin.directory.dialogs_list import dialogs_list
from ui.admin.directory.people_list import state_chips
from ui.admin.directory.staff_notes import Notes
from ui.admin.moderation.audit_list import audit_list
from ui.admin.moderation.measure_dialog import measure_dialog
from ui.admin.moderation.measures_timeline import measures_timeline
from ui.admin.moderation.reports_table import reports_of_person
from ui.admin.shell.cells import chip, numbered, trial_words
from ui.admin.shell.frame import admin_frame
from ui.admin.shell.guard import admin_page
from ui.admin.shell.prompts import ask_quota, ask_why
from ui.admin.shell.summary import facts, last_days, sessions
from ui.admin.shell.who import detail_header, tabs
from ui.app import App
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.picture_urls import person_picture

Tab = Callable[[], Awaitable[None]]


def register(app: App) -> None:
    @admin_page(app, "/admin/users/{user_id:id}")
    async def person(reader: Reader, user_id: int, tab: str = "") -> None:
        zone = ZoneInfo(reader.preferences.zone)
        detail = await app.admin.details.person(reader.must_be_logged_in(), user_id, zone)
        async with admin_frame(app, reader, detail.user.display_name, here="/admin/users"):
            await _Person(app, reader, detail).lay_out(tab)


class _Person:
    def __init__(self, app: App, reader: Reader, detail: PersonDetail) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._detail = detail
        self._user = detail.user

    async def lay_out(self, tab: str) -> None:
        _, user = self._reader._, self._user
        names = " · ".join(filter(None, (user.email, user.username and f"@{user.username}", numbered(_, user.id))))
        trial = [chip(trial_words(_))] if user.is_trial else []
        chips = trial + state_chips(_, self._detail.state, is_admin=user.is_admin)
        with detail_header(user.display_name, names, person_picture(user, "small"), chips):
            ui.button(_("Quota"), on_click=self._ask_quota).props("outline")
            ui.button(_("End sessions"), on_click=self._ask_to_end).props("outline")
            measure = ui.button(_("Measure…"), on_click=lambda: measure_dialog(self._app, self._reader, user))
            measure.props("outline color=negative").classes("apart")
        shown: dict[str, tuple[str, Tab]] = {
            "": (_("Summary"), self._summary),
            "characters": (_("Characters"), self._characters),
            "dialogs": (_("Conversations"), self._dialogs),
            "measures": (_("Measures"), self._measures),
            "reports": (_("Reports"), self._reports),
            "notes": (_("Notes"), self._notes),
            "journal": (_("Audit log"), self._journal),
        }
        tab = tab if tab in shown else ""
        tabs(_, f"/admin/users/{user.id}", {key: name for key, (name, _show) in shown.items()}, tab)
        await shown[tab][1]()

    async def _summary(self) -> None:
        budget = await self._app.admin.quotas.of(self._caller, self._user.id)
        facts(self._reader, self._detail, budget)
        last_days(self._reader, self._detail.days)
        sessions(self._reader, self._user, self._detail.sessions)

    async def _characters(self) -> None:
        characters_list(self._reader, fixed={"author": self._user.id})

    async def _dialogs(self) -> None:
        dialogs_list(self._reader, fixed={"person": self._user.id})

    async def _measures(self) -> None:
        measures_timeline(
            self._reader, await self._app.moderation.measures.of_person(self._caller, self._user.id), self._lift
        )

    async def _reports(self) -> None:
        reports_of_person(
            self._reader, await self._app.moderation.report_history.of_person(self._caller, self._user.id)
        )

    async def _notes(self) -> None:
        await Notes(self._app.admin, self._reader, self._user.id).lay_out()

    async def _journal(self) -> None:
        audit_list(self._reader, fixed={"person": self._user.id})

    async def _lift(self, measure_id: int, why: str) -> None:
        await self._app.moderation.measures.lift(self._caller, measure_id, why)
        ui.navigate.reload()

    def _ask_to_end(self) -> None:
        _ = self._reader._

        async def end(why: str) -> None:
            places = await self._app.admin.details.end_sessions(self._caller, self._user.id, why)
            notify(_.plural("Logged out of {n} session.", "Logged out of {n} sessions.", places))

        explanation = _(
            "{name} will be logged out everywhere right away and can log in again.", name=self._user.display_name
        )
        ask_why(self._reader, _("End the sessions?"), explanation, _("End sessions"), end)

    def _ask_quota(self) -> None:
        async def change(tokens: int | None, why: str) -> None:
            await self._app.admin.quotas.change(self._caller, self._user.id, tokens, why)
            ui.navigate.reload()

        ask_quota(self._reader, self._user, self._app.settings.daily_tokens, change)

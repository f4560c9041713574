"""Server status page: how the server is doing."""

from __future__ import annotations

from datetime import datetime

from nicegui import ui

from domain.admin.server_status import HealthReport, ModelFaults
from domain.backup.records import BackupHealth
from domain.chat.replies.reply_end import UNEXPECTED
from domain.language import N_, Texts
from domain.llm.faults import sentence_for_admins
from ui.admin.server.check_panel import CheckPanel
from ui.admin.shell.cells import ago, exactly
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.admin.shell.summary import fact
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.icons import REFRESH

KILO = 1024
UNITS = (N_("B"), N_("KB"), N_("MB"), N_("GB"), N_("TB"))


def register(app: App) -> None:
    @admin_page(app, "/admin/state")
    async def state(reader: Reader) -> None:
        _, caller = reader._, reader.must_be_logged_in()

        async def renew() -> None:
            with show_errors(reader):
                found = await app.admin.server_status.now(caller)
                parts.clear()
                with parts:
                    _lay_out(reader, found)

        async with admin_frame(app, reader, _("Status"), here="/admin/state"):
            with admin_head(_("Status")):
                ui.button(_("Refresh"), icon=REFRESH, on_click=renew).props("outline")
            parts = ui.element("div").classes("admin-parts")
            await renew()
            CheckPanel(app.admin.server_checks, reader)


def _lay_out(reader: Reader, state: HealthReport) -> None:
    _, database, model, letters, disk = reader._, state.database, state.model, state.letters, state.disk
    _part(_("Server"), {_("Version"): state.version, _("Up since"): _both(reader, state.up_since)})
    _part(
        _("Database"),
        {
            _("Kind"): {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(database.dialect, database.dialect),
            _("Revision"): database.revision,
            _("Size"): size(_, database.size),
            _("Response time"): _("{n} ms", n=_.number(database.answered_in)),
        },
    )
    share = round(100 * model.failed / model.replies) if model.replies else 0
    lately = _("{failed} of {replies} ({share}%)", failed=model.failed, replies=model.replies, share=share)
    _part(
        _("Model"),
        {
            _("Name"): _("demo mode") if model.is_demo else model.name,
            _("Slots in use"): _("{busy} of {places}", busy=model.busy, places=model.places),
            _("Replies waiting for a slot"): _.number(model.waiting),
            _("Failed in the last hour"): lately if model.replies else _("no requests"),
        },
    )
    if model.faults:
        _model_faults(reader, model.faults)
    oldest = _both(reader, letters.oldest_at) if letters.oldest_at else "—"
    _part(
        _("Emails"),
        {
            _("Queued"): _.number(letters.waiting),
            _("Not accepted yet"): _.number(letters.failing),
            _("Oldest from"): oldest,
        },
    )
    _backups(reader, state.backup)
    _part(_("Disk"), {_("Free"): _("{free} of {size}", free=size(_, disk.free), size=size(_, disk.size))})
    if state.bucket_answers is not None:
        gone = _("doesn't answer: photos are missing, new ones are refused")
        _part(_("Pictures"), {_("Bucket"): _("answers") if state.bucket_answers else gone})


def _backups(reader: Reader, last: BackupHealth | None) -> None:
    """Marked red if the last backup is late, or a check found damage."""
    _ = reader._
    with ui.element("section").classes("admin-card"):
        Heading(_("Backups"), level=2)
        if last is None:
            ui.label(_("None has been made with main.py backup.")).classes("muted")
            return
        if last.is_late:
            ui.label(_("The last one is more than 26 hours old.")).classes("mark bad start")
        if last.is_sound is False:
            ui.label(_("The last check found damage.")).classes("mark bad start")
        checked = _both(reader, last.checked_at) if last.checked_at else _("never")
        with ui.element("dl").classes("admin-facts"):
            fact(_("Last made"), _both(reader, last.made_at))
            fact(_("Size"), size(_, last.size) if last.size else "")
            fact(_("Last checked"), checked)


def _model_faults(reader: Reader, faults: list[ModelFaults]) -> None:
    _ = reader._
    with ui.element("section").classes("admin-card"):
        Heading(_("Model faults of the last 24 hours"), level=2)
        with ui.element("dl").classes("admin-facts"):
            for each in faults:
                why = _("Something broke on our side; the log has the cause.")
                words = why if each.code == UNEXPECTED else _(sentence_for_admins(each.code))
                fact(_both(reader, each.last_at), _("{fault} Replies: {n}.", fault=words, n=_.number(each.count)))


def _part(title: str, facts: dict[str, str]) -> None:
    with ui.element("section").classes("admin-card"):
        Heading(title, level=2)
        with ui.element("dl").classes("admin-facts"):
            for name, value in facts.items():
                fact(name, value)


def size(_: Texts, count: float) -> str:
    """«1,4 GB», in the largest unit that keeps the number above one."""
    unit = 0
    while count >= KILO and unit < len(UNITS) - 1:
        count, unit = count / KILO, unit + 1
    return f"{_.number(round(count, 1 if unit else 0))}\N{NO-BREAK SPACE}{_(UNITS[unit])}"


def _both(reader: Reader, at: datetime) -> str:
    return f"{exactly(reader, at)} ({ago(reader, at)})"

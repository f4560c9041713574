"""Appeals page: people's appeals against measures, oldest first, each to be granted or refused with a few words."""

from __future__ import annotations

from contextlib import suppress

from nicegui import ui

from domain.errors import NotAdmin
from domain.moderation.appeals import AppealsChanged, AppealView
from domain.moderation.measure import MeasureKind
from domain.moderation.reasons import REASONS
from domain.text import WORDS_LIMIT
from ui.admin.moderation.measures_timeline import measure_names
from ui.admin.shell.cells import exactly
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.errors import show_errors
from ui.request.live import follow_events_async, look_again_after_gaps
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.labels import labels_to_mend

HERE = "/admin/appeals"


def register(app: App) -> None:
    @admin_page(app, HERE)
    async def appeals(reader: Reader) -> None:
        waiting = await app.moderation.appeals.waiting(reader.must_be_logged_in())
        async with admin_frame(app, reader, reader._("Appeals"), here=HERE):
            admin_head(reader._("Appeals"))
            _Appeals(app, reader, waiting)


class _Appeals:
    def __init__(self, app: App, reader: Reader, waiting: list[AppealView]) -> None:
        self._app = app
        self._reader = reader
        _ = reader._
        self._more = ui.element("p").classes("admin-said").props("role=status")
        with self._more:
            ui.label(_("Something has changed."))
            ui.button(_("Show"), on_click=ui.navigate.reload).props("flat dense no-caps")
        self._more.set_visibility(False)
        self._nothing = ui.label(_("No appeals waiting.")).classes("admin-empty")
        self._shown = {seen.appeal.id for seen in waiting}
        self._nothing.set_visibility(not waiting)
        for seen in waiting:
            self._card(seen)
        follow_events_async(app.bus, AppealsChanged, self._look_again, about=0)
        look_again_after_gaps(app.bus, self._look_again)

    async def _look_again(self, _fact: AppealsChanged | None = None) -> None:
        """Nothing moves on the page meanwhile: the admin may be writing an answer."""
        with suppress(NotAdmin):  # their next action will say so
            waiting = await self._app.moderation.appeals.waiting(self._reader.must_be_logged_in())
            self._more.set_visibility({seen.appeal.id for seen in waiting} != self._shown)
            self._nothing.set_visibility(not waiting and not self._shown)

    def _card(self, seen: AppealView) -> None:
        _, measure = self._reader._, seen.measure
        with ui.element("article").classes("admin-card") as card:
            with ui.element("div").classes("row"):
                ui.link(seen.person.display_name, f"/admin/users/{seen.person.id}?tab=measures")
                ui.label(exactly(self._reader, seen.appeal.created_at)).classes("muted")
                if seen.character:
                    ui.link(seen.character, f"/admin/characters/{measure.character_id}?tab=card")
            ui.label(measure_names(_)[measure.kind]).classes("what")
            taken = _("{moment}, {name}", moment=exactly(self._reader, measure.taken_at), name=seen.taken_by or "—")
            ui.label(f"{_(REASONS[measure.reason])} · {taken}").classes("muted")
            if measure.words:
                ui.label(measure.words).classes("words muted")
            if measure.field:
                ui.label(f"{labels_to_mend(_)[measure.field]}: {measure.field_words}").classes("words muted")
            is_mended = measure.kind == MeasureKind.TO_MEND
            ui.label(_("“Fixed, please check”") if is_mended else _("Their reply")).classes("muted")
            if seen.appeal.words:
                ui.label(seen.appeal.words).classes("queue-excerpt").props("tabindex=0")
            if seen.may_be_answered:
                self._form(seen, card)
            else:
                ui.label(_("You took this measure. Another admin has to decide.")).classes("muted")

    def _form(self, seen: AppealView, card: ui.element) -> None:
        _ = self._reader._
        words = ui.textarea(_("Reply to the user")).props(f"outlined autogrow maxlength={WORDS_LIMIT}")

        async def answer(*, granted: bool) -> None:
            with show_errors(self._reader, {"answer": words}):
                caller = self._reader.must_be_logged_in()
                await self._app.moderation.appeals.answer(
                    caller, seen.appeal.id, granted=granted, answer=words.value or ""
                )
                self._shown.discard(seen.appeal.id)
                card.delete()
                notify(_("Done. The user will be told."))

        with ui.element("div").classes("row"):
            ActionButton(_("Accept and lift"), lambda: answer(granted=True)).props("unelevated no-caps")
            ActionButton(_("Reject"), lambda: answer(granted=False)).props("outline no-caps")

"""Account banner: above every page of a logged-in person: that they may only read for now, and unseen notices."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from nicegui import ui

from domain.accounts.notices import NoticeKind, Notification, NotificationPosted
from domain.accounts.sessions import check_may_write
from domain.errors import Blocked, ReadOnly, SignedOut
from domain.model.user import User
from domain.moderation.measure import MeasureImposed, MeasureKind, MeasureLifted
from domain.services.groups import ModerationServices
from storage.bus import Event
from ui.app import App
from ui.request.errors import sentence, show_errors
from ui.request.live import follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader
from ui.widgets.notice_text import notification_text

NEWEST = 20
"""Number of the newest notices that are searched for unseen ones."""


class AccountBanner:
    """Two lines, each shown only when there is something to say; `badge` shows how many notices are unseen."""

    def __init__(self, app: App, reader: Reader, badge: ui.label) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._badge = badge
        self._place = ui.element("aside").classes("standing")
        self._place.props["aria-label"] = reader._("About your account")
        with self._place:
            with ui.element("p").classes("standing-line silence").props("role=status") as self._silence:
                self._silence_words = ui.label()
                ui.link(reader._("Why"), "/notices")
            self._news = ui.element("div").classes("standing-line news")
        self._news.set_visibility(False)
        self._show_silence(read_only_sentence(reader, reader.must_be_somebody()))
        for kind in (MeasureImposed, MeasureLifted):
            follow_events_async(app.bus, kind, self._look_at_measures, about=self._caller.user_id)
        follow_events_async(app.bus, NotificationPosted, self._look_at_news, about=self._caller.user_id)
        self._shown: tuple[int, list[int]] = 0, []
        ui.context.client.on_connect(self.look)
        look_again_after_gaps(app.bus, self._look_at_everything)

    async def look(self) -> None:
        """Show what is unseen: before the page is sent, so that nothing is pushed down later, and at each connection,
        since news may have come meanwhile.
        """
        with suppress(SignedOut, Blocked):  # the page is about to close
            await self._look_at_news()

    async def _look_at_everything(self) -> None:
        await self._look_at_measures()
        await self._look_at_news()

    async def _look_at_measures(self, _fact: Event | None = None) -> None:
        self._show_silence(await read_only_reason(self._app.moderation, self._reader))

    async def _look_at_news(self, _fact: NotificationPosted | None = None) -> None:
        count = await self._app.accounts.notifications.unseen_count(self._caller)
        self._badge.text = self._reader._.number(count)
        self._badge.set_visibility(count > 0)
        unseen = []
        if count:
            newest = await self._app.accounts.notifications.list_own(self._caller, NEWEST)
            unseen = [each for each in newest if each.seen_at is None and not self._is_said(each)]
        self._show_news(unseen, count)

    def _is_said(self, notice: Notification) -> bool:
        """Whether the line above says it already, which stays."""
        is_silence = notice.kind == NoticeKind.MEASURE and notice.data["kind"] == MeasureKind.READ_ONLY
        return is_silence and bool(self._silence_words.text)

    def _show_silence(self, words: str) -> None:
        self._silence_words.text = words
        self._silence.set_visibility(bool(words))

    def _show_news(self, unseen: list[Notification], count: int) -> None:
        _ = self._reader._
        shown = count, [each.id for each in unseen]
        if shown == self._shown:
            return  # else a screen reader would announce it again
        self._shown = shown
        self._news.clear()
        self._news.set_visibility(bool(unseen))
        if not unseen:
            return
        told = notification_text(self._reader, unseen[0])
        with self._news:
            with ui.element("p").props("role=status"):
                ui.label(" ".join(filter(None, (told.title, told.details))))
                more = (
                    _.plural("Read this and {n} more", "Read this and {n} more", count - 1) if count > 1 else _("Read")
                )
                ui.link(more, "/notices")
            away = ui.button("✕", on_click=lambda: self._put_away(unseen), color=None).props("flat dense round")
            away.props["aria-label"] = _("Dismiss")

    async def _put_away(self, unseen: list[Notification]) -> None:
        with show_errors(self._reader):
            await self._app.accounts.notifications.seen(self._caller, [each.id for each in unseen])
            await self._look_at_news()


def read_only_sentence(reader: Reader, person: User) -> str:
    """«You may only read here until …», or ""."""
    try:
        check_may_write(person)
    except ReadOnly as error:
        return sentence(reader, error)
    return ""


async def read_only_reason(moderation: ModerationServices, reader: Reader) -> str:
    """The sentence of `read_only_sentence`, read from the measures in force."""
    for measure in await moderation.measures.in_force_on_caller(reader.must_be_logged_in()):
        if measure.kind == MeasureKind.READ_ONLY:
            return _silent(reader, measure.until)
    return ""


def _silent(reader: Reader, until: datetime | None) -> str:
    return sentence(reader, ReadOnly(until))

"""Transcript page: first the reason, which is logged and told to the person, then the bubbles as they see them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.admin.dialogs import DialogRow
from domain.audit.dialog_access import READABLE_FOR, AccessGrant, ReadingReason
from domain.chat.history_page import Conversation
from domain.chat.tree.events import BranchChanged, MessageMarked, MessageSent, ReplyChunk, ReplyEnded
from domain.chat.tree.siblings import SiblingPosition
from domain.clock import now
from domain.errors import NotAllowed
from domain.model.dialog import State
from ui.admin.directory.remembered import remembered
from ui.admin.directory.transcript import TranscriptLog, feed_address, reading_banner, transcript_bubbles, with_whom
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.chat.chat_log import log_labels
from ui.request.errors import show_errors
from ui.request.http import SomeId
from ui.request.live import follow_events, follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader
from ui.widgets.choice_field import ChoiceField
from ui.widgets.notice_text import reading_reasons


def register(app: App) -> None:
    @admin_page(app, "/admin/dialogs/{dialog_id:id}")
    async def dialog(reader: Reader, dialog_id: int, through: SomeId = None) -> None:
        caller = reader.must_be_logged_in()
        talk = await app.admin.dialogs.get(caller, dialog_id)
        opening = await app.audit.dialog_access.opened(caller, dialog_id)
        title = with_whom(talk.person, talk.character)
        if opening and through:
            await app.audit.dialog_access.refresh(caller, dialog_id, [through])
        async with admin_frame(app, reader, title, here="/admin/dialogs"):
            if opening:
                await _Reading(app, reader, talk, opening, through).lay_out()
            else:
                admin_head(title)
                _reason(app, reader, talk)


def _reason(app: App, reader: Reader, talk: DialogRow) -> None:
    """The form for the reason; the page holds no message yet."""
    _ = reader._
    reasons = {each.value: words for each, words in reading_reasons(_).items() if each != ReadingReason.PROGRAM}

    async def open_it() -> None:
        with show_errors(reader, {"reason": reason, "why": why}):
            if not reason.value:
                reason.error = _("Please pick one from the list.")
                return
            chosen = ReadingReason(reason.value)
            await app.audit.dialog_access.open(reader.must_be_logged_in(), talk.id, chosen, why.value or "")
            ui.navigate.reload()

    with ui.element("form").on("submit.prevent", open_it).props("novalidate").classes("admin-form"):
        told = _("The user will be told that it was read, and why.") if app.settings.tell_when_read else ""
        ui.label(" ".join(filter(None, (_("First say why you need to read it. It goes into the audit log."), told))))
        reason = ChoiceField(reasons, label=_("Why")).props("autofocus")
        why = ui.textarea(_("In your own words, for the audit log")).props("outlined autogrow maxlength=2000")
        ui.button(_("Open conversation")).props("unelevated color=primary type=submit no-caps").classes("start")


class _Reading:
    """An open transcript. Replies grow here under the access granted; once it expires, a reason is needed again."""

    def __init__(self, app: App, reader: Reader, talk: DialogRow, opening: AccessGrant, through: int | None) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._talk = talk
        self._ends_at = opening.opened_at + READABLE_FOR
        self._through = through
        self._running: set[int] = set()
        """Ids of the running replies that this page may stream: each was read under the access granted."""

    async def lay_out(self) -> None:
        _, talk = self._reader._, self._talk
        with admin_head(with_whom(talk.person, talk.character)):
            ui.link(_("User"), f"/admin/users/{talk.user_id}").classes("button quiet")
            ui.link(_("Character"), f"/admin/characters/{talk.character_id}").classes("button quiet")
        reading_banner(self._reader, talk.person, self._reader.moment(self._ends_at))
        remembered(self._reader, await self._app.audit.dialog_access.memory(self._caller, talk.id))
        with ui.element("div").classes("reading-log"):
            self._log = TranscriptLog(feed_address(talk.id, self._through), log_labels(_))
        self._log.on("act", self._act)
        await self._note_running()
        follow_events_async(self._app.bus, MessageSent, self._show_sent, about=talk.id)
        follow_events_async(self._app.bus, BranchChanged, self._show_path, about=talk.id)
        follow_events(self._app.bus, MessageMarked, lambda _fact: self._log.refresh(), about=talk.id)
        follow_events(self._app.bus, ReplyChunk, self._show_growth, about=talk.id)
        follow_events_async(self._app.bus, ReplyEnded, self._show_end, about=talk.id)
        look_again_after_gaps(self._app.bus, self._look_again)
        ui.timer((self._ends_at - now()).total_seconds(), ui.navigate.reload, once=True, immediate=False)

    async def _note_running(self) -> None:
        conversation = await self._app.audit.dialog_access.conversation(
            self._caller, self._talk.id, through=self._through
        )
        self._running = {each.id for each in conversation.messages if each.state == State.RUNNING}

    async def _look_again(self) -> None:
        with suppress(NotAllowed):
            await self._note_running()
            self._log.refresh()

    async def _act(self, event: GenericEventArguments) -> None:
        """Switch to the previous or next branch, on this page only."""
        message_id = int(event.args["id"])
        step = {"previous": -1, "next": 1}.get(str(event.args["action"]))
        if step is None:
            return
        with show_errors(self._reader):
            seen = await self._app.audit.dialog_access.refresh(self._caller, self._talk.id, [message_id])
            beside = seen.siblings.get(message_id, SiblingPosition())
            chosen = beside.before if step < 0 else beside.after
            if chosen is not None:
                self._through = chosen
                await self._note_running()
                self._log.turn(feed_address(self._talk.id, self._through), self._through)

    async def _show_sent(self, fact: MessageSent) -> None:
        if self._through is not None:
            return  # it belongs to the branch that the person reads, not to the one shown here
        ids = {fact.reply_id} if fact.message_id is None else {fact.message_id, fact.reply_id}
        if shown := await self._bubbles(ids):
            self._log.append(shown)
            self._running.add(fact.reply_id)

    async def _show_path(self, fact: BranchChanged) -> None:
        if self._through is None:
            with suppress(NotAllowed):
                await self._note_running()
                self._log.reload(fact.anchor_id)

    def _show_growth(self, fact: ReplyChunk) -> None:
        if fact.reply_id in self._running:
            self._log.grow(fact.reply_id, fact.so_far)

    async def _show_end(self, fact: ReplyEnded) -> None:
        if fact.reply_id in self._running:
            self._running.discard(fact.reply_id)
            for shown in await self._bubbles({fact.reply_id}):
                self._log.finish(shown)

    async def _bubbles(self, ids: set[int]) -> list[dict[str, Any]]:
        with show_errors(self._reader):  # access may have expired, or the reader is no longer an admin
            conversation: Conversation = await self._app.audit.dialog_access.refresh(self._caller, self._talk.id, ids)
            return transcript_bubbles(self._reader, conversation)
        return []

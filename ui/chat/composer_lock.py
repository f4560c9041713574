"""Composer lock: closes an open conversation's composer once its person may only read or its character is blocked."""

from __future__ import annotations

from nicegui import ui

from domain.chat.history_page import Conversation
from domain.moderation.measure import AvailabilityChanged, MeasureImposed, MeasureLifted
from storage.bus import Event
from ui.app import App
from ui.chat.composer import Composer
from ui.request.live import follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader
from ui.shell.account_banner import read_only_reason, read_only_sentence


class ComposerLock:
    """Replaces the composer by a sentence. Once writing is allowed again, the page is reloaded."""

    def __init__(self, app: App, reader: Reader, conversation: Conversation, composer: Composer) -> None:
        self._app = app
        self._reader = reader
        self._dialog_id = conversation.dialog.id
        self._character = conversation.character
        self._composer = composer
        self._is_closed = False
        self._show(may_go_on=conversation.may_go_on, silence=read_only_sentence(reader, reader.must_be_somebody()))
        caller = reader.must_be_logged_in()
        for kind in (MeasureImposed, MeasureLifted):
            follow_events_async(app.bus, kind, self._look_again, about=caller.user_id)
        follow_events_async(app.bus, AvailabilityChanged, self._look_again, about=conversation.character.id)
        look_again_after_gaps(app.bus, self._look_again)

    async def _look_again(self, _fact: Event | None = None) -> None:
        caller = self._reader.must_be_logged_in()
        conversation = await self._app.chat.chat.refresh(caller, self._dialog_id, set())
        self._show(may_go_on=conversation.may_go_on, silence=await read_only_reason(self._app.moderation, self._reader))

    def _show(self, *, may_go_on: bool, silence: str) -> None:
        if not self._character.is_for(self._reader.user):
            silence = self._reader._("Characters marked 18+ are off for you. You can still read the chat.")
        elif not may_go_on:
            silence = self._reader._("This character is gone. You can still read the chat.")
        if silence:
            self._composer.close(silence)
        elif self._is_closed:
            ui.navigate.reload()
        self._is_closed = bool(silence)

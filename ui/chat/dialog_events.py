"""Dialog events: what happens in a dialog, shown on an open page of it: messages, growing replies, their ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from domain.chat.chat import Sent
from domain.chat.history_page import Conversation
from domain.chat.tree.events import (
    BranchChanged,
    Delay,
    MessageMarked,
    MessageSent,
    ReplyChunk,
    ReplyDelayed,
    ReplyEnded,
    ReplyQueued,
    ReplyTakenBack,
)
from domain.language import N_
from ui.app import App
from ui.chat.bubbles import bubbles
from ui.chat.chat_log import ChatLog
from ui.chat.composer import Composer
from ui.request.live import follow_events, follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader

DELAYS = {Delay.LOADING: N_("The model is being loaded…"), Delay.THINKING: N_("Thinking…")}
A_BLINK = 0.01
"""Seconds before a new message is shown, unless its reply begins sooner. Reading and rendering it take the event loop a
millisecond or two, which nobody notices, but which would delay the request to the model.
"""


@dataclass
class NotYetShown:
    """State of a new reply whose bubble is not in the log yet."""

    so_far: str = ""
    note: str = ""
    begins: asyncio.Event = field(default_factory=asyncio.Event)


class DialogEvents:
    """Subscribes for as long as the page is open."""

    def __init__(self, app: App, reader: Reader, conversation: Conversation, log: ChatLog, composer: Composer) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._dialog_id = conversation.dialog.id
        self._log = log
        self._composer = composer
        self._in_order = asyncio.Lock()  # a short reply may end before its beginning has been read
        self._own: set[int] = set()
        """Ids of replies requested on this page, which shows them without waiting for `MessageSent`."""
        self._not_yet_shown: dict[int, NotYetShown] = {}
        self._subscribe()
        if conversation.is_replying:
            composer.replying(True)

    def _subscribe(self) -> None:
        bus, dialog_id = self._app.bus, self._dialog_id
        follow_events_async(bus, MessageSent, self._show_sent, about=dialog_id)
        follow_events_async(bus, BranchChanged, self._show_path, about=dialog_id)
        follow_events_async(bus, MessageMarked, self._show_marks, about=dialog_id)
        follow_events(bus, ReplyQueued, self._show_queue, about=dialog_id)
        follow_events(bus, ReplyDelayed, self._show_delay, about=dialog_id)
        follow_events_async(bus, ReplyTakenBack, self._show_taken_back, about=dialog_id)
        follow_events(bus, ReplyChunk, self._show_growth, about=dialog_id)
        follow_events_async(bus, ReplyEnded, self._show_end, about=dialog_id)
        look_again_after_gaps(bus, self._look_again)

    async def show_own(self, sent: Sent) -> None:
        """Show what this page has sent, as it was stored: nothing is read for it, and the model is asked first."""
        self._own.add(sent.reply_id)

        async def known() -> list[dict[str, Any]]:
            return bubbles(self._reader, sent.shown())

        await self._append(sent.reply_id, known, own=True)

    async def _show_sent(self, fact: MessageSent) -> None:
        if fact.reply_id in self._own:
            self._own.discard(fact.reply_id)
            return
        ids = {fact.reply_id} if fact.message_id is None else {fact.message_id, fact.reply_id}
        await self._append(fact.reply_id, partial(self._bubbles, ids))

    async def _append(
        self, reply_id: int, read: Callable[[], Awaitable[list[dict[str, Any]]]], *, own: bool = False
    ) -> None:
        new = self._not_yet_shown[reply_id] = NotYetShown()
        try:
            async with self._in_order:
                with suppress(TimeoutError):
                    async with asyncio.timeout(A_BLINK):
                        await new.begins.wait()
                shown_anew = await read()
                self._composer.replying(True)  # first, so that the reply can be stopped as soon as it is seen
                self._log.append(shown_anew, (reply_id, new.so_far) if new.so_far else None, own=own)
        finally:
            self._not_yet_shown.pop(reply_id, None)
        if new.note:
            self._log.note(reply_id, new.note)

    async def _show_path(self, fact: BranchChanged) -> None:
        if fact.replying:
            self._composer.replying(True)
        self._log.reload(fact.anchor_id)

    async def _show_marks(self, fact: MessageMarked) -> None:
        if fact.changes_prompt:
            self._log.refresh()
            return
        for shown in await self._bubbles({fact.message_id}):
            self._log.renew(shown)

    def _show_queue(self, fact: ReplyQueued) -> None:
        _ = self._reader._
        words = _.plural("{n} reply ahead of yours", "{n} replies ahead of yours", fact.ahead)
        self._note(fact.reply_id, words)

    def _show_delay(self, fact: ReplyDelayed) -> None:
        self._note(fact.reply_id, self._reader._(DELAYS[fact.why]))

    def _note(self, reply_id: int, words: str) -> None:
        if new := self._not_yet_shown.get(reply_id):  # the queue is announced before the bubble is shown
            new.note = words
        else:
            self._log.note(reply_id, words)

    async def _show_taken_back(self, fact: ReplyTakenBack) -> None:
        async with self._in_order:
            for shown in await self._bubbles({fact.reply_id}):
                self._log.begin_anew(shown)

    def _show_growth(self, fact: ReplyChunk) -> None:
        if new := self._not_yet_shown.get(fact.reply_id):
            new.so_far = fact.so_far
            new.begins.set()
        else:
            self._log.grow(fact.reply_id, fact.so_far)

    async def _show_end(self, fact: ReplyEnded) -> None:
        async with self._in_order:
            for shown in await self._bubbles({fact.reply_id}):
                self._log.finish(shown)
            self._composer.replying(False)

    async def _look_again(self) -> None:
        async with self._in_order:
            conversation = await self._app.chat.chat.look(self._caller, self._dialog_id)
            self._composer.replying(conversation.is_replying)
            self._log.refresh()

    async def _bubbles(self, ids: set[int]) -> list[dict[str, Any]]:
        return bubbles(self._reader, await self._app.chat.chat.refresh(self._caller, self._dialog_id, ids))

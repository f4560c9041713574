"""Chat memory: the bar and the panel on an open page of a dialog. It passes the person's actions to the domain, and
shows changes made anywhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.accounts.sessions import Caller
from domain.chat.tree.events import BranchChanged, MessageMarked, ReplyEnded
from domain.memory.events import MemoryChanged
from ui.app import App
from ui.chat.memory.memory_bar import MemoryBarLine
from ui.chat.memory.memory_panel import MemoryPanel
from ui.request.errors import refusal_of, sentence, show_errors
from ui.request.live import follow_events, look_again_after_gaps
from ui.request.visitor import Reader

Act = Callable[[int, str, bool], Awaitable[object]]


class ChatMemory:
    """`expected` tells whether the bar will have something to say."""

    def __init__(self, app: App, reader: Reader, dialog_id: int, *, expected: bool) -> None:
        self._app = app
        self._reader = reader
        self._dialog_id = dialog_id
        self._client = ui.context.client
        self._acts = known_acts(app, reader.must_be_logged_in(), dialog_id)
        self._bar = MemoryBarLine(f"/feed/dialogs/{dialog_id}/memory/bar", reader._, expected=expected)
        self._bar.on("open", self.open)
        self._panel: MemoryPanel | None = None
        self._subscribe()

    def open(self) -> None:
        """Open the panel. Most visits never do, so the page gets the panel and its script only now."""
        if self._panel is not None:
            self._panel.open()
            return
        with self._client.content:
            self._panel = MemoryPanel(f"/feed/dialogs/{self._dialog_id}", self._reader._)
        self._panel.on("act", self._act)

    def _subscribe(self) -> None:
        for kind in (MemoryChanged, BranchChanged, MessageMarked, ReplyEnded):
            follow_events(self._app.bus, kind, lambda _fact: self._look(), about=self._dialog_id)
        look_again_after_gaps(self._app.bus, self._look_again)

    def _look(self) -> None:
        self._bar.look()
        if self._panel is not None:
            self._panel.look()

    async def _look_again(self) -> None:
        self._look()

    async def _act(self, event: GenericEventArguments) -> None:
        asked = event.args
        act = self._acts.get(str(asked["name"]))
        if act is None or self._panel is None:
            return
        with show_errors(self._reader):  # redirects people who are logged out or blocked
            refusal = await refusal_of(act(int(asked["id"]), str(asked["text"]), bool(asked["here"])))
            self._panel.answer(str(asked["key"]), sentence(self._reader, refusal) if refusal else "")
            self._bar.look()  # a new prompt length publishes no event


def known_acts(app: App, caller: Caller, dialog_id: int) -> dict[str, Act]:
    """The actions on memory, by the names that the panel uses. Each gets an id, a text, and whether it applies to this
    branch only.
    """
    memory, choice = app.chat.memory, app.chat.model_choice
    return {
        "pin": lambda _id, text, here: memory.pin_words(caller, dialog_id, text, here_only=here),
        "pin-message": lambda message_id, _text, _here: memory.pin_message(caller, dialog_id, message_id),
        "unpin": lambda pin_id, _text, _here: memory.unpin(caller, dialog_id, pin_id),
        "pin-fact": lambda fact_id, _text, _here: memory.pin_fact(caller, dialog_id, fact_id),
        "unpin-fact": lambda fact_id, _text, _here: memory.pin_fact(caller, dialog_id, fact_id, pinned=False),
        "correct": lambda fact_id, text, _here: memory.edit_fact(caller, dialog_id, fact_id, text),
        "forget": lambda fact_id, _text, _here: memory.forget_fact(caller, dialog_id, fact_id),
        "know-again": lambda fact_id, _text, _here: memory.undo_forget(caller, dialog_id, fact_id),
        "rewrite": lambda chapter_id, text, _here: memory.edit_chapter(caller, dialog_id, chapter_id, text),
        "retell": lambda chapter_id, _text, _here: memory.retell_chapter(caller, dialog_id, chapter_id),
        "read": lambda _id, _text, _here: memory.read_backlog(caller, dialog_id),
        "on": lambda _id, _text, _here: memory.switch(caller, dialog_id, on=True),
        "off": lambda _id, _text, _here: memory.switch(caller, dialog_id, on=False),
        "size": lambda tokens, _text, _here: choice.choose_prompt_tokens(caller, dialog_id, tokens or None),
        "forget-all": lambda _id, _text, _here: memory.forget_everything(caller, dialog_id),
    }

"""Backdrop: the character's picture behind the chat, so pale that all text in front of it is readable."""

from __future__ import annotations

from nicegui import ui

from domain.chat.history_page import Conversation
from ui.account.appearance import backgrounds_switch
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.picture import picture


class Backdrop:
    """Lies behind the whole page of the chat; people who switch it off see none in any chat."""

    def __init__(self, app: App, reader: Reader, conversation: Conversation) -> None:
        self._app = app
        self._reader = reader
        self._page = ui.context.client.content
        self._picture = picture(f"/pictures/{conversation.background_token}/background.webp").classes("chat-backdrop")
        self._picture.props("loading=lazy decoding=async")  # not even fetched where CSS hides it
        self._show(is_shown=conversation.reader.shows_backgrounds)

    def switch(self) -> None:
        """The switch for the panel beside the conversation."""
        words = self._reader._("Background")
        backgrounds_switch(self._app, self._reader, words, follow=lambda shows: self._show(is_shown=shows))

    def _show(self, *, is_shown: bool) -> None:
        self._picture.set_visibility(is_shown)
        self._page.classes(**{"add" if is_shown else "remove": "backed"})

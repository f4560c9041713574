"""Key help (component): the keys of the chat page, in a small window."""

from __future__ import annotations

from nicegui import ui

from domain.language import Texts


class KeyHelp(ui.element, component="key_help.js"):
    """Opens by itself on «?», outside of what is being written, and on Ctrl+/."""

    def __init__(self, _: Texts) -> None:
        super().__init__()
        self._props["title"] = _("Keyboard shortcuts")
        self._props["close"] = _("Close")
        self._props["keys"] = [
            ["Enter", _("send")],
            ["Shift+Enter", _("new line")],
            ["Esc", _("stop the reply, cancel, close")],
            ["↑", _("edit my last message")],
            ["← →", _("previous, next version of the reply")],
            ["Ctrl+Enter", _("another reply; while editing: save")],
            ["Alt+Enter", _("continue the reply")],
            ["Ctrl+K", _("search in chats")],
            ["Ctrl+/  ?", _("this help")],
        ]

"""The pages, one file each. A page loads, lays out and connects; rules are the domain's."""

from __future__ import annotations

from ui.app import App
from ui.pages import character, chat, chats, editor, gallery, log_in, sign_up


def register(app: App) -> None:
    """Give every page its address."""
    gallery.register(app)
    sign_up.register(app)
    log_in.register(app)
    editor.register(app)
    character.register(app)
    chat.register(app)
    chats.register(app)

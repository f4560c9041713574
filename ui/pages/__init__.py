"""Pages: one file each. A page loads, lays out and connects; rules are the domain's."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, register_url_convertor

from ui.app import App
from ui.pages import admin, blocked, character, chat, chats, editor, gallery, log_in, notices, profile, sign_up


class Id(IntegerConvertor):
    """An id in a path: Starlette's own converter takes thousands of digits, which Python then refuses to parse."""

    regex = "[0-9]{1,10}"


def register(app: App) -> None:
    """Register every page at its address."""
    register_url_convertor("id", Id())
    gallery.register(app)
    sign_up.register(app)
    log_in.register(app)
    editor.register(app)
    character.register(app)
    chat.register(app)
    chats.register(app)
    profile.register(app)
    notices.register(app)
    blocked.register(app)
    admin.register(app)

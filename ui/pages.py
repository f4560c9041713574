"""Pages: one file each. A page loads, lays out and connects; rules are the domain's."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, register_url_convertor

from ui.account import blocked_page, farewell_page, notices_page, profile_page
from ui.account.sign_in import first_admin_page, log_in_page, sign_up_page, welcome_page
from ui.admin import pages as admin_pages
from ui.app import App
from ui.books import worlds_page
from ui.chat import chat_page
from ui.chat.dialogs import deleted_page, dialogs_page
from ui.editor import editor_page
from ui.gallery import begin_page, character_page, gallery_page
from ui.site import site_page


class Id(IntegerConvertor):
    """An id in a path: Starlette's own converter takes thousands of digits, which Python then refuses to parse."""

    regex = "[0-9]{1,10}"


def register(app: App) -> None:
    """Register every page at its address."""
    register_url_convertor("id", Id())
    gallery_page.register(app)
    sign_up_page.register(app)
    log_in_page.register(app)
    editor_page.register(app)
    worlds_page.register(app)
    character_page.register(app)
    begin_page.register(app)
    chat_page.register(app)
    dialogs_page.register(app)
    deleted_page.register(app)
    profile_page.register(app)
    welcome_page.register(app)
    notices_page.register(app)
    blocked_page.register(app)
    first_admin_page.register(app)
    site_page.register(app)
    farewell_page.register(app)
    admin_pages.register(app)

"""Page layout: what surrounds every page: title, theme, header with the log-in link or the account's menu."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, cast

from fastapi import Response
from nicegui import ui
from nicegui.language import Language

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionEnded
from domain.errors import Blocked, SignedOut
from domain.moderation.measure import MeasureImposed
from ui.app import App
from ui.request.assets import asset
from ui.request.errors import report_unexpected
from ui.request.live import follow_events, follow_events_async, look_again_after_gaps
from ui.request.notice import notify
from ui.request.visitor import BLOCKED_PAGE, Reader, door, preferences
from ui.shell.account_banner import AccountBanner
from ui.shell.account_menu import account_menu
from ui.shell.announcements import Announcements
from ui.shell.below_path import below_path_script
from ui.shell.connection_line import ConnectionLine
from ui.shell.fonts import font_links
from ui.shell.footer import ALWAYS_OPEN, footer_html
from ui.shell.head_scripts import head_scripts
from ui.shell.opening import opening_html
from ui.shell.page_errors import BUILT_WITHIN, with_error_page
from ui.shell.theme import head_html
from ui.widgets.icons import PLUS
from ui.widgets.picture import picture

QUASAR_LANGUAGES = {"ru": "ru", "en": "en-US"}
DARK = {"auto": None, "light": False, "dark": True}


class page(ui.page):  # noqa: N801 - stands in for ui.page, and reads like it
    """`ui.page` in the reader's language and theme from the first byte on; its refusals are shown in our words."""

    def __init__(self, path: str) -> None:
        super().__init__(path, response_timeout=BUILT_WITHIN + 5)  # our timeout ends first, and says what went wrong

    def resolve_language(self) -> Language | None:
        return cast("Language", QUASAR_LANGUAGES[preferences.get().language])

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return super().__call__(with_error_page(_with_news(func)))

    def resolve_dark(self) -> bool | None:
        return DARK[preferences.get().theme]


def _with_news(build: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Wrap the page so that its banner has looked at the database before it is sent."""

    @wraps(build)
    async def built(*args: Any, **kwargs: Any) -> Any:
        answer = await build(*args, **kwargs)
        banner: AccountBanner | None = getattr(ui.context.client.request.state, "account_banner", None)
        if banner and not isinstance(answer, Response):
            await banner.look()
        return answer

    return built


@contextmanager
def frame(app: App, reader: Reader, title: str, bar: Callable[[], None] | None = None) -> Iterator[None]:
    """Lay out a page with the header; `bar` fills its middle, which on small screens replaces the brand."""
    _ = reader._
    ui.page_title(page_title(reader, title))
    appearance = head_html(reader.preferences.theme, reader.preferences.text_size)
    below_path = below_path_script(_, ui.context.client.request.url.path)
    ui.add_head_html(below_path + font_links(_.language) + appearance + head_scripts(_))
    ui.add_body_html(opening_html(_))
    ui.on_exception(lambda error: notify(report_unexpected(_, error), kind="negative"))
    if reader.caller:
        _close_with(app, reader.caller)
    with ui.header().classes("frame-header"):
        ui.link(_("Skip to content"), "#content").classes("skip-link")
        with ui.link(target="/").classes("brand brand-gives-way" if bar else "brand"):
            picture(asset("icons/logo.svg")).classes("brand-mark")
            ui.label(_("Beseda")).classes("brand-name")
        if bar:
            bar()
        else:
            _places(reader)
        ui.space()
        if bar:
            _places(reader, is_narrow=True)
        badge = _account(reader, is_narrow=bar is not None)
    _banners(app, reader, badge)
    if bar is None:
        with ui.context.client.page_container:  # outside of the page, which is the document's `main`
            ui.html(footer_html(_), sanitize=False, tag="footer").classes("frame-footer")
    yield


def page_title(reader: Reader, title: str) -> str:
    return f"{title} · {reader._('Beseda')}"


@contextmanager
def sheet(app: App, reader: Reader, title: str) -> Iterator[None]:
    """A page that is one narrow column: a form, or a short text."""
    with frame(app, reader, title), ui.element("div").classes("sheet").props("id=content"):
        yield


def _close_with(app: App, caller: Caller) -> None:
    """Take the page away when its session ends or its person is blocked, unless it is already leaving: after a log-in,
    or to log out.

    After the end of a session the same address is loaded anew, as strangers see it. A page for people with an account
    then asks to log in, and leads back to where they were.
    """
    client = ui.context.client

    def load_anew() -> None:
        client.run_javascript("if (!window.leaving) location.reload()")

    def show_the_measure() -> None:
        stays_at = json.dumps([BLOCKED_PAGE, *ALWAYS_OPEN])
        elsewhere = f"!{stays_at}.includes(location.pathname)"
        client.run_javascript(f"if (!window.leaving && {elsewhere}) location.href = {json.dumps(BLOCKED_PAGE)}")

    async def look_again() -> None:
        # The event may have been published while the socket was down, or in another process.
        try:
            await app.accounts.sessions.check(caller)
        except SignedOut:
            load_anew()
        except Blocked:
            show_the_measure()

    async def look_at_measures(_fact: MeasureImposed) -> None:
        await look_again()

    follow_events(app.bus, SessionEnded, lambda _fact: load_anew(), about=caller.session_id)
    follow_events_async(app.bus, MeasureImposed, look_at_measures, about=caller.user_id)
    client.on_connect(look_again)
    look_again_after_gaps(app.bus, look_again)


def _banners(app: App, reader: Reader, badge: ui.label) -> None:
    """Above the page's content and outside of its paddings, so that nothing is pushed half out of any page."""
    around = ui.context.client.content.parent_slot
    assert around  # noqa: S101 - NiceGUI's own layout
    with around:
        line = ConnectionLine(reader)  # not one of the banners, so that it stays in sight when scrolled
    with around, ui.element("div").classes("frame-banners") as banners:
        Announcements(app, reader)
        if reader.account and not reader.account.is_blocked:
            ui.context.client.request.state.account_banner = AccountBanner(app, reader, badge)
    banners.move(target_index=0)
    line.move(target_index=0)


def _places(reader: Reader, *, is_narrow: bool = False) -> None:
    """The two places that people who are logged in go back and forth between."""
    if reader.account is None or reader.account.is_blocked:
        return
    _ = reader._
    here = ui.context.client.page.path
    with ui.element("nav").classes("header-places places-give-way" if is_narrow else "header-places") as places:
        for address, name in (("/", _("Gallery")), ("/chat", _("Chats"))):
            link = ui.link(name, address).classes("header-link")
            if address == here:
                link.props("aria-current=page")
    places.props["aria-label"] = _("Main pages")


def _account(reader: Reader, *, is_narrow: bool) -> ui.label:
    """The links to log in and sign up, or to make a character; then the menu. Returns its badge for news."""
    _ = reader._
    if reader.account is None:
        then = ui.context.client.request.url.path if reader.user else "/"
        # Beside the character's name a phone has room for one of the two links; the other is one tap behind it.
        ui.link(_("Log in"), door("/log-in", then)).classes("header-link wide-only" if is_narrow else "header-link")
        ui.link(_("Sign up"), door("/sign-up", then)).classes("header-link accent")
    elif not reader.account.is_blocked and not is_narrow:
        with ui.link(target="/characters/new").classes("header-link header-new wide-only"):
            ui.icon(PLUS)
            ui.label(_("New character")).classes("header-new-words")
    return account_menu(reader)

"""Page layout: what surrounds every page: title, theme, header with the log-in link or the account's menu."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from nicegui import ui
from nicegui.language import Language

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionEnded
from domain.errors import Blocked, SignedOut
from domain.language import LANGUAGES, Texts
from domain.moderation.measure import MeasureImposed
from ui.app import App
from ui.request.assets import asset
from ui.request.errors import report_unexpected
from ui.request.live import follow_events, follow_events_async
from ui.request.notice import notify
from ui.request.visitor import BLOCKED_PAGE, THEMES, Reader, preferences
from ui.shell.account_banner import AccountBanner
from ui.shell.announcements import Announcements
from ui.shell.page_errors import BUILT_WITHIN, with_error_page
from ui.shell.theme import head_html
from ui.widgets.icons import TUNE
from ui.widgets.picture import picture
from ui.widgets.picture_urls import person_picture

QUASAR_LANGUAGES = {"ru": "ru", "en": "en-US"}
LANGUAGE_NAMES = {"ru": "Русский", "en": "English"}
ZONE_SCRIPT = (
    "<script>try{document.cookie='beseda_zone='+encodeURIComponent("
    "Intl.DateTimeFormat().resolvedOptions().timeZone)+';path=/;max-age=31536000;samesite=lax'}catch(e){}</script>"
)
"""Only the browser knows the reader's time zone; it is known from the second page on."""
ORDER_SCRIPT = """<script>(() => {
  let isDone = false
  Object.defineProperty(window, "did_handshake", {
    get: () => isDone || window.socket?.io.opts.query.implicit_handshake === true,
    set: (value) => { isDone = value },
  })
})()</script>"""
"""Events from before the socket connects must arrive in order: the typed text, then the button. The framework holds
each back with its own timer, and whichever fires first is sent. With this script it hands them to the socket at once,
which keeps them in order; not in a prefetched page, where the socket has to send the handshake first.
"""
TYPED_SCRIPT = """<script>(() => {
  let line
  const isTyped = ({ id, listener_id: listener }) => mounted_app.elements[id]?.events
    .some((each) => each.listener_id === listener && each.type.startsWith("update:"))
  Object.defineProperty(window, "socket", {
    get: () => line,
    set(socket) {
      line = socket
      const emit = socket.emit
      socket.emit = function (name, event, ...more) {
        const [, before] = this.connected || name !== "event" ? [] : this.sendBuffer.at(-1)?.data ?? []
        if (before?.listener_id === event.listener_id && isTyped(event)) this.sendBuffer.pop()
        return emit.call(this, name, event, ...more)
      }
    },
  })
})()</script>"""
"""While the socket is down it buffers events, and a field sends its whole text at every key: only the last of those is
kept, or a paragraph typed in a tunnel would arrive as hundreds at once, faster than the rate limit allows.
"""
ONCE_SCRIPT = """<script>addEventListener("click", (event) => {
  if (event.detail < 2 || !event.target.closest("[type=submit], [data-once]")) return
  event.preventDefault()
  event.stopPropagation()
}, true)</script>"""
"""A double click means one click: no second letter, no second copy, no stop of what the first click started."""
DARK = {"auto": None, "light": False, "dark": True}


class page(ui.page):  # noqa: N801 - stands in for ui.page, and reads like it
    """`ui.page` in the reader's language and theme from the first byte on; its refusals are shown in our words."""

    def __init__(self, path: str) -> None:
        super().__init__(path, response_timeout=BUILT_WITHIN + 5)  # ours ends first, and says what went wrong

    def resolve_language(self) -> Language | None:
        return cast("Language", QUASAR_LANGUAGES[preferences.get().language])

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return super().__call__(with_error_page(func))

    def resolve_dark(self) -> bool | None:
        return DARK[preferences.get().theme]


@contextmanager
def frame(app: App, reader: Reader, title: str, bar: Callable[[], None] | None = None) -> Iterator[None]:
    """Lay out a page with the header; `bar` fills its middle, which on small screens replaces the brand."""
    _ = reader._
    ui.page_title(f"{title} · {_('Beseda')}")
    ui.add_head_html(head_html(reader.preferences.theme) + ZONE_SCRIPT + ORDER_SCRIPT + TYPED_SCRIPT + ONCE_SCRIPT)
    ui.on_exception(lambda error: notify(report_unexpected(_, error), kind="negative"))
    if reader.caller:
        _close_with(app, reader.caller)
    ui.link(_("Skip to the content"), "#content").classes("skip-link")
    with ui.header().classes("frame-header"):
        with ui.link(target="/").classes("brand brand-gives-way" if bar else "brand"):
            picture(asset("icons/logo.svg")).classes("brand-mark")
            ui.label(_("Beseda"))
        if bar:
            bar()
        ui.space()
        badge = _account(reader)
    Announcements(app, reader)
    if reader.user and not reader.user.is_blocked:
        AccountBanner(app, reader, badge)
    yield


@contextmanager
def sheet(app: App, reader: Reader, title: str) -> Iterator[None]:
    """A page that is one narrow column: a form, or a short text."""
    with frame(app, reader, title), ui.element("div").classes("sheet").props("id=content"):
        yield


def _close_with(app: App, caller: Caller) -> None:
    """Leave the page when its session ends or its person is blocked, unless it is already leaving: after a log-in, or
    to log out.
    """
    client = ui.context.client

    def leave(address: str) -> None:
        is_there = f"location.pathname === {json.dumps(BLOCKED_PAGE)}" if address == BLOCKED_PAGE else "false"
        client.run_javascript(f"if (!window.leaving && !({is_there})) location.href = {json.dumps(address)}")

    async def look_again() -> None:
        # The event may have come while the socket was down, or been published in another process.
        try:
            await app.accounts.sessions.check(caller)
        except SignedOut:
            leave("/")
        except Blocked:
            leave(BLOCKED_PAGE)

    async def look_at_measures(_fact: MeasureImposed) -> None:
        await look_again()

    follow_events(app.bus, SessionEnded, lambda _fact: leave("/"), about=caller.session_id)
    follow_events_async(app.bus, MeasureImposed, look_at_measures, about=caller.user_id)
    client.on_connect(look_again)


def _account(reader: Reader) -> ui.label:
    """The log-in link, or the menu; returns its badge for news, hidden at first."""
    _ = reader._
    if reader.user is None:
        ui.link(_("Log in"), "/log-in").classes("header-link")
        ui.link(_("Sign up"), "/sign-up").classes("header-link accent")
    elif not reader.user.is_blocked:
        ui.link(_("New character"), "/characters/new").classes("header-link wide-only")
    button = ui.button(icon=None if reader.user else TUNE).props("flat round dense")
    button.props["aria-label"] = _("Menu")
    button.props["aria-haspopup"] = "menu"
    with button:
        if reader.user:
            picture(person_picture(reader.user, "face")).classes("menu-avatar")
        badge = ui.label().classes("menu-badge")
        badge.set_visibility(False)
        menu = ui.menu().props("auto-close no-parent-event")

    def open_menu() -> None:
        if not menu.default_slot.children:  # a third of the page's elements, and most visits never need them
            with menu:
                _menu(reader)
        menu.open()

    button.on_click(open_menu)
    return badge


def _menu(reader: Reader) -> None:
    _ = reader._
    if reader.user and not reader.user.is_blocked:
        ui.label(reader.user.display_name).classes("menu-head")
        ui.menu_item(_("My chats"), lambda: ui.navigate.to("/chat"))
        ui.menu_item(_("My characters"), lambda: ui.navigate.to("/?tab=mine"))
        ui.menu_item(_("New character"), lambda: ui.navigate.to("/characters/new"))
        ui.menu_item(_("Notices"), lambda: ui.navigate.to("/notices"))
        ui.menu_item(_("Profile"), lambda: ui.navigate.to("/profile"))
        if reader.user.is_admin:
            ui.menu_item(_("Administration"), lambda: ui.navigate.to("/admin"))
        ui.separator()
    _preferences(reader)
    if reader.user:
        ui.separator()
        ui.menu_item(_("Log out"), lambda: post("/leave", {}, then="/"))


def _preferences(reader: Reader) -> None:
    theme_words = theme_names(reader._)
    for theme in THEMES:
        mark = "✓ " if theme == reader.preferences.theme else ""
        ui.menu_item(f"{mark}{theme_words[theme]}", lambda theme=theme: post("/preferences", {"theme": theme}))
    ui.separator()
    for language in LANGUAGES:
        mark = "✓ " if language == reader.preferences.language else ""
        ui.menu_item(
            f"{mark}{LANGUAGE_NAMES[language]}", lambda language=language: post("/preferences", {"language": language})
        )


def theme_names(_: Texts) -> dict[str, str]:
    return {"auto": _("Theme: same as the system"), "light": _("Theme: light"), "dark": _("Theme: dark")}


def post(address: str, body: dict[str, str], *, then: str = "") -> None:
    """Have the browser post to one of our session routes, then go to `then` (default: reload the page)."""
    onward = f"location.href = {json.dumps(then)}" if then else "location.reload()"
    stay = "window.leaving = false"  # the server did not answer
    ui.run_javascript(
        f"window.leaving = true; {_posting(address, body)}.then(() => {{ {onward} }}, () => {{ {stay} }})"
    )


def keep_preference(name: str, value: str) -> None:
    """Have the browser post a choice that takes effect without a reload."""
    ui.run_javascript(_posting("/preferences", {name: value}))


def _posting(address: str, body: dict[str, str]) -> str:
    return (
        f"fetch({json.dumps(address)}, {{method: 'POST', headers: {{'Content-Type': 'application/json'}},"
        f" body: {json.dumps(json.dumps(body))}}})"
    )


def exchange_ticket(ticket: str, then: str) -> None:
    """After a log-in: the browser exchanges its ticket for the session cookie and goes on to `then`."""
    post("/enter", {"ticket": ticket}, then=then)

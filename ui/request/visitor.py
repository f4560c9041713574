"""Session and preferences of a request: who is behind the cookie, and how they read (language, theme, time zone)."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, unquote, urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, cookie_parser

from domain.accounts.sessions import Caller, check_not_blocked
from domain.accounts.sessions_list import Visitor, device_name
from domain.clock import now
from domain.errors import SignedOut
from domain.language import LANGUAGES, Texts, best_language
from domain.model.user import TEXT_SIZES, THEMES, User
from domain.settings.settings import Settings
from ui.app import App

LANGUAGE_COOKIE = "beseda_language"
THEME_COOKIE = "beseda_theme"
TEXT_SIZE_COOKIE = "beseda_text_size"
ZONE_COOKIE = "beseda_zone"
BLOCKED_PAGE = "/blocked"
DEFAULT_ZONE = "Europe/Moscow"
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


@dataclass(frozen=True)
class Preferences:
    """Language, theme, size of text and time zone, from cookies and headers alone: known before the database is
    asked. A log-in sets the cookies to what the account has (ui/account/sign_in/session_routes.py).
    """

    language: str
    theme: str
    zone: str
    text_size: str = "normal"


preferences: ContextVar[Preferences] = ContextVar("preferences")
"""Preferences of the current request, set by ui/request/middleware.py: NiceGUI's page class gets them no other way."""


def read_preferences(headers: Headers) -> Preferences:
    cookies = cookie_parser(headers.get("cookie", ""))
    language = cookies.get(LANGUAGE_COOKIE, "")
    theme, text_size = cookies.get(THEME_COOKIE, ""), cookies.get(TEXT_SIZE_COOKIE, "")
    return Preferences(
        language=language if language in LANGUAGES else best_language(headers.get("accept-language", "")),
        theme=theme if theme in THEMES else "auto",
        zone=_known_zone(unquote(cookies.get(ZONE_COOKIE, ""))),
        text_size=text_size if text_size in TEXT_SIZES else "normal",
    )


@dataclass(frozen=True)
class Reader:
    """Somebody looking at a page, logged in or not. `_` translates into their language."""

    preferences: Preferences
    _: Texts
    caller: Caller | None = None
    user: User | None = None
    ip: str = ""
    """IP address, for rate limits (domain/rate_limits.py)."""
    trial: Visitor | None = None
    """Set instead of `caller` and `user` for somebody who talks before signing up (domain/trials.py): a stranger on
    every page but that of their conversation.
    """

    @property
    def account(self) -> User | None:
        """The user, if they have signed up."""
        return None if self.trial else self.user

    def on_trial(self) -> Reader:
        """The reader for pages where a trial may act: its temporary account stands for the person."""
        return replace(self, caller=self.trial.caller, user=self.trial.user) if self.trial else self

    def must_be_logged_in(self) -> Caller:
        if self.caller is None:
            raise SignedOut("Please log in.")
        return self.caller

    def must_be_somebody(self) -> User:
        if self.user is None:
            raise SignedOut("Please log in.")
        return self.user

    def moment(self, moment: datetime) -> str:
        """«12:40» today, «Вчера, 21:40» before, in the reader's own time zone."""
        zone, today = self.preferences.zone, now()
        time = self._.time(moment, zone)
        day = self._.day(moment, today, zone)
        return time if day == self._("Today") else f"{day}, {time}"


def session_cookie(settings: Settings) -> str:
    """The cookie's name; under https its prefix makes browsers refuse it over plain http or for other hosts."""
    return "__Host-beseda" if settings.is_secure else "beseda"


async def reader_of(app: App, request: HTTPConnection) -> Reader:
    """The reader behind a request. Raises `Blocked`: pages redirect that person to `/blocked` (ui/shell/frame.py)."""
    reader = await reader_even_blocked(app, request)
    if reader.user:
        check_not_blocked(reader.user)
    return reader


async def reader_even_blocked(app: App, request: HTTPConnection) -> Reader:
    """The reader behind a request to one of the few addresses that even a blocked person may use."""
    read = read_preferences(request.headers)
    cookie = request.cookies.get(session_cookie(app.settings), "")
    visitor = await app.accounts.sessions.authenticate(cookie)
    if visitor is None:
        return Reader(read, Texts(read.language), ip=client_ip(request))
    app.known_people.note(cookie, visitor.caller.user_id)
    request.state.person = visitor.user.id
    if visitor.user.is_trial:
        return Reader(read, Texts(read.language), ip=client_ip(request), trial=visitor)
    return Reader(read, Texts(read.language), visitor.caller, visitor.user, client_ip(request))


def browser_cookie(*, is_secure: bool) -> str:
    """The name of the cookie with the browser's own mark (domain/accounts/known_browsers.py,
    domain/accounts/mailed_links.py).
    """
    return "__Host-beseda_browser" if is_secure else "beseda_browser"


def browser_of(request: HTTPConnection) -> str:
    """The mark of a browser on one of the log-in pages; ui/request/middleware.py sets it."""
    return str(getattr(request.state, "browser", ""))


def person_of(request: HTTPConnection) -> int | None:
    """The id of the person whom a page was built for, set by `reader_of`: the key of its socket's rate limit."""
    person: int | None = getattr(request.state, "person", None)
    return person


def client_ip(connection: HTTPConnection) -> str:
    """The client's IP address, for rate limits. IPv6 by its /64: a household, or an attacker, owns all of that.

    An IPv6 address that embeds one of IPv4 counts as that one, or all of IPv4 would share a single /64.
    """
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    return str(_carried(address) or IPv6Network((int(address), 64), strict=False))


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address embedded in one of IPv6: mapped, translated (NAT64) or tunnelled (6to4, Teredo)."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def device_of(request: HTTPConnection) -> str:
    """The common name of the browser and its system."""
    return device_name(request.headers.get("user-agent", ""))


def log_in_address(back_to: str) -> str:
    return door("/log-in", back_to)


def door(page: str, then: str, **told: str) -> str:
    """The address of one of the pages that lead in, going on to `then` afterwards, whatever other page comes between.

    Every link from one of these pages to another is made by this.
    """
    query = {**told, **({"next": then} if then != "/" else {})}
    return f"{page}?{urlencode(query, safe='/@', quote_via=quote)}" if query else page


def safe_redirect(address: str) -> str:
    """The address, if it is a path of ours; else the gallery: no open redirect to another site."""
    is_ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_ours and address.isprintable() else "/"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name or DEFAULT_ZONE)
    except (LookupError, ValueError, OSError):  # OSError: it names a folder, or is too long
        return DEFAULT_ZONE
    return name or DEFAULT_ZONE

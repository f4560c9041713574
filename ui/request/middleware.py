"""Middleware: what every request passes, NiceGUI's websocket too: CSRF origin check, preferences, security headers."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Collection, Hashable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.accounts.known_browsers import KNOWN_FOR
from domain.addresses.origin import origin_of
from domain.addresses.private_hosts import is_private
from domain.token_buckets import LINES_ABOUT_PROXIES, TokenBuckets
from storage.fair_queue import acting_for
from ui.request.http import API, NOT_KEPT, SAFE_METHODS, SOCKET
from ui.request.visitor import browser_cookie, preferences, read_preferences

log = logging.getLogger(__name__)

CONTENT_SECURITY = "; ".join(  # noqa: FLY002 - one line each, with its reason
    (
        "default-src 'self'",
        # Vue compiles templates in the browser, and NiceGUI starts its pages by an inline script.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LINK_PAGES = ("/sign-up/", "/log-in/", "/profile/email/", "/first-admin/")
"""Path prefixes of links in letters and in the log. The rest of the path opens an account, so no other site and no
cache may learn it.
"""
LINK_PAGE_HEADERS = {"Referrer-Policy": "no-referrer", **NOT_KEPT}
OTHER_SITES = {"cross-site", "same-site"}
"""Values of Sec-Fetch-Site in requests that no page of ours has made. A sibling subdomain (same-site) is not us."""
FORWARDED = (b"x-forwarded-", b"forwarded")
"""Prefixes of headers that proxies set and anybody can forge. uvicorn, in front of us, has already used those of
TRUSTED_PROXIES; the framework would trust anybody's (it loads its scripts from X-Forwarded-Prefix).
"""
QUOTE = b'"'
"""Sign of a quoted cookie, which none of ours is. Python before 3.11.10 and 3.12.6 parses backslashes in one in
quadratic time (CVE-2024-7592), so such cookies are dropped before anything parses them.
"""
WAYS_IN = ("/sign-up", "/log-in")
"""Path prefixes of pages that set the browser's mark (ui/request/visitor.py), well before anybody logs in on one."""
MARK = re.compile(r"[\w-]{43}", re.ASCII)
"""Format of the marks we set: 256 bits in base64url."""
MARK_LIFE = int(KNOWN_FOR.total_seconds())
NOT_OURS = (
    "A page at %.200s may not talk to this server, whose address is %s (the Host it was asked by: %.200s). If people "
    "come by that address, set PUBLIC_URL to it; a proxy has to pass Host on (README, Behind a proxy)"
)
BELOW_A_PATH = (
    "A proxy serves Beseda below %.200s, where its pages do not work: it needs a (sub)domain of its own (README, "
    "Behind a proxy)"
)
STRANGERS_LOOK_ALIKE = (
    "A proxy at %.200s tells whom it asks for, and is not believed: all its visitors share one address, and so one "
    "rate limit. If it is yours, set TRUSTED_PROXIES to its address (README, Behind a proxy)"
)


class SecurityMiddleware:
    """Refuses what pages of other sites send (CSRF), and puts the security headers on every response. Our own address
    comes from the settings only, never from a header.

    `public_address` is our own, for servers behind a proxy, where the Host header may differ. `welcome` are the origins
    of other sites whose pages may use the JSON API. `acting_key` says in whose name a request waits; `rates` bound how
    often the log tells of a proxy that is set up wrongly; `trusts_proxies` says that the settings name some.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_address: str,
        welcome: Collection[str],
        acting_key: Callable[[HTTPConnection], Hashable],
        rates: TokenBuckets,
        trusts_proxies: bool,
    ) -> None:
        self._app = app
        self._acting_key = acting_key
        self._rates = rates
        self._may_warn_of_proxy = not trusts_proxies
        self._public_origin = origin_of(public_address)
        self._is_secure = public_address.startswith("https://")
        self._welcome = frozenset(welcome)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._look_at_proxy(scope)
        scope["headers"] = [_plain(*header) for header in scope["headers"] if not header[0].startswith(FORWARDED)]
        headers = Headers(scope=scope)
        if self._is_foreign(scope, headers):
            self._warn(NOT_OURS, headers.get("origin", "another site"), self._public_origin, headers.get("host", ""))
            await _refuse(scope, receive, send)
            return
        preferences.set(read_preferences(headers))
        acting_for.set(self._acting_key(HTTPConnection(scope)))
        mark = self._mark(scope, headers)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if scope["path"].startswith(LINK_PAGES):
                    answer.update(LINK_PAGE_HEADERS)
                if mark:
                    answer.append("Set-Cookie", mark)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                if self._is_secure:
                    answer.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _look_at_proxy(self, scope: Scope) -> None:
        """Log a warning if the proxy in front of us is misconfigured."""
        headers = Headers(scope=scope)
        if prefix := headers.get("x-forwarded-prefix", "").rstrip("/"):
            self._warn(BELOW_A_PATH, prefix)
        if self._may_warn_of_proxy and "x-forwarded-for" in headers and is_private(_peer(scope)):
            self._may_warn_of_proxy = False  # once is enough: every request of the proxy has the header
            log.warning(STRANGERS_LOOK_ALIKE, _peer(scope))

    def _warn(self, words: str, *values: str) -> None:
        if self._rates.take(LINES_ABOUT_PROXIES):
            log.warning(words, *values)

    def _mark(self, scope: Scope, headers: Headers) -> str:
        """Store the browser's mark in the request, a new one if it had none; returns the cookie that keeps it."""
        if scope["type"] != "http" or not scope["path"].startswith(WAYS_IN):
            return ""
        name = browser_cookie(is_secure=self._is_secure)
        sent = cookie_parser(headers.get("cookie", "")).get(name, "")
        mark = sent if MARK.fullmatch(sent) else secrets.token_urlsafe(32)
        scope.setdefault("state", {})["browser"] = mark
        secure = "; Secure" if self._is_secure else ""
        return f"{name}={mark}; Path=/; Max-Age={MARK_LIFE}; HttpOnly; SameSite=Lax{secure}"

    def _is_foreign(self, scope: Scope, headers: Headers) -> bool:
        """Whether a page of another site asks for more than reading. Programs send no origin."""
        reads_only = scope["type"] == "http" and scope["method"] in SAFE_METHODS
        if reads_only and not scope["path"].startswith(SOCKET):
            return False
        origin = headers.get("origin")
        if origin in self._welcome and scope["path"].startswith(API):
            return False
        if origin is None:
            return headers.get("sec-fetch-site") in OTHER_SITES
        # If our address is https, a page loaded by plain http may have been forged by anybody on the network.
        schemes = ("https",) if self._is_secure else ("https", "http")
        return origin not in {self._public_origin, *_origins_of(headers.get("host", ""), schemes)}


def _peer(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _plain(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """The header; a Cookie header without quoted cookies."""
    if name == b"cookie" and QUOTE in value:
        value = b";".join(cookie for cookie in value.split(b";") if QUOTE not in cookie)
    return name, value


def _origins_of(host: str, schemes: Collection[str]) -> set[str]:
    with suppress(ValueError):  # no browser has sent such a Host
        return {origin_of(f"{scheme}://{host}") for scheme in schemes}
    return set()


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse("Requests from other sites are refused.", 403)(scope, receive, send)

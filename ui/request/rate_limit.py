"""Rate limit for HTTP: requests of any kind by IP address, counted before anything is read."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import RateLimited
from domain.rate_limits import API_CALLS, EXPORTS, PREVIEWS, WEB_CALLS, WEB_CHANGES, RateLimit, RateLimiter
from ui.request.assets import MOUNTED
from ui.request.health import PROBED
from ui.request.http import API, SAFE_METHODS, SCRIPTS, SOCKET
from ui.request.visitor import client_ip

UNCOUNTED = (f"{MOUNTED}/", SCRIPTS, "/_nicegui/", f"{SOCKET}/")
"""Path prefixes without a rate limit: static files, which cost less than counting, and the socket, whose events are
counted one by one. Health checks (`PROBED`) have none either: a proxy that is refused one takes the instance out of
service, and counting may need what they report on.
"""
BESIDES: tuple[tuple[str, RateLimit], ...] = (
    (r"/characters/[^/]*/preview\.jpg", PREVIEWS),
    (r"/export/.*|/admin/journal\.csv", EXPORTS),
)
"""Additional limits for reads that cost more than others, by path (a regular expression)."""

Refuse = Callable[[Request, Exception], Awaitable[Response]]


def limits_of(method: str, path: str) -> list[RateLimit]:
    """The limits for a request by IP address. The domain also limits actions by person."""
    if path.startswith(UNCOUNTED) or path in PROBED:
        return []
    if path.startswith(API):
        return [API_CALLS]
    changes = [] if method in SAFE_METHODS else [WEB_CHANGES]
    return [WEB_CALLS, *changes, *(limit for pattern, limit in BESIDES if re.fullmatch(pattern, path))]


class RateLimitMiddleware:
    def __init__(self, app: ASGIApp, *, limits: RateLimiter, refuse: Refuse) -> None:
        self._app = app
        self._limits = limits
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            try:
                for limit in limits_of(scope["method"], scope["path"]):
                    await self._limits.take(limit, client_ip(request))
            except RateLimited as error:
                await (await self._refuse(request, error))(scope, receive, send)
                return
        await self._app(scope, receive, send)

"""What every request passes, NiceGUI's websocket included: origin check, preferences, security headers."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.visitor import preferences, read_preferences

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
SOCKET = "/_nicegui_ws"

CONTENT_SECURITY = "; ".join(  # noqa: FLY002 - a line each, with its reason
    (
        "default-src 'self'",
        # Vue compiles its templates in the browser and NiceGUI starts its pages by a script inside them.
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


class Doorkeeper:
    """Refuses what other sites' pages send here, and puts the security headers on every answer.

    `public_address` is our own, for servers behind a proxy, where the Host header may be another.
    """

    def __init__(self, app: ASGIApp, *, public_address: str) -> None:
        self._app = app
        self._public_host = urlsplit(public_address).netloc
        self._is_secure = public_address.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._is_foreign(scope, headers):
            await _refuse(scope, receive, send)
            return
        preferences.set(read_preferences(headers))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                if self._is_secure:
                    answer.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _is_foreign(self, scope: Scope, headers: Headers) -> bool:
        """Whether a page of another site asks for more than reading. Programs send no Origin and carry no cookie."""
        origin = headers.get("origin")
        if origin is None:
            return False
        reads_only = scope["type"] == "http" and scope["method"] in SAFE_METHODS
        if reads_only and not scope["path"].startswith(SOCKET):
            return False
        return urlsplit(origin).netloc not in {headers.get("host"), self._public_host}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse("Requests from other sites are refused.", 403)(scope, receive, send)

"""Cross-origin resource sharing (CORS): the pages of other sites that may use the API."""

from collections.abc import Sequence

from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.request.http import PREFIX


class ApiCors:
    """CORS for the API alone. It is outermost, so that pages of other sites can read refusals as well."""

    def __init__(self, site: ASGIApp, *, origins: Sequence[str]) -> None:
        self._site = site
        self._open = site
        if origins:
            self._open = CORSMiddleware(
                site,
                allow_origins=origins,
                allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
                allow_headers=("Authorization", "Content-Type"),
                expose_headers=("X-Next-Cursor", "Retry-After", "WWW-Authenticate"),
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        await (self._open if is_api else self._site)(scope, receive, send)

"""The model server's address from `BASE_URL`: validation, and correction of common slips."""

from __future__ import annotations

from urllib.parse import urlsplit

YANDEX_BASE_URL = "https://ai.api.cloud.yandex.net/v1"
"""Yandex AI Studio's OpenAI-compatible address (its documentation, «OpenAI compatibility», November 2026)."""
YANDEX_NATIVE = "/foundationModels/v1"
"""Path of Yandex's own API, which is another protocol."""
ROUTES = ("/chat/completions", "/completions", "/responses", "/models")
"""Routes below a base URL. Documentation shows them together, so they are copied together."""


def check_base_url(base_url: str) -> None:
    """Raises `ValueError` when no client can be built for it."""
    parts = urlsplit(base_url)
    if parts.query or parts.fragment:
        raise ValueError("must end with a path, without ? or #")
    if parts.port == 0 or any(letter.isspace() for letter in base_url):  # reading `port` raises if it is not a number
        raise ValueError("is not an address")


def api_address(base_url: str) -> str:
    """The base URL that a client needs, Yandex AI Studio's if none is given."""
    if not base_url or YANDEX_NATIVE in base_url:
        return YANDEX_BASE_URL
    return next((base_url.removesuffix(route) for route in ROUTES if base_url.endswith(route)), base_url)


def base_url_warning(base_url: str) -> str:
    """A one-line warning for the log about an odd base URL; empty if there is nothing to warn of."""
    parts = urlsplit(base_url)
    base_url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()  # no password may go into the log
    used = api_address(base_url)
    if YANDEX_NATIVE in base_url:
        return f"BASE_URL is Yandex's native API, which speaks another dialect; {used} is used instead."
    if base_url and used != base_url:
        return f"BASE_URL ends in {base_url.removeprefix(used)}, which is one route of the API; {used} is used instead."
    if base_url and not parts.path:
        return f"BASE_URL has no path: most servers answer at {base_url}/v1. If no reply comes, set it to that."
    return ""

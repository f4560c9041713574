"""The framework's scripts and sheets, packed once and kept: a first visit asks for half a megabyte of them."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NEVER_CHANGING = "/_nicegui/"
"""Below this the addresses hold the version, or a hash of what they stand for."""
LEVEL = 9  # slow, but only once
PACKED_FROM = 1000  # bytes; smaller answers fit into one packet anyway
MOST = 300
"""Answers that are kept; a whole site has about a hundred and fifty of them, 3 MB together."""


@dataclass(frozen=True)
class Kept:
    headers: Headers
    body: bytes


class PackedOnce:
    """Answers `NEVER_CHANGING` from memory; everything else goes through untouched, and so does a part of a file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_be_kept(scope):
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(scope["path"])
        if kept is None:
            answer = _Answer()
            await self._app(scope, receive, answer.hear)
            if answer.status != 200 or len(answer.body) < PACKED_FROM or "content-encoding" in answer.headers:  # noqa: PLR2004 - OK
                await answer.tell(send)
                return
            kept = await _packed(answer)
            if len(self._kept) < MOST:
                self._kept[scope["path"]] = kept
        await send({"type": "http.response.start", "status": 200, "headers": kept.headers.raw})
        await send({"type": "http.response.body", "body": kept.body})


class _Answer:
    """What the site answered, gathered."""

    def __init__(self) -> None:
        self.status = 0
        self.headers = MutableHeaders()
        self.body = bytearray()

    async def hear(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], MutableHeaders(raw=list(message["headers"]))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def tell(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers.raw})
        await send({"type": "http.response.body", "body": bytes(self.body)})


def _may_be_kept(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(NEVER_CHANGING):
        return False
    asked = Headers(scope=scope)
    is_for_part = "range" in asked or "if-none-match" in asked or "if-modified-since" in asked
    return "gzip" in asked.get("accept-encoding", "") and not is_for_part and not scope["query_string"]


async def _packed(answer: _Answer) -> Kept:
    body = await asyncio.to_thread(gzip.compress, answer.body, LEVEL)
    answer.headers["content-encoding"] = "gzip"
    answer.headers["content-length"] = str(len(body))
    answer.headers.add_vary_header("Accept-Encoding")
    return Kept(Headers(raw=answer.headers.raw), body)

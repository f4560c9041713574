"""Compression: the scripts, and the framework's sheets, are packed once and cached: a first visit requests 500 KB."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Collection
from dataclasses import dataclass

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.request.http import SCRIPTS

NEVER_CHANGING = ("/_nicegui/", SCRIPTS)
"""Path prefixes below which the path contains the version, or a hash of the content."""
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=9)),
    "gzip": lambda body: gzip.compress(body, 9),
}
"""Compressors by encoding. The first is better, but browsers accept it only over HTTPS and on localhost. The slowest
file takes 40 ms, once.
"""
PACKED_FROM = 1000  # bytes: smaller responses fit into one packet anyway
MOST = 400
"""Maximum number of cached responses; the whole site has about 150, 3 MB in all, in each encoding."""


@dataclass(frozen=True)
class Kept:
    headers: Headers
    body: bytes


class CachedCompression:
    """Serves `NEVER_CHANGING` from memory, and the `sheets`, whose query is only a version; everything else passes
    unchanged, and so do range requests.
    """

    def __init__(self, app: ASGIApp, *, sheets: Collection[str]) -> None:
        self._app = app
        self._sheets = sheets
        self._kept: dict[tuple[str, str], Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        packing = _packing(scope, self._sheets)
        if not packing:
            await self._app(scope, receive, send)
            return
        address = (scope["path"], packing)
        kept = self._kept.get(address)
        if kept is None:
            answer = _Answer()
            await self._app(scope, receive, answer.hear)
            if answer.status != 200 or len(answer.body) < PACKED_FROM or "content-encoding" in answer.headers:  # noqa: PLR2004 - OK
                await answer.tell(send)
                return
            kept = await _packed(answer, packing)
            if len(self._kept) < MOST:
                self._kept[address] = kept
        await send({"type": "http.response.start", "status": 200, "headers": kept.headers.raw})
        await send({"type": "http.response.body", "body": kept.body})


class _Answer:
    """A response, collected."""

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


def _packing(scope: Scope, sheets: Collection[str]) -> str:
    """The encoding in which the response may be cached; empty if it may not."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return ""
    path = scope["path"]
    if path not in sheets and (scope["query_string"] or not path.startswith(NEVER_CHANGING)):
        return ""
    asked = Headers(scope=scope)
    if "range" in asked or "if-none-match" in asked or "if-modified-since" in asked:
        return ""
    taken = {each.partition(";")[0].strip() for each in asked.get("accept-encoding", "").split(",")}
    return next((packing for packing in PACKERS if packing in taken), "")


async def _packed(answer: _Answer, packing: str) -> Kept:
    body = await asyncio.to_thread(PACKERS[packing], bytes(answer.body))
    answer.headers["content-encoding"] = packing
    answer.headers["content-length"] = str(len(body))
    answer.headers.add_vary_header("Accept-Encoding")
    return Kept(Headers(raw=answer.headers.raw), body)

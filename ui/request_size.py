"""How large a request may be: its address, and its body, counted before anybody reads or parses it, announced or not.

Whatever is not in `LARGER` has `USUAL` bytes. An answer that comes before the whole body has come waits while the
rest is read and thrown away: a proxy that is still sending does not listen, and its visitor would be told 502.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.characters.photos import BYTES_LIMIT
from domain.chat.export import MEGABYTES_LIMIT
from domain.language import N_

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
USUAL = 64 * KILOBYTE
"""Read whole before anybody is asked: what is larger is refused before anything was done."""
AROUND_A_PHOTO = 16 * KILOBYTE
"""What a form may have around the photo itself."""
LARGER: dict[str, int] = {
    r"POST /feed/photos": BYTES_LIMIT,
    r"POST /feed/dialogs/import": MEGABYTES_LIMIT * MEGABYTE,
    r"POST /api/characters/upload/photo": BYTES_LIMIT + AROUND_A_PHOTO,
    # The texts of a character have 150,000 signs, each of which may be written with 6 bytes, or 12.
    r"POST /api/characters|PATCH /api/characters/\d+": MEGABYTE,
    r"POST /api/dialogs/\d+/messages": 256 * KILOBYTE,
    r"POST /_nicegui_ws/.*": MEGABYTE,  # what Engine.IO takes in one piece, for browsers that get no websocket
}
"""Method and path (a regular expression), and bytes. They are counted while they are read, once it is known whose."""
REFUSAL = N_("This is too large: at most {size} are taken here.")
TOO_LARGE = 413
DRAINED = 32 * MEGABYTE
DRAINED_WITHIN = 10  # seconds

LONGEST_ADDRESS = 8 * KILOBYTE
"""Path and query together, as sent: ten interests, a hundred words and a way back in Cyrillic need a third of it."""

Refuse = Callable[[Request, int], Response]
"""Makes the answer to a request whose body is larger than so many bytes."""


def largest_body(method: str, path: str) -> int:
    """Bytes that the body of such a request may have."""
    return next((most for pattern, most in LARGER.items() if re.fullmatch(pattern, f"{method} {path}")), USUAL)


class AddressLimit:
    """Refuses addresses that are longer than `LONGEST_ADDRESS`: so nothing that stands in one is longer either."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            await self._refuse(Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses bodies that are larger than `largest_body`."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive, largest_body(scope["method"], scope["path"]))
        is_begun = False

        async def send_if_not_too_large(message: Message) -> None:
            nonlocal is_begun
            if body.is_too_large and not is_begun:
                return  # whatever its reader made of it: the answer is ours
            is_begun = True
            await send(message)

        try:
            if body.most < _announced(scope):
                body.refuse()
            if body.most <= USUAL:
                await body.read()
            await self._app(scope, body.receive, send_if_not_too_large)
        except HTTPException:
            if not body.is_too_large:
                raise
        if body.is_too_large and not is_begun:
            await self._refuse(Request(scope), body.most)(scope, receive, send)


class _Body:
    """The body of a request, counted while it comes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._count = 0
        self._read: Message | None = None
        self.most = most
        self.is_too_large = False

    def refuse(self) -> None:
        self.is_too_large = True
        raise HTTPException(TOO_LARGE)

    async def receive(self) -> Message:
        if self._read is not None:
            read, self._read = self._read, None
            return read
        message = await self._receive()
        if message["type"] == "http.request":
            self._count += len(message.get("body", b""))
            if self._count > self.most:
                self.refuse()
        return message

    async def read(self) -> None:
        """Take all of it now; `receive` gives it in one piece then."""
        body = bytearray()
        while True:
            message = await self.receive()
            if message["type"] != "http.request":  # they have gone
                self._read = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                self._read = {"type": "http.request", "body": bytes(body), "more_body": False}
                return


class DrainBody:
    """Keeps every answer back until the body has been sent to its end, within bounds: what nobody read is discarded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_sending = "100-continue" not in Headers(scope=scope).get("expect", "").lower()  # else only once it is read
        is_over = False

        async def heard() -> Message:
            nonlocal is_sending, is_over
            is_sending = True
            message = await receive()
            is_over = is_over or not message.get("more_body")
            return message

        async def drain() -> None:
            left = DRAINED
            while not is_over and left > 0:
                left -= len((await heard()).get("body", b""))

        async def send_when_over(message: Message) -> None:
            if is_sending and not is_over and message["type"] == "http.response.start":
                with suppress(TimeoutError):
                    async with asyncio.timeout(DRAINED_WITHIN):
                        await drain()
                if not is_over:
                    message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, heard, send_when_over)


def _has_body(scope: Scope) -> bool:
    return _announced(scope) > 0 or "transfer-encoding" in Headers(scope=scope)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() and length.isascii() else 0

"""Request size limits: of the address, and of the body, counted before anybody reads or parses it, announced or not;
and of how much from one sender may be in progress at once, since all of that lies in memory.

Whatever is not in `LARGER` has `USUAL` bytes. A response that is ready before the whole body has come waits while the
rest is read and discarded: a proxy that is still sending does not listen, and its visitor would get a 502.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import NoReturn

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.cards.read_card import LARGEST_ARCHIVE, LARGEST_PICTURE
from domain.chat.transcript.saved_dialog import MEGABYTES_LIMIT
from domain.language import N_
from domain.pictures.photos import BYTES_LIMIT
from storage.fair_queue import acting_for

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
USUAL = 64 * KILOBYTE
"""Maximum bytes of a body on routes that are not in `LARGER`. It is read whole before the route runs, so that one too
large is refused before anything is done.
"""
AROUND_A_PHOTO = 16 * KILOBYTE
"""Bytes that a form may add around the photo itself."""
LARGER: dict[str, int] = {
    r"POST /feed/photos": BYTES_LIMIT,
    r"POST /feed/cards(/preview)?": LARGEST_ARCHIVE,
    r"POST /feed/dialogs/import": MEGABYTES_LIMIT * MEGABYTE,
    r"POST /feed/(characters/\d+/book|books/\d+|worlds)/file": LARGEST_PICTURE,
    r"POST /api/(characters/\d+/book|books(/\d+)?)/import": LARGEST_PICTURE,
    r"POST /api/characters/upload/photo": BYTES_LIMIT + AROUND_A_PHOTO,
    r"POST /api/characters/import": LARGEST_ARCHIVE + MEGABYTE,  # the form has choices beside the file
    # The texts of a character have up to 150,000 code points, each of which may take 6 bytes as JSON, or 12.
    r"POST /api/characters|PATCH /api/characters/\d+": MEGABYTE,
    r"POST /api/dialogs/\d+/messages": 256 * KILOBYTE,
    r"POST /api/books/\d+/(entries|try)|PATCH /api/books/\d+/entries/\d+": 256 * KILOBYTE,
    r"POST /_nicegui_ws/.*": MEGABYTE,  # long polling, where websockets fail; ui/socket/border.py takes less
}
"""Maximum bytes of a body by method and path (a regular expression). Such bodies are counted while the route reads
them, once the sender is known.
"""
REFUSAL = N_("That's too large: the limit here is {size}.")
SLOW = N_("The request took too long to arrive. Please try again.")
MUCH = N_("You're sending too much at once. Please wait for some of it to arrive.")
ON_THEIR_WAY = 24 * MEGABYTE
"""Maximum bytes of all bodies of one person or one IP address that have arrived and whose response has not ended. A
single body may be larger where its route allows that.
"""
COMES_WITHIN = 120
"""Timeout in seconds for a body to arrive: enough for 5 MB at 0.4 Mbit/s, or 50 MB at 4."""
TOO_LARGE, TOO_SLOW, TOO_MUCH = 413, 408, 429
DRAINED = 64 * MEGABYTE
DRAINED_WITHIN = 10  # seconds

LONGEST_ADDRESS = 8 * KILOBYTE
"""Maximum bytes of path and query, as sent: ten interests, 100 words and a return path in Cyrillic need a third of it.
"""

Refuse = Callable[[Request, int, int], Response]
"""Makes the error response to a request for a status, one of the three above; the number is the maximum in bytes."""


def largest_body(method: str, path: str) -> int:
    """The maximum bytes in the body of such a request."""
    return next((most for pattern, most in LARGER.items() if re.fullmatch(pattern, f"{method} {path}")), USUAL)


class AddressLimit:
    """Refuses addresses longer than `LONGEST_ADDRESS`, so that no part of one is longer either."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            await self._refuse(Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses bodies larger than `largest_body`, bodies that do not end, and too many of one sender at once."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse
        self._on_their_way: Counter[Hashable] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive, largest_body(scope["method"], scope["path"]), self._on_their_way)
        is_begun = False

        async def send_if_not_too_large(message: Message) -> None:
            nonlocal is_begun
            if body.refusal and not is_begun:
                return  # the route's own response is dropped: ours replaces it
            is_begun = True
            await send(message)

        try:
            if body.most < _announced(scope):
                body.refuse(TOO_LARGE)
            if body.most <= USUAL:
                await body.read()
            await self._app(scope, body.receive, send_if_not_too_large)
        except ClientDisconnect:  # nobody waits for a response, and nothing is broken here
            return
        except HTTPException:
            if not body.refusal:
                raise
        finally:
            body.forget()
        if body.refusal and not is_begun:
            await self._refuse(Request(scope), body.refusal, body.most)(scope, receive, send)


class _Body:
    """The body of a request, counted while it arrives: by itself, and with its sender's others in `on_their_way`."""

    def __init__(self, receive: Receive, most: int, on_their_way: Counter[Hashable]) -> None:
        self._receive = receive
        self._on_their_way = on_their_way
        self._sender = acting_for.get()
        self._until = asyncio.get_running_loop().time() + COMES_WITHIN
        self._count = 0
        self._is_over = False
        self._read: Message | None = None
        self.most = most
        self.refusal = 0
        """Status with which the body was refused; 0 if it was not."""

    def refuse(self, status: int) -> NoReturn:
        self.refusal = status
        raise HTTPException(status)

    def forget(self) -> None:
        """Called when it is answered: it no longer counts."""
        self._on_their_way[self._sender] -= self._count
        if not self._on_their_way[self._sender]:
            del self._on_their_way[self._sender]

    async def receive(self) -> Message:
        if self._read is not None:
            read, self._read = self._read, None
            return read
        if self._is_over:  # from now on this only waits for the disconnect
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            self.refuse(TOO_SLOW)
        self._is_over = not message.get("more_body")
        self._add(len(message.get("body", b"")))
        return message

    def _add(self, count: int) -> None:
        self._count += count
        self._on_their_way[self._sender] += count
        if self._count > self.most:
            self.refuse(TOO_LARGE)
        if self._on_their_way[self._sender] > max(ON_THEIR_WAY, self.most):
            self.refuse(TOO_MUCH)

    async def read(self) -> None:
        """Read all of it now; `receive` then returns it in one piece."""
        body = bytearray()
        while True:
            message = await self.receive()
            if message["type"] != "http.request":  # the client has gone
                self._read = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                self._read = {"type": "http.request", "body": bytes(body), "more_body": False}
                return


class BodyDrain:
    """Holds every response back until the body was sent to its end, within limits: what nobody read is discarded."""

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

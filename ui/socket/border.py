"""WebSocket gateway to NiceGUI: sizes, Engine.IO frames, one browser a socket; gate.py does the rest."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from nicegui import core
from nicegui.nicegui import sio_app
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from domain.settings.settings import Settings
from domain.token_buckets import LINES_ABOUT_PROXIES, SOCKETS_FROM_IP, TokenBuckets
from ui.request.visitor import client_ip
from ui.socket.gate import FrameValidator, Verdict
from ui.socket.sessions import SocketBinding, opened_by, query_of

log = logging.getLogger(__name__)

LARGEST_FRAME = 1_000_000
"""Maximum bytes of a frame: the editor's form with every field full of Cyrillic, as JSON. Uploads go by HTTP."""
FRAMES_WAITING = 8
"""Number of frames of one socket that are read ahead."""
MOST_IN_A_BODY = 16
BETWEEN = "\x1e"
OPENED = re.compile(r'0\{"sid":"([\w-]+)"')
TOO_MANY = "Too many connections."
NOT_UPGRADED = (
    "A proxy on the way passes no websockets on, so that pages are slower than they need be: let it send the headers "
    "Upgrade and Connection (README, Behind a proxy)"
)
CLOSED: Message = {"type": "websocket.disconnect", "code": 1008}


class SocketGateway:
    """Wraps `sio_app`. What no browser sends ends here, without a traceback for each."""

    def __init__(self, settings: Settings) -> None:
        self._rates = TokenBuckets(settings.limit_times)
        self._sessions = SocketBinding(settings, self._rates)
        self._sessions.settle()
        self._gate = FrameValidator(self._sessions, self._rates)
        core.sio.eio.max_http_buffer_size = LARGEST_FRAME

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        query = query_of(connection)
        sid = query.get("sid", "")
        if scope["type"] == "http" and query.get("transport") == "websocket":
            if self._rates.take(LINES_ABOUT_PROXIES):
                log.warning(NOT_UPGRADED)
            await _answer(scope, receive, send, NOT_UPGRADED, 400)
        elif not sid and not self._rates.take(SOCKETS_FROM_IP, client_ip(connection)):
            await _answer(scope, receive, send, TOO_MANY, 429)
        elif sid and not self._is_continued(connection, sid):
            await _answer(scope, receive, send, "This is not your connection.", 400)
        elif scope["type"] == "websocket":
            await sio_app(scope, *self._watched(connection, sid, receive, send))
        elif scope["method"] == "POST":
            await self._post(connection, sid, receive, send)
        else:
            await sio_app(scope, receive, send)

    def _is_continued(self, connection: HTTPConnection, sid: str) -> bool:
        begun = opened_by(sid)
        return begun is not None and self._sessions.are_of_one_browser(begun, connection)

    def _watched(self, connection: HTTPConnection, sid: str, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """The websocket's receive and send: its id is taken from its first answer, and each frame is judged by it."""

        async def receive_judged() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                match self._judge(connection, sid, message.get("text")):
                    case Verdict.PASS:
                        return message
                    case Verdict.CLOSE:
                        return CLOSED

        async def send_noting(message: Message) -> None:
            nonlocal sid
            if not sid and (opened := OPENED.match(message.get("text") or "")):
                sid = opened[1]
            await send(message)

        return receive_judged, send_noting

    def _judge(self, connection: HTTPConnection, sid: str, frame: str | None) -> Verdict:
        if frame is None:
            return self._gate.close(connection, "it sent bytes")
        if len(frame) > LARGEST_FRAME:
            return self._gate.close(connection, "it sent too large a frame")
        return self._gate.judge(sid, connection, frame)

    async def _post(self, connection: HTTPConnection, sid: str, receive: Receive, send: Send) -> None:
        """Long polling, where websockets are not possible: several frames in a body."""
        body = await _read(receive)
        if body is None:
            await _answer(connection.scope, receive, send, "Too large.", 413)
            return
        frames = body.decode("utf-8", "replace").split(BETWEEN)
        judged = [(frame, self._judge(connection, sid, frame)) for frame in frames[:MOST_IN_A_BODY]]
        if len(frames) > MOST_IN_A_BODY or Verdict.CLOSE in (verdict for _frame, verdict in judged):
            await _answer(connection.scope, receive, send, "This is no body of a page of ours.", 400)
            return
        passed = BETWEEN.join(frame for frame, verdict in judged if verdict is Verdict.PASS).encode()
        await sio_app(_with_length(connection.scope, len(passed)), _once(passed), send)


async def _read(receive: Receive) -> bytes | None:
    """The body; None when it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_FRAME:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _once(body: bytes) -> Receive:
    messages: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive


def _with_length(scope: Scope, length: int) -> Scope:
    others = [
        (name, value) for name, value in scope["headers"] if name not in {b"content-length", b"transfer-encoding"}
    ]
    return {**scope, "headers": [*others, (b"content-length", str(length).encode())]}


async def _answer(scope: Scope, receive: Receive, send: Send, words: str, status: int) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse(words, status)(scope, receive, send)

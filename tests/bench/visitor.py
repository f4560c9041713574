"""Headless chat page: page, websocket and history without a browser, as nicegui.js and chat_log.js handle them.

It sends exactly what a browser sends, so the server works as for a browser; what the page would draw is only counted.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from tests.bench.rows import QUESTION, Seat
from tests.pages import Page

NO_HTTPS = False  # loading the certificates takes longer than a page
ACKNOWLEDGED_EVERY = 3  # seconds, as nicegui.js does
PATIENCE = 90  # seconds
LANGUAGE = {"Accept-Language": "ru"}
LOADS = 3
"""So often a page whose socket meets an instance that did not build it is loaded anew, as nicegui.js does."""
METHOD = re.compile(r'runMethod\((\d+), "(\w+)", (.*)\)$', re.DOTALL)


@dataclass
class Heard:
    """A reply as a page received it. Moments are of `time.monotonic`, `late` is in seconds."""

    asked: float
    first: float = 0
    ended: float = 0
    payload: int = 0
    state: str = ""
    reply_id: int = 0
    due: float = 0

    @property
    def late(self) -> float:
        """Time from the first text's leaving the model's server until it arrived here."""
        return self.first - self.due


class Visitor:
    """Somebody with the page of a dialog open."""

    def __init__(self, client_id: str, composer: int, send: str, socket: ClientConnection) -> None:
        self._client_id = client_id
        self._composer = composer
        self._send = send  # the listener's id
        self._socket = socket
        self._next_message = 0
        self._heard = Heard(0)
        self._end = asyncio.Event()
        self.refusals: list[str] = []

    async def ask(self, manner: str) -> Heard:
        """Send a message and wait until the reply has ended, for at most `PATIENCE` seconds."""
        self.attend()
        words = {"text": f"{QUESTION} {manner}", "client_id": str(uuid4())}
        await self._emit(
            "event",
            {
                "id": self._composer,
                "client_id": self._client_id,
                "listener_id": self._send,
                "args": [json.dumps(words, ensure_ascii=False)],
            },
        )
        return await self.heard(PATIENCE)

    def attend(self) -> None:
        """Begin to note the next reply, whoever asks for it."""
        self._heard = Heard(time.monotonic())
        self._end.clear()

    async def heard(self, patience: float) -> Heard:
        """The noted reply, once it has ended or `patience` seconds are over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._end.wait()
        return self._heard

    @property
    def is_connected(self) -> bool:
        return self._socket.state is State.OPEN

    async def listen(self) -> None:
        """Handle what the server sends until the page is closed."""
        acknowledging = asyncio.create_task(self._acknowledge())
        with suppress(ConnectionClosed):
            async for frame in self._socket:
                if frame == "2":
                    await self._socket.send("3")
                elif question := self._take(str(frame)):
                    answer = {"request_id": question, "client_id": self._client_id, "result": False}
                    await self._emit("javascript_response", answer)
        acknowledging.cancel()

    def _take(self, frame: str) -> str | None:
        """Count and obey a frame; returns the id of the server's question, if it wants an answer."""
        self._heard.payload += len(frame.encode())
        if not frame.startswith("42"):
            return None
        kind, body = json.loads(frame[2:])
        self._next_message = body.get("_id", self._next_message - 1) + 1
        if kind == "run_javascript" and (call := METHOD.search(body["code"])):
            self._obey(call[2], json.loads(call[3]))
        return str(body["request_id"]) if "request_id" in body else None

    def _obey(self, method: str, values: list[Any]) -> None:
        match method:
            case "delta" if not self._heard.first:
                self._heard.first = time.monotonic()
            case "finish":
                message = values[0]
                self._heard.ended, self._heard.state = time.monotonic(), message["state"]
                self._heard.reply_id = message["id"]
                if moment := re.search(r"\d{6,}", message["html"]):
                    self._heard.due = int(moment[0]) / 1e6
            case "replying" if values == [False]:
                self._end.set()
            case "refused":
                self.refusals.append(values[1])
                self._end.set()

    async def _acknowledge(self) -> None:
        told = 0
        while True:
            await asyncio.sleep(ACKNOWLEDGED_EVERY)
            if told < self._next_message:
                told = self._next_message
                await self._emit("ack", {"client_id": self._client_id, "next_message_id": told})

    async def _emit(self, kind: str, body: dict[str, Any]) -> None:
        await self._socket.send("42" + json.dumps([kind, body], ensure_ascii=False))


@asynccontextmanager
async def visitor(url: str, seat: Seat) -> AsyncGenerator[Visitor]:
    """Open the page of the dialog, read its history, and stay connected for the block."""
    cookies = {"beseda": seat.cookie}
    async with httpx.AsyncClient(
        base_url=url, cookies=cookies, headers=LANGUAGE, timeout=30, verify=NO_HTTPS
    ) as browser:
        page, socket = await _joined(browser, url, seat)
        (await browser.get(f"/feed/dialogs/{seat.dialog_id}")).raise_for_status()
    # The browser's connections are closed by now: an idle one for each of a thousand pages would be one too many.
    async with socket:
        send = page.listener("send")
        here = Visitor(page.client_id, send.element, send.id, socket)
        listening = asyncio.create_task(here.listen())
        yield here
    await listening


async def _joined(browser: httpx.AsyncClient, url: str, seat: Seat) -> tuple[Page, ClientConnection]:
    """The page and its socket, once the server has accepted it."""
    for _ in range(LOADS):
        page = Page.read(url, {"beseda": seat.cookie}, (await browser.get(seat.path)).raise_for_status().text)
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())  # a proxy sets one as well
        socket = await connect(page.socket, additional_headers={"Cookie": cookies, **LANGUAGE}, max_size=None)
        await socket.recv()
        await socket.send("40")
        answer = str(await socket.recv())
        if answer.startswith("40"):
            return page, socket
        await socket.close()
    raise AssertionError(f"The page was refused: {answer}")

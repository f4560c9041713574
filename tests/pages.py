"""Headless pages: what a page tells its scripts, and its websocket as nicegui.js uses it, without a browser."""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import pkgutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import ui
from ui.socket.shapes import Takes

PATIENCE = 60  # seconds: far more than anything here takes


@dataclass(frozen=True)
class Listener:
    """A listener of a page: `element` is a number, `tag` as written, `kind` that of the event."""

    element: int
    tag: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.tag} {self.kind}"


@dataclass(frozen=True)
class Page:
    """A page as fetched. `query` is what its script puts into the address of its socket."""

    url: str
    cookies: dict[str, str]
    query: dict[str, Any]
    elements: dict[str, Any]

    @classmethod
    def read(cls, url: str, cookies: dict[str, str], html: str) -> Page:
        query = ast.literal_eval(_between(html, "query: ", ",\n"))  # JavaScript that is Python as well
        elements = json.loads(unescape(_between(html, "parseElements(String.raw`", "`)")))
        own = {"document_id": str(uuid4()), "tab_id": str(uuid4()), "old_tab_id": ""}
        return cls(url, cookies, own | query, elements)

    @property
    def client_id(self) -> str:
        return str(self.query["client_id"])

    @property
    def socket(self) -> str:
        """Address of the websocket."""
        query = {"EIO": 4, "transport": "websocket"} | self.query
        written = "&".join(f"{name}={str(value).lower() if value is True else value}" for name, value in query.items())
        return f"{self.url.replace('http', 'ws', 1)}/_nicegui_ws/socket.io/?{written}"

    def listeners(self) -> Iterator[Listener]:
        yield from listeners(self.elements)

    def listener(self, kind: str) -> Listener:
        return next(each for each in self.listeners() if each.kind == kind)


def fetch(browser: httpx.Client, path: str) -> Page:
    """Fetch a page as the browser gets it."""
    answer = browser.get(path)
    answer.raise_for_status()
    url = str(browser.base_url).rstrip("/")
    return Page.read(url, {each.name: str(each.value) for each in browser.cookies.jar}, answer.text)


def listeners(elements: dict[str, Any]) -> Iterator[Listener]:
    for number, element in elements.items():
        for event in (element or {}).get("events", ()):
            if not event["js_handler"]:
                yield Listener(int(number), element["tag"], event["type"], event["listener_id"])


def declared() -> dict[str, Takes]:
    """Events that our components take, by the tag of the component in a page."""
    found = {}
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        for each in vars(importlib.import_module(module.name)).values():
            component = getattr(each, "component", None)
            if isinstance(each, type) and component is not None and each.__module__.startswith("ui."):
                found[str(component.tag)] = getattr(each, "TAKES", {})
    return found


class Line:
    """Websocket of a page. `told` keeps what the server sends, and `elements` what it adds to the page."""

    def __init__(self, page: Page, socket: ClientConnection) -> None:
        self.page = page
        self.socket = socket
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.elements: dict[str, Any] = {}
        self._news = asyncio.Event()

    async def emit(self, kind: str, **body: Any) -> None:
        await self.send("42" + json.dumps([kind, {"client_id": self.page.client_id} | body], ensure_ascii=False))

    async def do(self, listener: Listener, *arguments: object) -> None:
        """Send the event of a listener, as the page's script does."""
        args = [json.dumps(each, ensure_ascii=False) for each in arguments]
        await self.emit("event", id=listener.element, listener_id=listener.id, args=args)

    async def send(self, frame: str | bytes) -> None:
        await self.socket.send(frame)

    async def heard(self, words: str) -> None:
        """Wait until the server has sent something that contains these words."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in json.dumps(body, ensure_ascii=False) for _kind, body in self.told):
                self._news.clear()
                await self._news.wait()

    async def more(self) -> None:
        """Wait for the next message from the server."""
        self._news.clear()
        await self._news.wait()

    async def closed(self) -> None:
        """Wait until the server hangs up."""
        async with asyncio.timeout(PATIENCE):
            await self.socket.wait_closed()

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for frame in self.socket:
                if frame == "2":
                    await self.socket.send("3")
                elif str(frame).startswith("42"):
                    kind, body = json.loads(frame[2:])
                    self.told.append((kind, body))
                    if kind == "update":
                        self.elements |= {name: each for name, each in body.items() if name != "_id"}
                    self._news.set()


@asynccontextmanager
async def raw_socket(page: Page, cookies: dict[str, str] | None = None) -> AsyncGenerator[ClientConnection]:
    """The websocket of the page, opened with its own cookies or with others, before the handshake."""
    kept = page.cookies if cookies is None else cookies
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}
    async with connect(page.socket, additional_headers=headers, max_size=None) as socket:
        await socket.recv()
        yield socket


@asynccontextmanager
async def line(page: Page, cookies: dict[str, str] | None = None) -> AsyncGenerator[Line]:
    """The page's socket after its handshake. Raises `Refused` with what the server says."""
    async with raw_socket(page, cookies) as socket:
        await socket.send("40")
        answer = str(await socket.recv())
        if not answer.startswith("40"):
            raise Refused(answer)
        here = Line(page, socket)
        listening = asyncio.create_task(here.listen())
        try:
            yield here
        finally:
            await socket.close()
            await listening


class Refused(Exception):
    """The handshake was not accepted."""


def _between(text: str, start: str, end: str) -> str:
    return text.split(start, 1)[1].split(end, 1)[0]

"""A page of any kind without a browser: what it listens for, told with whatever one likes."""

from __future__ import annotations

import ast
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.visitor import between, handshake


@dataclass(frozen=True)
class Listener:
    """Of an element of a page, for one kind of event."""

    element: int
    tag: str
    event: str
    id: str

    def __str__(self) -> str:
        return f"{self.tag} {self.event}"


class OpenPage:
    def __init__(self, client_id: str, listeners: list[Listener], socket: ClientConnection) -> None:
        self.listeners = listeners
        self._client_id = client_id
        self._socket = socket

    async def tell(self, listener: Listener, args: object) -> None:
        body = {"id": listener.element, "client_id": self._client_id, "listener_id": listener.id, "args": args}
        await self._socket.send("42" + json.dumps(["event", body], ensure_ascii=False))


@asynccontextmanager
async def open_page(browser: httpx.AsyncClient, path: str) -> AsyncGenerator[OpenPage | None]:
    """None when there is no page of ours at the address."""
    async with browser.stream("GET", path) as answer:
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        text = (await answer.aread()).decode() if is_page else ""
    if "query: " not in text:
        yield None
        return
    query = ast.literal_eval(between(text, "query: ", ",\n"))
    elements = json.loads(unescape(between(text, "parseElements(String.raw`", "`)")))
    listeners = [
        Listener(
            int(number), str(element.get("tag") or element.get("component") or ""), event["type"], event["listener_id"]
        )
        for number, element in elements.items()
        for event in element.get("events", ())
    ]
    address = "&".join(f"{name}={value}" for name, value in handshake(query).items())
    url = f"{str(browser.base_url).replace('http', 'ws').rstrip('/')}/_nicegui_ws/socket.io/?{address}"
    cookies = {"Cookie": browser.headers["Cookie"]}
    async with connect(url, additional_headers=cookies, max_size=None) as socket:
        await socket.recv()
        await socket.send("40")
        await socket.recv()
        yield OpenPage(query["client_id"], listeners, socket)

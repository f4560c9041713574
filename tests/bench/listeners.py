"""A page of any kind without a browser: what it listens for, told with whatever one likes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.pages import Listener, Page


class OpenPage:
    def __init__(self, page: Page, socket: ClientConnection) -> None:
        self.listeners = list(page.listeners())
        self._page = page
        self._socket = socket

    async def tell(self, listener: Listener, args: object) -> None:
        body = {
            "id": listener.element,
            "client_id": self._page.client_id,
            "listener_id": listener.id,
            "args": args,
        }
        await self._socket.send("42" + json.dumps(["event", body], ensure_ascii=False))


@asynccontextmanager
async def open_page(browser: httpx.AsyncClient, path: str) -> AsyncGenerator[OpenPage | None]:
    """None when there is no page of ours at the address."""
    async with browser.stream("GET", path) as answer:
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        html = (await answer.aread()).decode() if is_page else ""
    if "query: " not in html:
        yield None
        return
    page = Page.read(str(browser.base_url).rstrip("/"), {}, html)
    async with connect(page.socket, additional_headers={"Cookie": browser.headers["Cookie"]}, max_size=None) as socket:
        await socket.recv()
        await socket.send("40")
        await socket.recv()
        yield OpenPage(page, socket)

"""Headless page of any kind: its listeners, and the largest arguments that each of them takes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import ClientConnection, connect

from domain.characters.drafts import KINDS, TEXT, TEXTS
from tests.pages import Listener, Page, declared
from ui.editor.editor_form import Fields
from ui.socket.listeners import LINE
from ui.socket.shapes import Flag, Maybe, Number, OneOf, Record, Shape, Small, Text

COMBINING = "\u0301\u0327"
"""Marks without a letter between them: what sorts them takes the square of their number."""
MARKDOWN = "> * **_a_** [b](http://c.test) `d` <e> #f\n\n1. ~~g~~ ||| ![h](i)\n"
FILLINGS = (COMBINING, MARKDOWN, "{{user}}", "слово ")
NAMES = ("previous", "next", "regenerate", "continue", "report", "delete", "undelete", "pin", "rename", "duplicate")
"""What stands where a listener takes the name of an action, one after the other."""
SHORT = 40
"""Characters: a text that may have no more is such a name, or a mark."""


class OpenPage:
    def __init__(self, page: Page, socket: ClientConnection) -> None:
        self.listeners = list(page.listeners())
        self._page = page
        self._socket = socket

    async def tell(self, listener: Listener, *arguments: object) -> None:
        args = [json.dumps(each, ensure_ascii=False) for each in arguments]
        body = {
            "id": listener.element,
            "client_id": self._page.client_id,
            "listener_id": listener.id,
            "args": args,
        }
        await self._socket.send("42" + json.dumps(["event", body], ensure_ascii=False))


@asynccontextmanager
async def open_page(browser: httpx.AsyncClient, path: str) -> AsyncGenerator[OpenPage | None]:
    """Open the page and its socket; None if there is no page of ours at the address."""
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


def largest(listener: Listener, number: int) -> Iterator[Sequence[object]]:
    """Arguments for the listener, each as large as it takes and half as large, which is as large as our rules allow;
    `number` stands for an id.
    """
    takes = declared().get(listener.tag)
    if takes is None:  # the framework's own
        sizes = (LINE, LINE // 2) if listener.kind == "update:value" else (Small().longest,)
        yield from ([_filled(filling, size)] for size in sizes for filling in FILLINGS)
        return
    shape = takes[listener.kind]
    if shape is None:
        yield []
        return
    for part in (1, 2):
        for filling in FILLINGS:
            for name in NAMES if _names_an_action(shape) else ("name",):
                yield [_largest(shape, filling, part, name, number)]


def _names_an_action(shape: Shape) -> bool:
    fields = shape.fields.values() if isinstance(shape, Record) else ()
    return any(isinstance(each, Text) and each.longest <= SHORT for each in fields)


def _largest(shape: Shape, filling: str, part: int, name: str, number: int) -> object:  # noqa: PLR0911 - one a kind
    match shape:
        case Record():
            return {key: _largest(each, filling, part, name, number) for key, each in shape.fields.items()}
        case Text():
            return name if shape.longest <= SHORT else _filled(filling, shape.longest // part)
        case OneOf():
            return max(shape.words, key=len)
        case Number():
            return max(shape.least, min(number, shape.most))
        case Flag():
            return True
        case Maybe():
            return _largest(shape.shape, filling, part, name, number)
        case Fields():
            return _fields(filling, shape.longest // part)
    raise AssertionError(shape)


def _fields(filling: str, size: int) -> dict[str, object]:
    """All texts of the form, about `size` characters together."""
    of_text = [name for name, kinds in KINDS.items() if kinds == TEXT]
    of_texts = [name for name, kinds in KINDS.items() if kinds == TEXTS]
    each = size // (len(of_text) + len(of_texts))
    texts: dict[str, object] = dict.fromkeys(of_text, _filled(filling, each))
    return texts | dict.fromkeys(of_texts, [_filled(filling, each // 20)] * 20)


def _filled(filling: str, size: int) -> str:
    return (filling * (size // len(filling) + 1))[:size]

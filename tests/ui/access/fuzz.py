"""Fuzzing of pages: people of every role open page after page and send valid and spoiled events to its listeners."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from random import Random

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.books.entry_form import EntryForm
from domain.characters.drafts import KINDS
from tests.pages import Line, Listener, Page, Refused, declared, line, listeners
from tests.ui.access.conftest import BLOCKED, NOBODY, PERSON, ROLES, WAIT, Found, World
from tests.ui.access.spoiled import JUNK, SPOILED, UNREADABLE
from ui.books.book_editor import Ids, Values
from ui.editor.editor_form import Fields
from ui.socket.shapes import Flag, Number, OneOf, Record, Shape, Text

HARMLESS = (NOBODY, PERSON, BLOCKED)
EVENTS_A_PAGE = 60
IN_A_BOOK: tuple[object, ...] = (
    "",
    "кот",
    0,
    -1,
    2**40,
    0.5,
    None,
    True,
    [],
    ["кот", "/(/"],
    "any",
    "system",
)
"""What may stand in a field of an entry."""
PAUSE = 0.02  # seconds, for what an event brings


class Fuzz:
    """Collects in `seen` every listener that any page showed, as (tag, kind)."""

    def __init__(self, world: World, routes: list[Found], seed: int) -> None:
        self._world = world
        self._paths = _paths(world, routes)
        self._random = Random(seed)
        self._takes = declared()
        self._cookies = {role: dict(visitor.cookies) for role, visitor in world.visitors.items()}
        self.seen: set[tuple[str, str]] = set()
        self.events = 0
        self.pages = 0
        self.failed: list[str] = []

    async def every_page(self) -> None:
        """Open each page as each role and press each of its buttons once; the harmless roles go at the same time."""
        await asyncio.gather(*(self._go_through(role) for role in HARMLESS))
        for role in ROLES:
            if role not in HARMLESS:
                await self._go_through(role)

    async def _go_through(self, role: str) -> None:
        for path in self._paths:
            async with self._page(role, path) as there:
                if there:
                    await self._press(there)

    async def visit(self, *roles: str) -> None:
        """Open and leave each page as each of these roles."""
        for role in roles:
            for path in self._paths:
                async with self._page(role, path):
                    pass

    async def go_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            async with self._page(self._random.choice(ROLES), self._random.choice(self._paths)) as there:
                if there:
                    with suppress(ConnectionClosed):
                        await self._disturb(there)

    @asynccontextmanager
    async def _page(self, role: str, path: str) -> AsyncGenerator[Line | None]:
        """The open page; None where this role has none."""
        async with httpx.AsyncClient(
            base_url=self._world.url, cookies=self._cookies.get(role), timeout=WAIT, verify=False
        ) as browser:
            answer = await browser.get(path)
            if answer.status_code >= 500:
                self.failed.append(f"{path}: {answer.status_code}")
            if role != NOBODY and answer.headers.get("location", "").startswith("/log-in"):
                visitor = await asyncio.to_thread(self._world.visitor, role)
                self._cookies[role] = {"beseda": str(visitor.cookies["beseda"])}
            if "parseElements" not in answer.text:
                yield None
                return
            cookies = {each.name: str(each.value) for each in browser.cookies.jar}
        page = Page.read(self._world.url, cookies, answer.text)
        self.pages += 1
        with suppress(Refused, InvalidStatus):
            async with line(page) as there:
                yield there
                return
        yield None

    def _listeners(self, there: Line) -> list[Listener]:
        found = [*listeners(there.page.elements | there.elements)]
        self.seen |= {(each.tag, each.kind) for each in found}
        return found

    async def _press(self, there: Line) -> None:
        pressed: set[str] = set()
        with suppress(ConnectionClosed):
            while fresh := [each for each in self._listeners(there) if each.kind == "click" and each.id not in pressed]:
                for each in fresh[:20]:
                    pressed.add(each.id)
                    await there.do(each)
                await asyncio.sleep(10 * PAUSE)
                if len(pressed) > EVENTS_A_PAGE:
                    return

    async def _disturb(self, there: Line) -> None:
        for _ in range(EVENTS_A_PAGE):
            found = self._listeners(there)
            if not found:
                return
            self.events += 1
            chance = self._random.random()
            if chance < 0.02:
                await there.send(self._random.choice([*JUNK, b"bytes"]))
            else:
                listener = self._random.choice(found)
                await there.emit("event", id=listener.element, listener_id=listener.id, args=self._arguments(listener))
            if chance > 0.7:
                await asyncio.sleep(PAUSE)

    def _arguments(self, listener: Listener) -> list[str]:
        """Valid arguments, valid ones with something spoiled in them, or anything."""
        chance = self._random.random()
        if chance < 0.1:
            return [self._random.choice(UNREADABLE)]
        takes = self._takes.get(listener.tag, {})
        if listener.kind in takes and chance < 0.8:
            shape = takes[listener.kind]
            right = [] if shape is None else [self._sample(shape)]
            return [json.dumps(self._spoiled(each) if chance < 0.4 else each) for each in right]
        if listener.kind == "click" or chance < 0.3:
            return []
        return [json.dumps(self._random.choice(SPOILED)) for _ in range(self._random.choice([1, 1, 1, 2, 9]))]

    def _spoiled(self, right: object) -> object:
        if not isinstance(right, dict) or not right or self._random.random() < 0.1:
            return self._random.choice(SPOILED)
        name = self._random.choice([*right])
        if isinstance(right[name], dict):
            return {**right, name: self._spoiled(right[name])}
        match self._random.randrange(4):
            case 0:
                return {key: value for key, value in right.items() if key != name}
            case 1:
                return {**right, "more": self._random.choice(SPOILED)}
        return {**right, name: self._random.choice(SPOILED)}

    def _sample(self, shape: Shape) -> object:
        choose = self._random.choice
        match shape:
            case Record():
                return {name: self._sample(each) for name, each in shape.fields.items()}
            case Text():
                words = ["", "previous", "next", "delete", "regenerate", "continue", "report", "pin", "rename", "begin"]
                words += [
                    "duplicate",
                    "take",
                    "uphold",
                    "name",
                    "greeting",
                    "examples.0",
                    "examples.99999999999999999999",
                ]
                return choose([*words, "Слово " * 10, "a\u0301" * (shape.longest // 2), "x" * shape.longest])
            case OneOf():
                return choose(sorted(shape.words))
            case Number():
                known = [
                    self._world.dialog,
                    self._world.message,
                    self._world.public,
                    0,
                    -1,
                    2**31,
                    shape.least,
                    shape.most,
                ]
                return choose(known)
            case Flag():
                return choose([True, False])
        return self._filled_in(shape)

    def _filled_in(self, shape: Shape) -> object:
        choose = self._random.choice
        match shape:
            case Fields():
                return {name: self._field(kinds) for name, kinds in KINDS.items() if self._random.random() < 0.8}
            case Ids():
                return [choose([self._world.world, self._world.dialog, 0, -1, 2**31]) for _ in range(choose([0, 1, 3]))]
            case Values():
                return {name: choose(IN_A_BOOK) for name in (*EntryForm.__dataclass_fields__, "before", "text")}
        raise AssertionError(shape)

    def _field(self, kinds: tuple[type, ...]) -> object:
        kind = self._random.choice(kinds)
        text = self._random.choice(
            ["", "Марина", "x" * 3_000, "a\u0301\u0327" * 3_000, "{{user}}" * 500, "*`[" * 1_000, "ß\0"]
        )
        samples: dict[type, list[object]] = {
            str: [text],
            list: [[], [text], [text[:50]] * 21],
            bool: [True, False],
            int: [0, 1, -1, 2**31, 2**53 - 1],
            float: [0.5, -1.0, 1e300],
        }
        return self._random.choice(samples.get(kind, [None]))


def _paths(world: World, routes: list[Found]) -> list[str]:
    """The address of every page, with the owner's ids in its placeholders."""
    places = {"dialog_id": world.dialog, "character_id": world.public, "user_id": world.programs["owner"].id}
    pages = [each.path for each in routes if each.method == "GET" and "/feed" not in each.path]
    filled = {path.replace(":id}", "}").replace(":path}", "}").format_map(_Anything(places)) for path in pages}
    return sorted(each for each in filled if not each.startswith(("/_nicegui", "/assets", "/export", "/with")))


class _Anything(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "1"

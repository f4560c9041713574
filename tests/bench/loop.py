"""Benchmark of event-loop blocking: the longest uninterrupted stretch, per address and listener, worst first.

Inputs are as large as allowed. Everybody else waits for that long.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from websockets.exceptions import ConnectionClosed

from domain.accounts.passwords import hashed
from domain.chat.tree.message_tree import JumpPointer, place_below
from tests.bench.largest_file import largest_file
from tests.bench.listeners import COMBINING, MARKDOWN, largest, open_page
from tests.bench.rows import Seat, seat
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import NO_HTTPS
from tests.e2e.product import Product
from tests.pages import Listener
from tests.ui.access.conftest import UNCOUNTED
from ui.socket.listeners import LINE

AIM = 20  # milliseconds
SHOWN = 2  # milliseconds: shorter ones are counted, not listed
TIMES = 3
"""Each is tried so often until it reaches the aim: the rest may be the machine's weather."""
AFTERWARDS = 0.15  # seconds, for work that goes on after an answer
BETWEEN = 0.01  # seconds between two events of a page
LONG = 100_000
"""Messages of the long dialog; in the other each is as long as it may be, and all Markdown."""
PASSWORD = "the bench's own"
LETTERS = " ".join("абвгдежзийклмнопрстуфхцчшщъыьэюяabcdefgh")
MEGABYTE = 1_000_000

PLACES = {
    "character_id": "1",
    "user_id": "1",
    "kind": "json",
    "name": "x" * 200,
    "token": "x" * 500,
    "size": "card",
    "page_id": "1",
}
"""What stands for the parts of an address."""
QUERIES = ("search", "q", "words", "begins", "before", "after", "to", "next", "interests", "login")
BODY = ("login", "password", "email", "code", "text", "name", "bio", "context", "greeting", "reason", "theme", "ticket")
FILLED = "update:value"
"""What a field of a form tells; a click then takes what stands in all of them."""
LAST = {"/leave", "/api/auth/log-out"}
"""They end the session that all the others need."""
OTHER_KIND = "text/event-stream"


@dataclass(frozen=True)
class Scene:
    """The product, an admin's browser, the heartbeat file, and values for the parameters of paths."""

    product: Product
    browser: httpx.AsyncClient
    heard: Path
    words: dict[str, str]

    def filled(self, path: str) -> str:
        """The path with a value for each of its parameters."""
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: self.words.get(found[1], "1"), path)

    def routes(self) -> list[tuple[str, str]]:
        """Method and path of each route."""
        return [(method, path) for method, path in json.loads(self.heard.with_suffix(".routes").read_text())]

    async def longest(self, do: Callable[[], Awaitable[float | None]]) -> float:
        """Longest block in milliseconds, while `do` runs and a little longer; since the moment it returns, if any."""
        found = []
        for _ in range(TIMES):
            since = time.monotonic()
            since = await do() or since
            await asyncio.sleep(AFTERWARDS)
            beats = (line.split() for line in self.heard.read_text().splitlines())
            found.append(max((float(late) for at, late in beats if float(at) > since), default=0.0))
            if found[-1] * 1000 <= AIM:
                break
        return min(found) * 1000


async def loop(upstream: Upstream) -> list[Line]:
    """Measure every address, requests with a large result, and every listener of every address that is a page."""
    found: dict[str, float] = {}
    async with _scene(upstream) as scene:
        routes = sorted(scene.routes(), key=lambda route: route[1] in LAST)
        for method, path in routes:
            found[f"{method} {path}"] = await scene.longest(partial(_ask, scene, method, path))
    async with _scene(upstream) as scene:  # all that the addresses did is undone
        for name, ask in _large_ones(scene).items():
            found[name] = await scene.longest(ask)
        for path in (path for method, path in routes if method == "GET" and path not in LAST):
            for listener in await _listeners(scene, path):
                found[f"{path} {listener}"] = await scene.longest(partial(_tell, scene, path, str(listener)))
    return _table(found)


def _table(found: dict[str, float]) -> list[Line]:
    worst_first = sorted(found.items(), key=lambda each: -each[1])
    lines = [Line(name, value, "ms", most=AIM) for name, value in worst_first if value > SHOWN]
    return [*lines, Line(f"the other {len(found) - len(lines)} of {len(found)}", SHOWN, "ms", most=AIM, note="at most")]


async def _ask(scene: Scene, method: str, path: str) -> None:
    """Request the address with long queries or, if it takes a body, with one of nearly a megabyte."""
    with suppress(httpx.HTTPError):  # a body that is too large may be refused halfway
        if method == "GET":
            for asked in ({}, *({name: COMBINING * 3_000} for name in QUERIES)):
                await _get(scene, path, asked)
            return
        words = dict.fromkeys(BODY, COMBINING * (MEGABYTE // 5 // len(BODY) - 1_000))
        for body in (json.dumps(words, ensure_ascii=False).encode(), b"[" * (MEGABYTE - 1)):
            headers = {"Content-Type": "application/json"}
            await scene.browser.request(method, scene.filled(path), content=body, headers=headers)


async def _get(scene: Scene, path: str, asked: dict[str, str]) -> None:
    async with scene.browser.stream("GET", scene.filled(path), params=asked) as answer:
        if answer.headers.get("Content-Type", "").startswith(OTHER_KIND):
            return
        await answer.aread()


def _large_ones(scene: Scene) -> dict[str, Callable[[], Awaitable[None]]]:
    """Requests that are large by what they ask for, not by their own size."""
    browser, words = scene.browser, scene.words
    dialog, middle = words["dialog_id"], words["message_id"]

    async def get(address: str) -> None:
        (await browser.get(address)).raise_for_status()

    async def load() -> None:
        (await browser.post("/feed/dialogs/import", content=words["file"].encode())).raise_for_status()

    async def turn() -> None:
        for message_id in (words["last"], words["beside"]):
            (await browser.post(f"/feed/dialogs/{dialog}/turn/{message_id}")).raise_for_status()

    addresses = {
        "history, its end": f"/feed/dialogs/{dialog}",
        "history, before the middle": f"/feed/dialogs/{dialog}?before={middle}",
        "history, after the middle": f"/feed/dialogs/{dialog}?after={middle}",
        "history, around the middle": f"/feed/dialogs/{dialog}?around={middle}",
        "history, all Markdown": f"/feed/dialogs/{words['marked']}",
        "messages by the API": f"/api/dialogs/{dialog}/messages?limit=100",
        "search, a word": "/feed/dialogs?search=слово",
        "search, forty letters": f"/feed/dialogs?search={LETTERS}",
        "search, nothing there": "/feed/dialogs?search=дирижабль",
        "export, JSON": f"/export/dialogs/{dialog}.json",
        "export, text": f"/export/dialogs/{dialog}.txt",
        "export, Markdown": f"/export/dialogs/{dialog}.md",
    }
    asked: dict[str, Callable[[], Awaitable[None]]] = {
        name: partial(get, address) for name, address in addresses.items()
    }
    return {
        f"{LONG} messages: {name}": ask for name, ask in {**asked, "turn to a branch": turn, "import": load}.items()
    }


async def _listeners(scene: Scene, path: str) -> list[Listener]:
    """Listeners of the page, one of each kind."""
    async with open_page(scene.browser, scene.filled(path)) as page:
        return list({str(each): each for each in page.listeners}.values()) if page else []


async def _tell(scene: Scene, path: str, what: str) -> float | None:
    """Send the listener its largest arguments, on a page of its own, since an answer may lead elsewhere. Returns the
    moment when the page had been built, None if it has no such listener.
    """
    message_id = int(scene.words["message_id"])
    async with open_page(scene.browser, scene.filled(path)) as page:
        listener = next((each for each in page.listeners if str(each) == what), None) if page else None
        if page is None or listener is None:
            return None
        await asyncio.sleep(AFTERWARDS)
        built = time.monotonic()
        with suppress(ConnectionClosed):  # a refusal, too
            for field in (each for each in page.listeners if each.kind == FILLED):
                await page.tell(field, COMBINING * (LINE // len(COMBINING)))
            for arguments in largest(listener, message_id):
                await page.tell(listener, *arguments)
                await asyncio.sleep(BETWEEN)
        await asyncio.sleep(AFTERWARDS)
        return built


@asynccontextmanager
async def _scene(upstream: Upstream) -> AsyncGenerator[Scene]:
    with TemporaryDirectory() as folder:
        heard = Path(folder) / "heart"
        settings = {
            "BASE_URL": upstream.url,
            "API_KEY": "key",
            "LLM_MODEL": "model",
            "LOG_LEVEL": "ERROR",
            "LIMITS": UNCOUNTED,
        }
        product = Product(Path(folder), program=("-m", "tests.bench.heart"), HEART_FILE=str(heard), **settings)
        product.data.mkdir()
        database = product.data / "beseda.db"
        [admin, *_others] = await seat(f"sqlite:///{database}", [1, 1])
        words = furnish(database, admin, await hashed(PASSWORD))
        cookie = {"Cookie": f"beseda={admin.cookie}", "Accept-Language": "ru", "Origin": product.url}
        product.start()
        try:
            async with httpx.AsyncClient(base_url=product.url, headers=cookie, timeout=120, verify=NO_HTTPS) as browser:
                keys = await browser.post("/api/auth/login", json={"login": "0@x.test", "password": PASSWORD})
                browser.headers["Authorization"] = f"Bearer {keys.raise_for_status().json()['access_token']}"
                yield Scene(product, browser, heard, words)
        finally:
            product.stop()


def furnish(database: Path, admin: Seat, password_hash: str) -> dict[str, str]:
    """Add a long dialog with a short branch at its second message, and one that is all Markdown; returns values for the
    parameters of paths, among them their ids.
    """
    places: dict[int, JumpPointer] = {}
    with closing(sqlite3.connect(database, timeout=10)) as db, db:
        db.execute("UPDATE user SET is_admin = 1, password_hash = ? WHERE id = ?", (password_hash, admin.user_id))
        [(first,)] = db.execute("SELECT max(id) + 1 FROM message")
        marked = [int(first) + n for n in range(60)]
        long = [marked[-1] + 1 + n for n in range(LONG)]
        beside = long[-1] + 1
        parents = {beside: long[1], **_line(marked), **_line(long)}
        texts = {**dict.fromkeys(marked, (MARKDOWN * 300)[:16_000]), beside: "рядом"}
        dialogs: dict[int, int | None] = {}
        for ids in (marked, long):
            made = db.execute(
                "INSERT INTO dialog (user_id, character_id, started_at, spoken_at) SELECT user_id, character_id,"
                " started_at, spoken_at FROM dialog WHERE id = ?",
                (admin.dialog_id,),
            )
            dialogs |= dict.fromkeys(ids, made.lastrowid)
        dialogs[beside] = dialogs[long[0]]
        for message_id in sorted(dialogs):
            places[message_id] = place_below(parents[message_id], places)
        db.executemany(
            "INSERT INTO message (id, dialog_id, parent_id, depth, jump_id, role, text, state, fault, reference, model,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'done', '', '', '', '2026-01-01 00:00:00.000000')",
            (
                (
                    *(each, dialogs[each], parents[each], *places[each]),
                    *("assistant" if places[each][0] % 2 else "user", texts.get(each, f"слово {each} " * 20)),
                )
                for each in sorted(dialogs)
            ),
        )
        for ids in (marked, long):
            db.execute("UPDATE dialog SET leaf_id = ? WHERE id = ?", (ids[-1], dialogs[ids[0]]))
    own = {"dialog_id": str(dialogs[long[0]]), "message_id": str(long[LONG // 2]), "last": str(long[-1])}
    own["second"] = str(long[2])
    return PLACES | own | {"beside": str(beside), "marked": str(dialogs[marked[0]]), "file": largest_file()}


def _line(ids: list[int]) -> dict[int, int | None]:
    """Parent of each message: the one before it."""
    return dict(zip(ids, [None, *ids], strict=False))

"""Benchmark of a long dialog: how long another person's write waits while somebody reads 100,000 messages, switches
between their branches, deletes and restores.

In one process, without HTTP: what is measured is the database's only writer.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import col, select

from domain.accounts.sessions import Caller, LoginSession
from domain.characters.favourites import Favourites
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.dialogs import Dialogs
from domain.chat.replies.reply_writer import ReplyWriter
from domain.llm.demo.model import DemoModel
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from tests.bench.crowd import p95
from tests.bench.loop import furnish
from tests.bench.rows import Seat, seat
from tests.bench.table import Line
from tests.bench.upstream import Upstream

AIM = 50  # milliseconds
TIMES = 20
"""How often each is done."""
PAUSE = 0.01  # seconds between two writes


async def long_dialog(_upstream: Upstream) -> list[Line]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "beseda.db"
        [one, other] = await seat(f"sqlite:///{file}", [1, 1])
        words = await asyncio.to_thread(furnish, file, one, "")
        gc.collect()
        gc.freeze()  # as the server does, which has no test data in memory
        database = Database(f"sqlite:///{file}")
        try:
            return [await _line(database, name, act, other) for name, act in _actions(database, one, words).items()]
        finally:
            await database.close()


def _actions(database: Database, one: Seat, words: dict[str, str]) -> dict[str, Callable[[], Awaitable[object]]]:
    bus, limits = Bus(), RateLimiter(InMemory())
    reply_writer = ReplyWriter(database, bus, DemoModel(), limits, places=1)
    chat, branches = Chat(database, bus, reply_writer), Branches(database, bus, reply_writer)
    dialogs = Dialogs(database, bus, limits)
    dialog, middle = int(words["dialog_id"]), int(words["message_id"])
    second, beside, last = int(words["second"]), int(words["beside"]), int(words["last"])

    async def caller() -> Caller:
        async with database.read() as db:
            session = (await db.exec(select(LoginSession).where(col(LoginSession.user_id) == one.user_id))).one()
            return Caller(session.id, one.user_id)

    async def step() -> None:
        await branches.switch_branch(await caller(), second, 1)
        await branches.switch_branch(await caller(), beside, -1)

    async def delete() -> None:
        await branches.delete(await caller(), second)
        await branches.restore(await caller(), second)

    async def delete_in_the_middle() -> None:
        await branches.delete(await caller(), middle)
        await branches.restore(await caller(), middle)

    async def turn() -> None:
        await dialogs.switch_to(await caller(), dialog, beside)
        await dialogs.switch_to(await caller(), dialog, last)

    async def read() -> None:
        await chat.open(await caller(), dialog, around=middle)

    return {
        "step to a branch and back": step,
        "delete the branch, restore it": delete,
        "delete in the middle, restore": delete_in_the_middle,
        "jump to a branch and back": turn,
        "read around the middle": read,
    }


async def _line(database: Database, name: str, act: Callable[[], Awaitable[object]], other: Seat) -> Line:
    """Longest wait of the other person's writes while `act` is done again and again."""
    waited: list[float] = []
    writing = asyncio.create_task(_write(database, other, waited))
    await act()
    waited.clear()  # warm-up: statements are compiled on first use
    for _ in range(TIMES):
        await act()
    writing.cancel()
    await asyncio.wait([writing])
    note = f"p95 {p95(waited) * 1000:.1f} ms of {len(waited)} writes"
    return Line(f"another's write: {name}", max(waited) * 1000, "ms", most=AIM, note=note)


async def _write(database: Database, other: Seat, waited: list[float]) -> None:
    """Mark and unmark a favourite without end, noting the seconds that each write took."""
    favourites = Favourites(database)
    async with database.read() as db:
        session = (await db.exec(select(LoginSession).where(col(LoginSession.user_id) == other.user_id))).one()
    caller, marked = Caller(session.id, other.user_id), False
    while True:
        begun = time.monotonic()
        marked = not marked
        await favourites.set_favourite(caller, 1, marked)
        waited.append(time.monotonic() - begun)
        await asyncio.sleep(PAUSE)

"""Benchmark of the admin pages: how long they take with 100,000 people and a million messages, on both databases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from domain.admin.characters import AdminCharacters, CharacterFilter, CharacterOrder, CharacterState
from domain.admin.details import AdminDetails
from domain.admin.dialogs import AdminDialogs, DialogFilter, DialogOrder, Faults
from domain.admin.people import AdminUsers, UserFilter, UserOrder, UserState
from domain.clock import now
from domain.paging import Page
from domain.statistics.daily_totals import Rank
from domain.statistics.overview import Overview
from domain.statistics.period_stats import Period
from domain.usage.budget import TokenBudgets
from storage.bus import Bus
from storage.database import Database
from storage.migrate import upgrade
from tests.bench.many import an_admin, fill
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.postgres import Server

ROUNDS = 3
"""Of each question."""
PAGES = 4
"""Of each list, one behind the other."""
OVERVIEW, LIST = 200, 50  # milliseconds
MOSCOW = ZoneInfo("Europe/Moscow")
DAY = timedelta(days=1)


async def admin(_upstream: Upstream) -> list[Line]:
    lines: list[Line] = []
    for dialect in ("sqlite", "postgresql"):
        async with _filled(dialect) as database:
            lines += await measure(database, dialect)
    return lines


@asynccontextmanager
async def _filled(dialect: str) -> AsyncGenerator[Database]:
    with TemporaryDirectory() as folder:
        server = Server() if dialect == "postgresql" else None
        url = server.create("many") if server else f"sqlite:///{Path(folder) / 'many.db'}"
        await asyncio.to_thread(upgrade, url)
        database = Database(url, wait=60)
        try:
            await fill(database, lambda _part: None)
            yield database
        finally:
            await database.close()
            if server:
                server.stop()


_PEOPLE = (
    UserFilter(),
    UserFilter(words="человек 5"),
    UserFilter(words="p777"),
    UserFilter(words="99999"),
    UserFilter(state=UserState.BLOCKED),
    UserFilter(state=UserState.FREE, is_admin=False),
    UserFilter(has_reports=True),
    UserFilter(quota_hit=True),
    UserFilter(registered_since=now() - 30 * DAY, registered_until=now() - 29 * DAY),
    UserFilter(seen_since=now() - DAY),
)
_CAST = (
    CharacterFilter(),
    CharacterFilter(words="герой 77"),
    CharacterFilter(author_id=32),
    CharacterFilter(state=CharacterState.BLOCKED),
    CharacterFilter(has_reports=True),
    CharacterFilter(made_since=now() - 30 * DAY),
)
_TALKS = (
    DialogFilter(),
    DialogFilter(user_id=5),
    DialogFilter(character_id=3),
    DialogFilter(character_id=3, faults=Faults.ANY),
    DialogFilter(since=now() - 7 * DAY),
    DialogFilter(since=now() - 60 * DAY, until=now() - 59 * DAY, faults=Faults.ANY),
    DialogFilter(started_since=now() - DAY),
    DialogFilter(faults=Faults.ANY),
)


class _Waits:
    """Durations of queries in milliseconds, by kind, and the slowest query of each kind."""

    def __init__(self) -> None:
        self._taken: dict[str, list[float]] = {}
        self._slowest: dict[str, tuple[float, str]] = {}

    async def of(self, kind: str, which: str, ask: Callable[..., Awaitable[Any]], *words: Any, **more: Any) -> Any:
        for _round in range(ROUNDS):
            begun = time.perf_counter()
            answer = await ask(*words, **more)
            taken = (time.perf_counter() - begun) * 1000
            self._taken.setdefault(kind, []).append(taken)
            self._slowest[kind] = max(self._slowest.get(kind, (0, "")), (taken, which))
        return answer

    async def of_pages(self, kind: str, which: str, page: Callable[..., Awaitable[Page[Any]]]) -> None:
        for descending in (True, False):
            after = ""
            for number in range(1, PAGES + 1):
                way = f"{which}, {'down' if descending else 'up'}, page {number}"
                asked = await self.of(kind, way, page, descending=descending, after=after)
                after = asked.next
                if not after:
                    break

    def lines(self, dialect: str) -> list[Line]:
        return [
            Line(
                f"{kind}, p95, {dialect}",
                quantiles(taken, n=20)[-1],
                "ms",
                most=OVERVIEW if kind == "overview" else LIST,
                note="slowest {:.0f} ms: {}".format(*self._slowest[kind]),
            )
            for kind, taken in self._taken.items()
        ]


async def measure(database: Database, dialect: str) -> list[Line]:
    caller = await an_admin(database)
    waits = _Waits()
    overview = Overview(database)
    for days in (1, 7, 30, 90):
        period = Period(now() - days * DAY, now())
        for rank in Rank:
            await waits.of("overview", f"{days} days by {rank}", overview.of, caller, period, MOSCOW, rank)
    lists: tuple[tuple[str, Any, type[StrEnum], Sequence[Any]], ...] = (
        ("people", AdminUsers(database, TokenBudgets()), UserOrder, _PEOPLE),
        ("characters", AdminCharacters(database), CharacterOrder, _CAST),
        ("dialogs", AdminDialogs(database), DialogOrder, _TALKS),
    )
    for kind, service, orders, filters in lists:
        for sought in filters:
            for order in orders:
                await waits.of_pages(kind, f"{sought} by {order}", partial(service.page, caller, sought, order))
    dossiers = AdminDetails(database, Bus())
    for user_id in (1, 150, 50_000, 99_999):
        await waits.of("person", str(user_id), dossiers.person, caller, user_id, MOSCOW)
    for character_id in (1, 7, 5_000):
        await waits.of("character", str(character_id), dossiers.character, caller, character_id, MOSCOW)
    return waits.lines(dialect)

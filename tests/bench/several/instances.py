"""Benchmark of several instances: two behind a proxy on one PostgreSQL, beside one on SQLite in the same run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import mean, median, quantiles

import httpx

from tests.bench.baselines.bare import AT_ONCE
from tests.bench.replies import idle_cpu, one_round, open_pages
from tests.bench.rows import Seat
from tests.bench.several.cluster import Cluster, cluster
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import NO_HTTPS, Heard, Visitor, visitor

ROUNDS = 4
WATCHED = 6  # replies
WAIT = 30  # seconds for a watching page
HELD_BY_ONE, HELD_BY_TWO = 500, 1000
OPENED_AT_ONCE = 10
TALKING = 20
"""Of the people with an open chat, one of so many writes all the time."""
LOOKING, HOLD = 20, 60  # strangers who look around, and seconds
LOOKED_AT = ("/", "/feed/gallery", "/log-in")
PAUSE = 1.0
"""Seconds between a stranger's looks: some twenty pages a second in all, as people ask. Without a pause they would only
show how many the machine can make.
"""
SERVER_ERROR = 500


async def instances(upstream: Upstream) -> list[Line]:
    async with stage(upstream, [0] * AT_ONCE) as one, cluster(upstream, [0] * AT_ONCE) as two:
        lines = [await _cpu(one, two), *await _across(two)]
    async with stage(upstream, [1] * HELD_BY_ONE) as one:
        lines += _lines("one process", HELD_BY_ONE, await _held(one))
    async with cluster(upstream, [1] * HELD_BY_TWO) as two:
        lines += _lines("two and a proxy", HELD_BY_TWO, await _held(two))
    return lines


async def _cpu(one: Stage, two: Cluster) -> Line:
    """In turn, so that both see the same weather on the machine."""
    async with open_pages(one, one.seats) as at_one, open_pages(two, two.seats) as at_two:
        for here, people in ((one, at_one), (two, at_two)):
            await one_round(here, people, "instant")
        idle_one, idle_two = await idle_cpu(one), await idle_cpu(two)
        costs = [
            ((await one_round(one, at_one, "fine", idle_one))[0], (await one_round(two, at_two, "fine", idle_two))[0])
            for _ in range(ROUNDS)
        ]
    alone, together = (median(side) * 1000 for side in zip(*costs, strict=True))
    return Line(
        *("two instances: server CPU a reply", together, "ms"),
        most=1.25,
        reference=("one on SQLite", alone),
        note=f"five at once, behind Caddy; open pages cost {idle_two * 1000:.1f} and {idle_one * 1000:.1f} ms a second",
    )


async def _across(two: Cluster) -> list[Line]:
    """One person's three pages: where they write, another of the same instance, one of the other."""
    writes_at, other = two.instances
    person = two.seats[0]
    async with (
        visitor(writes_at.url, person) as writer,
        visitor(writes_at.url, person) as near,
        visitor(other.url, person) as far,
    ):
        waits = [await _watched(writer, near, far) for _ in range(WATCHED)]
    lags = [(far.first - near.first) * 1000 for near, far in waits if far.first]
    unheard = sum(not far.ended for _near, far in waits)
    lines = [Line("replies whose end another instance's page did not hear", unheard, "", most=0)]
    if lags:
        note = f"median of {len(lags)}, worst {max(lags):.0f}"
        lines.append(Line("  first text there later than at the same", median(lags), "ms", most=50, note=note))
    return lines


async def _watched(writer: Visitor, near: Visitor, far: Visitor) -> tuple[Heard, Heard]:
    near.attend()
    far.attend()
    await writer.ask("fine")
    return await near.heard(WAIT), await far.heard(WAIT)


@dataclass
class Looks:
    """What strangers met: seconds of the pages that came, and how many were refused with 5xx."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    replies: int = 0
    lost: int = 0


async def _held(here: Stage | Cluster) -> Looks:
    looks = Looks()
    async with _many_pages(here, here.seats) as people:
        until = time.monotonic() + HOLD
        await asyncio.gather(
            *(_talk(person, until, looks) for person in people[::TALKING]),
            *(_look_around(here.url, until, looks) for _ in range(LOOKING)),
        )
        looks.lost = sum(not person.is_connected for person in people)
    return looks


@asynccontextmanager
async def _many_pages(here: Stage | Cluster, seats: Sequence[Seat]) -> AsyncGenerator[list[Visitor]]:
    async with AsyncExitStack() as pages:
        people: list[Visitor] = []
        for start in range(0, len(seats), OPENED_AT_ONCE):
            some = (
                pages.enter_async_context(visitor(here.url, each)) for each in seats[start : start + OPENED_AT_ONCE]
            )
            people += await asyncio.gather(*some)
        yield people


async def _talk(person: Visitor, until: float, looks: Looks) -> None:
    while time.monotonic() < until:
        looks.replies += (await person.ask("quick")).state == "done"


async def _look_around(url: str, until: float, looks: Looks) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60, verify=NO_HTTPS) as stranger:
        while time.monotonic() < until:
            for path in LOOKED_AT:
                begun = time.monotonic()
                answer = await stranger.get(path)
                looks.seconds.append(time.monotonic() - begun)
                looks.errors += answer.status_code >= SERVER_ERROR
                await asyncio.sleep(PAUSE)


def _lines(who: str, chats: int, looks: Looks) -> list[Line]:
    seconds = looks.seconds
    return [
        Line(
            *(f"{chats} open chats, {who}: 5xx", 1_000_000 * looks.errors / len(seconds), "ppm"),
            most=250,
            note=f"of {len(seconds)} pages in {HOLD} s, beside {looks.replies} replies",
        ),
        Line("  open chats lost", looks.lost, "", most=0),
        Line("  a page, mean", mean(seconds) * 1000, "ms", most=100),
        Line("  a page, p99", quantiles(seconds, n=100)[-1] * 1000, "ms", most=2000),
    ]

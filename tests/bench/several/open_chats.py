"""Load test of open chats: hundreds of pages held open, one in twenty of them writing, while strangers look around."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, quantiles

import httpx

from tests.bench.replies import Measured, idle_cpu
from tests.bench.rows import Seat
from tests.bench.table import Line
from tests.bench.visitor import NO_HTTPS, Visitor, visitor

OPENED_AT_ONCE = 10
TALKING = 20
"""Of the people with an open chat, one of so many writes all the time."""
LOOKING, HOLD = 20, 60  # strangers who look around, and for how many seconds
LOOKED_AT = ("/", "/feed/gallery", "/log-in")
PAUSE = 1.0
"""Seconds between a stranger's looks in the mean: some twenty pages a second in all. Each comes at a random moment, as
people do: with equal pauses those who have once met stay together, so that all twenty ask at the same moment for ever.
"""
SETTLED = 10  # seconds until the server is done with what follows the opening of hundreds of pages
LOOKS_FOR_CPU = 90
BUNCHES = 5
SERVER_ERROR = 500
NO_ANSWER = 30  # seconds


@dataclass
class Looks:
    """Measurements while pages are held open: seconds of each page that a stranger loaded, how many failed with 5xx or
    timed out, and the CPU used.
    """

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    replies: int = 0
    lost: int = 0
    bunched: list[float] = field(default_factory=list)
    """Seconds of the pages that all strangers asked for at the same moment."""
    cpu_of_look: float = 0  # CPU seconds of the server per page
    idle: float = 0  # CPU seconds of the server per second, while nobody does anything
    server: float = 0  # share of a core
    generator: float = 0  # share of a core
    machine: float = 0  # share of all its cores

    async def look(self, stranger: httpx.AsyncClient, path: str, into: list[float]) -> None:
        begun = time.monotonic()
        try:
            status = (await stranger.get(path)).status_code
        except httpx.TimeoutException:
            status = SERVER_ERROR
        into.append(time.monotonic() - begun)
        self.errors += status >= SERVER_ERROR


async def held(here: Measured, seats: Sequence[Seat]) -> Looks:
    looks = Looks()
    async with _many_pages(here, seats) as people:
        await asyncio.sleep(SETTLED)
        looks.idle = await idle_cpu(here)
        looks.cpu_of_look = await _cpu_of_look(here, looks.idle)
        before, until = _spent(here), time.monotonic() + HOLD
        await asyncio.gather(
            *(_talk(person, until, looks) for person in people[::TALKING]),
            *(_look_around(here.url, until, looks, seed) for seed in range(LOOKING)),
        )
        took, server, generator, machine = (after - at for after, at in zip(_spent(here), before, strict=True))
        looks.server, looks.generator, looks.machine = server / took, generator / took, machine / took
        looks.bunched = await _bunched(here.url)
        looks.lost = sum(not person.is_connected for person in people)
    return looks


@asynccontextmanager
async def _many_pages(here: Measured, seats: Sequence[Seat]) -> AsyncGenerator[list[Visitor]]:
    async with AsyncExitStack() as pages:
        people: list[Visitor] = []
        for start in range(0, len(seats), OPENED_AT_ONCE):
            some = (
                pages.enter_async_context(visitor(here.url, each)) for each in seats[start : start + OPENED_AT_ONCE]
            )
            people += await asyncio.gather(*some)
        yield people


def _stranger(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=NO_ANSWER, verify=NO_HTTPS)


async def _cpu_of_look(here: Measured, idle: float) -> float:
    """Server CPU seconds per page, loaded one after the other, without what the open pages cost when idle."""
    async with _stranger(here.url) as stranger:
        for path in LOOKED_AT:
            await stranger.get(path)
        begun, before = time.monotonic(), here.cpu()
        for n in range(LOOKS_FOR_CPU):
            await stranger.get(LOOKED_AT[n % len(LOOKED_AT)])
        return (here.cpu() - before - idle * (time.monotonic() - begun)) / LOOKS_FOR_CPU


def _spent(here: Measured) -> tuple[float, ...]:
    """The time, and CPU seconds so far: of the server, of this process, and of an average core of this machine."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().split()[1:9])
    taken = (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK") / os.sysconf("SC_NPROCESSORS_ONLN")
    return time.monotonic(), here.cpu(), time.process_time(), taken


async def _talk(person: Visitor, until: float, looks: Looks) -> None:
    while time.monotonic() < until:
        reply = await person.ask("quick")
        looks.replies += reply.state == "done"


async def _look_around(url: str, until: float, looks: Looks, seed: int) -> None:
    chance = random.Random(seed)
    async with _stranger(url) as stranger:
        for n in range(10**6):
            await asyncio.sleep(chance.expovariate(1 / PAUSE))
            if time.monotonic() > until:
                break
            await looks.look(stranger, LOOKED_AT[n % len(LOOKED_AT)], looks.seconds)


async def _bunched(url: str) -> list[float]:
    """Seconds of pages that all strangers ask for at the same moment, as after a school bell."""
    looks = Looks()
    async with AsyncExitStack() as connected:
        strangers = [await connected.enter_async_context(_stranger(url)) for _ in range(LOOKING)]
        for _ in range(BUNCHES):
            await asyncio.gather(*(looks.look(each, LOOKED_AT[0], looks.bunched) for each in strangers))
    return looks.bunched


def lines(who: str, chats: int, looks: Looks) -> list[Line]:
    seconds = looks.seconds
    return [
        Line(
            *(f"{chats} open chats, {who}: 5xx", 1_000_000 * looks.errors / len(seconds), "ppm"),
            most=250,
            note=f"or no answer, of {len(seconds)} pages in {HOLD} s, beside {looks.replies} replies; server "
            f"{looks.server:.0%} of a core, this generator {looks.generator:.0%}, all cores {looks.machine:.0%} taken",
        ),
        Line("  open chats lost", looks.lost, "", most=0),
        Line("  a page, mean", mean(seconds) * 1000, "ms", most=100),
        Line("  a page, p99", quantiles(seconds, n=100)[-1] * 1000, "ms", most=2000),
        Line(f"  {LOOKING} pages asked for at once, mean", mean(looks.bunched) * 1000, "ms"),
        Line("  server CPU a page", looks.cpu_of_look * 1000, "ms"),
        Line("  open chats alone, CPU a second", looks.idle * 1000, "ms"),
    ]

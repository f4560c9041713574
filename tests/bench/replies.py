"""Benchmark of replies: five people talk at once, each with an open page: CPU, delay and payload of a reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from tests.bench.baselines.bare import AT_ONCE, Bare
from tests.bench.rows import Seat
from tests.bench.stage import stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import Heard, Visitor, visitor

ROUNDS = 4
IDLE = 4  # seconds over which the CPU of idle open pages is measured
AFTERWARDS = 0.5  # seconds until the server is done with what follows the end of a reply


@dataclass
class Style:
    """Measurements in one style; CPU in seconds per reply, one figure a round."""

    cpu: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    bare_late: list[float] = field(default_factory=list)
    replies: list[Heard] = field(default_factory=list)


@dataclass
class Talks:
    fine: Style = field(default_factory=Style)
    coarse: Style = field(default_factory=Style)
    short: list[float] = field(default_factory=list)
    bytes_only: list[float] = field(default_factory=list)
    idle: float = 0


class Measured(Protocol):
    """The product under test, whatever it consists of."""

    @property
    def url(self) -> str: ...

    def cpu(self) -> float: ...


async def talk(upstream: Upstream) -> Talks:
    """Measure the product and the bare loops in turn, so that all see the same load on the machine."""
    talks = Talks()
    async with stage(upstream, [0] * AT_ONCE) as here, open_pages(here, here.seats) as people:
        with Bare("langchain", upstream.url) as loop, Bare("bytes", upstream.url) as reader:
            await one_round(here, people, "instant")
            talks.idle = await idle_cpu(here)
            for n in range(ROUNDS):
                for manner, style in (("fine", talks.fine), ("coarse", talks.coarse)):
                    seconds, replies = await one_round(here, people, manner, talks.idle)
                    style.cpu.append(seconds)
                    style.replies += replies
                    seconds, late = await asyncio.to_thread(loop.five_at_once, manner)
                    style.bare.append(seconds)
                    style.bare_late += late
                talks.short.append((await one_round(here, people, "short", talks.idle))[0])
                if n % 2:
                    talks.bytes_only.append((await asyncio.to_thread(reader.five_at_once, "fine"))[0])
    return talks


@asynccontextmanager
async def open_pages(here: Measured, seats: Sequence[Seat]) -> AsyncGenerator[list[Visitor]]:
    async with AsyncExitStack() as pages:
        yield [await pages.enter_async_context(visitor(here.url, seat)) for seat in seats]


async def one_round(here: Measured, people: list[Visitor], manner: str, idle: float = 0) -> tuple[float, list[Heard]]:
    """CPU seconds per reply, without what the open pages cost when idle, and the reply that each person got."""
    clock = asyncio.get_running_loop().time
    begun, before = clock(), here.cpu()
    replies = await asyncio.gather(*(person.ask(manner) for person in people))
    await asyncio.sleep(AFTERWARDS)
    seconds = here.cpu() - before - idle * (clock() - begun)
    assert all(reply.state == "done" for reply in replies), replies
    return seconds / len(people), list(replies)


async def idle_cpu(here: Measured) -> float:
    """CPU seconds per second while nobody does anything."""
    await asyncio.sleep(1)
    before = here.cpu()
    await asyncio.sleep(IDLE)
    return (here.cpu() - before) / IDLE


def cpu(talks: Talks) -> list[Line]:
    bare = median(talks.fine.bare) * 1000
    return [
        Line(
            *("fine: server CPU a reply, five at once", median(talks.fine.cpu) * 1000, "ms"),
            most=1.4,
            reference=("bare ChatOpenAI", bare),
            note="Chainlit 2.12 186 ms, stores nothing; Open WebUI 0.12 206-234 ms (their own machine's weather)",
        ),
        Line("  a reader of the bytes alone", median(talks.bytes_only) * 1000, "ms"),
        Line("coarse: server CPU a reply", median(talks.coarse.cpu) * 1000, "ms", most=60),
        Line("  bare ChatOpenAI", median(talks.coarse.bare) * 1000, "ms"),
        Line("short: server CPU a turn", median(talks.short) * 1000, "ms", most=25),
        Line("  five open pages, CPU a second", talks.idle * 1000, "ms"),
    ]


def late(talks: Talks) -> list[Line]:
    product = [reply.late * 1000 for reply in talks.fine.replies + talks.coarse.replies]
    bare = [seconds * 1000 for seconds in talks.fine.bare_late + talks.coarse.bare_late]
    return [
        Line(
            *("first text late by", median(product), "ms"),
            most=15,
            note=f"median of {len(product)}, worst {max(product):.1f}; bare ChatOpenAI {median(bare):.1f};"
            " peers 27-35 (Chainlit), 118 (Open WebUI)",
        )
    ]


def payload(talks: Talks) -> list[Line]:
    fine, coarse = (median(reply.payload / 1000 for reply in style.replies) for style in (talks.fine, talks.coarse))
    return [
        Line("fine: payload a reply", fine, "KB", most=15, note="before compression; text alone: 2.2 KB"),
        Line("coarse: payload a reply", coarse, "KB", most=15),
    ]

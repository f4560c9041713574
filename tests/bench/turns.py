"""Whether a turn costs more when a hundred of them lie behind it."""

from __future__ import annotations

import asyncio
from statistics import median

from tests.bench.replies import AFTERWARDS, open_pages
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import Visitor

PAIRS = 6  # of a short and a long talk
TURNS = 4  # in each of them, around the tenth and the hundredth


async def turns(upstream: Upstream) -> list[Line]:
    """Turns of short and long talks alternate, so that both see the same weather on the machine."""
    short: list[float] = []
    long: list[float] = []
    lengths = [10 - TURNS // 2 - 1, 100 - TURNS // 2 - 1] * PAIRS
    async with stage(upstream, lengths) as here, open_pages(here, here.seats) as people:
        await asyncio.gather(*(person.ask("instant") for person in people))
        for _ in range(TURNS):
            for n in range(PAIRS):
                short.append(await _turn(here, people[2 * n]))
                long.append(await _turn(here, people[2 * n + 1]))
    return [
        Line(
            *("turn 100: server CPU", median(long) * 1000, "ms"),
            most=1.15,
            reference=("turn 10", median(short) * 1000),
            note=f"medians of {len(long)}; replies that come at once",
        )
    ]


async def _turn(here: Stage, person: Visitor) -> float:
    before = here.cpu()
    await person.ask("instant")
    await asyncio.sleep(AFTERWARDS / 2)
    return here.cpu() - before

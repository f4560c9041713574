"""Benchmark of long dialogs: whether a turn costs more when a hundred turns came before it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import median

from tests.bench.replies import AFTERWARDS, open_pages
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import Visitor

PAIRS = 5  # of a short talk and a long one
ROUNDS = {"fine": 3, "coarse": 3, "instant": 4}
"""Turns of every talk in each manner: together they lie around the tenth and the hundredth."""


async def turns(upstream: Upstream) -> list[Line]:
    """The short talks and the long ones take turns, so that both see the same load on the machine."""
    before = sum(ROUNDS.values()) // 2 + 1
    async with stage(upstream, [10 - before, 100 - before] * PAIRS) as here, open_pages(here, here.seats) as people:
        short, long = people[::2], people[1::2]
        await asyncio.gather(*(person.ask("instant") for person in people))
        return [
            await _compared(here, short, long, "fine", most=1.15),
            await _compared(here, short, long, "coarse", most=1.15),
            await _compared(here, short, long, "instant", most=None),
        ]


async def _compared(
    here: Stage, short: Sequence[Visitor], long: Sequence[Visitor], manner: str, *, most: float | None
) -> Line:
    costs = [(await _cost(here, short, manner), await _cost(here, long, manner)) for _ in range(ROUNDS[manner])]
    tenth, hundredth = (median(side) * 1000 for side in zip(*costs, strict=True))
    return Line(f"turn 100, {manner}: server CPU", hundredth, "ms", most=most, reference=("turn 10", tenth))


async def _cost(here: Stage, people: Sequence[Visitor], manner: str) -> float:
    before = here.cpu()
    await asyncio.gather(*(person.ask(manner) for person in people))
    await asyncio.sleep(AFTERWARDS / 2)
    return (here.cpu() - before) / len(people)

"""Benchmark of turns with memory: server CPU of a late turn beside an early one, and the time to its first text."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.remember_databases import Databases
from tests.bench.replies import idle_cpu, one_round, open_pages
from tests.bench.rows import Seat
from tests.bench.stage import Stage
from tests.bench.table import Line
from tests.bench.visitor import Visitor
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.remembering.filler import Filler
from tests.summariser_scripts import Summariser

ROUNDS = 24
IDLE_SPELLS = 3
"""Of which the quietest counts: what the first turns and the start left to do is still being done."""
LATER = 5  # milliseconds by which memory may delay the first text


@dataclass
class Turns:
    """CPU seconds of each round, and its seconds to the first text."""

    cpu: list[float]
    first: list[float]


async def turns_with_memory(places: Databases, url: str, early: Seat, late: Seat, off: Seat) -> list[Line]:
    """The early talk and the late one take turns with another late one whose memory is off, so that all see the same
    load. Something else is said each time, since known words are quicker, and another talk goes first.
    """
    filler = Filler(Random(50))
    with TemporaryDirectory() as folder, LlmServer() as llm:
        llm.refuses = Summariser()
        copied = await asyncio.to_thread(places.copied, url, Path(folder))
        model = {"BASE_URL": llm.url, "API_KEY": "key", "LLM_MODEL": "model"}
        product = Product(Path(folder), DATABASE_URL=copied, LOG_LEVEL="WARNING", **model)
        product.start()
        try:
            here = Stage(product.url, [early, late, off], product.pid, Path(folder))
            async with open_pages(here, here.seats) as people:
                for person in people:
                    await one_round(here, [person], filler.question())
                idle = min([await idle_cpu(here) for _ in range(IDLE_SPELLS)])
                measured: dict[str, Turns] = {name: Turns([], []) for name in ("early", "late", "off")}
                turns = deque(zip(people, measured.values(), strict=True))
                for _ in range(ROUNDS):
                    for person, taken in turns:
                        await _measure(here, person, filler.question(), idle, taken)
                    turns.rotate()
        finally:
            product.stop()
    return _lines(measured)


async def _measure(here: Stage, person: Visitor, question: str, idle: float, turns: Turns) -> None:
    seconds, [heard] = await one_round(here, [person], question, idle)
    turns.cpu.append(seconds)
    turns.first.append(heard.first - heard.asked)


def _lines(measured: dict[str, Turns]) -> list[Line]:
    cpu = {name: _middle(turns.cpu) for name, turns in measured.items()}
    first = {name: _middle(turns.first) for name, turns in measured.items()}
    return [
        Line("turn 5,000: server CPU", cpu["late"], "ms", most=1.15, reference=("turn 50", cpu["early"])),
        Line("  with memory off", cpu["off"], "ms"),
        Line(
            *("turn 5,000: first text later by", first["late"] - first["off"], "ms"),
            most=LATER,
            note=f"{first['late']:.1f} ms beside {first['off']:.1f} with memory off; turn 50 {first['early']:.1f}",
        ),
    ]


def _middle(seconds: Sequence[float]) -> float:
    return median(seconds) * 1000

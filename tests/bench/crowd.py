"""Load test: five hundred people ask at the same moment, with ten slots at the model, while others look around."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from statistics import quantiles

import httpx

from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import Heard, Visitor, visitor

CROWD = 500
PLACES = 10
LOOKED_AT = ("/", "/feed/gallery")
PAUSE = 0.05  # seconds between looks


async def crowd(upstream: Upstream) -> list[Line]:
    async with stage(upstream, [1] * CROWD) as here, AsyncExitStack() as pages:
        people = [await pages.enter_async_context(visitor(here.url, seat)) for seat in here.seats]
        quiet = await looking(here, asyncio.sleep(3))
        begun = time.monotonic()
        asking = asyncio.create_task(_ask(people))
        busy = await looking(here, asking)
        replies, took = asking.result(), time.monotonic() - begun
    served = sum(reply.state == "done" for reply in replies)
    errors = sum(len(person.refusals) for person in people)
    return [
        Line(
            "500 ask at once: not served",
            CROWD - served,
            "",
            most=0,
            note=f"all within {took:.0f} s, nobody overtaken by more than {_overtaken(replies)}",
        ),
        Line("  refusals and errors", errors, "", most=0),
        Line("  most replies upstream at once", upstream.most_in_flight(), "", most=PLACES),
        Line(
            *("  other pages meanwhile, p95", p95(busy) * 1000, "ms"),
            most=200,
            note=f"{len(busy)} looks, worst {max(busy) * 1000:.0f} ms; in quiet p95 {p95(quiet) * 1000:.0f} ms;"
            " replies of 20 tokens in 0.3 s",
        ),
    ]


async def _ask(people: Sequence[Visitor]) -> list[Heard]:
    return await asyncio.gather(*(person.ask("quick") for person in people))


async def looking(here: Stage, meanwhile: Awaitable[object]) -> list[float]:
    """Load pages as a stranger until `meanwhile` is done; returns the seconds that each page took."""
    waiting = asyncio.ensure_future(meanwhile)
    over: list[object] = []
    waiting.add_done_callback(over.append)
    return await asyncio.to_thread(_look_around, here.url, over)


def _look_around(url: str, over: list[object]) -> list[float]:
    took = []
    with httpx.Client(base_url=url, timeout=60) as stranger:
        while not over:
            for path in LOOKED_AT:
                begun = time.monotonic()
                stranger.get(path).raise_for_status()
                took.append(time.monotonic() - begun)
                time.sleep(PAUSE)
    return took


def p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _overtaken(replies: Sequence[Heard]) -> int:
    """Largest number of places that a reply lost from the order of the messages to the order of service.

    Served means: its first text was due at the model's server. What comes after is the reply's own length.
    """
    kept = sorted(replies, key=lambda reply: reply.reply_id)
    served = {id(reply): place for place, reply in enumerate(sorted(replies, key=lambda reply: reply.due))}
    return max(served[id(reply)] - place for place, reply in enumerate(kept))

"""Benchmark of several instances: two behind a proxy on one PostgreSQL, compared with one on SQLite in the same run."""

from __future__ import annotations

from statistics import median

from tests.bench.baselines.bare import AT_ONCE
from tests.bench.replies import idle_cpu, one_round, open_pages
from tests.bench.several import open_chats
from tests.bench.several.cluster import Cluster, cluster
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import Heard, Visitor, visitor

ROUNDS = 4
WATCHED = 6  # replies
WAIT = 30  # seconds for a watching page
HELD_BY_ONE, HELD_BY_TWO = 500, 1000


async def instances(upstream: Upstream) -> list[Line]:
    async with stage(upstream, [0] * AT_ONCE) as one, cluster(upstream, [0] * AT_ONCE) as two:
        lines = [await _cpu(one, two), *await _across(two)]
    async with stage(upstream, [1] * HELD_BY_ONE) as one:
        lines += open_chats.lines("one process", HELD_BY_ONE, await open_chats.held(one, one.seats))
    async with cluster(upstream, [1] * HELD_BY_TWO) as two:
        lines += open_chats.lines("two and a proxy", HELD_BY_TWO, await open_chats.held(two, two.seats))
    return lines


async def _cpu(one: Stage, two: Cluster) -> Line:
    """Server CPU per reply of both in turn, so that they see the same load on the machine."""
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
    """Three pages of one person: the one where they write, another on the same instance, one on the other."""
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

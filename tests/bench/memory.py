"""Benchmark of memory: what an idle open page keeps in the server's memory."""

from __future__ import annotations

import asyncio

from tests.bench.replies import open_pages
from tests.bench.stage import stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream

FIRST = 15  # pages until everything is imported and the allocator has settled
MORE = 60
SETTLED = 4  # seconds


async def memory(upstream: Upstream) -> list[Line]:
    async with stage(upstream, [3] * (FIRST + MORE)) as here, open_pages(here, here.seats[:FIRST]):
        await asyncio.sleep(SETTLED)
        before = here.memory()
        async with open_pages(here, here.seats[FIRST:]):
            await asyncio.sleep(SETTLED)
            each = (here.memory() - before) / MORE / 1000
    return [Line("memory of an open idle page", each, "KB", most=300, note=f"resident, over {MORE} pages")]

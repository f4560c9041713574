"""Load test of fairness: while one person writes, another (`python -m tests.bench.flood`) does everything at once.

The other imports the largest conversations, marks favourites, searches, uploads photos and exports, in a process with
a lower priority than the product's: on a real site it would not be on the same machine.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import create_subprocess_exec
from collections.abc import Awaitable, Callable

import httpx

from tests.bench.crowd import p95
from tests.bench.largest_file import largest_file
from tests.bench.photo import heavy
from tests.bench.stage import Stage, stage
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.bench.visitor import NO_HTTPS

WRITES = 100
PAUSE = 0.1  # seconds between two writes
AIM = 250  # milliseconds
TURNS = 2_000
"""Behind the one: there is something to search and to export."""


async def flood(upstream: Upstream) -> list[Line]:
    async with stage(upstream, [TURNS, 1]) as here:
        quiet = await _writes(here)
        one = here.seats[0]
        command = ("-m", "tests.bench.flood", here.url, one.cookie, str(one.dialog_id))
        flooding = await create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
        assert flooding.stdout
        await flooding.stdout.readline()
        busy = await _writes(here)
        flooding.terminate()
        await flooding.wait()
    return [
        Line(
            *("another's write in a flood, p95", p95(busy) * 1000, "ms"),
            most=AIM,
            note=f"worst {max(busy) * 1000:.0f} ms; in quiet p95 {p95(quiet) * 1000:.0f} ms",
        )
    ]


async def _writes(here: Stage) -> list[float]:
    """Seconds that the person waited for each of their writes."""
    found = []
    async with httpx.AsyncClient(
        base_url=here.url, cookies={"beseda": here.seats[1].cookie}, timeout=60, verify=NO_HTTPS
    ) as other:
        for n in range(WRITES):
            begun = time.monotonic()
            answer = await other.post("/feed/characters/1/favourite", json={"favourite": n % 2 == 0})
            answer.raise_for_status()
            found.append(time.monotonic() - begun)
            await asyncio.sleep(PAUSE)
    return found


async def _do_everything(url: str, cookie: str, dialog_id: str) -> None:
    os.nice(10)
    file, photo = largest_file().encode(), heavy()
    async with httpx.AsyncClient(base_url=url, cookies={"beseda": cookie}, timeout=60, verify=NO_HTTPS) as one:

        async def again(do: Callable[[], Awaitable[httpx.Response]]) -> None:
            while True:
                await do()

        print("now", flush=True)
        await asyncio.gather(
            again(lambda: one.post("/feed/dialogs/import", content=file)),
            again(lambda: one.post("/feed/characters/1/favourite", json={"favourite": True})),
            again(lambda: one.get("/feed/dialogs", params={"search": "маяк"})),
            again(lambda: one.post("/feed/photos", content=photo)),
            again(lambda: one.get(f"/export/dialogs/{dialog_id}.json")),
        )


if __name__ == "__main__":
    asyncio.run(_do_everything(*sys.argv[1:]))

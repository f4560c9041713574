"""Event-loop monitor: `python -m tests.bench.heart` starts the product, unchanged but for a heartbeat in its loop.

`HEART_FILE` gets a line for each beat that came late: when, and by how many seconds. A machine that was busy elsewhere
is not our fault, so a beat is late by at most the CPU time that the process used meanwhile, all its threads together: a
thread that holds the interpreter's lock keeps the loop waiting as well. The file `….routes` beside it lists the
addresses that the product serves, as it knows them itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import uvicorn

import main

BEAT, LATE = 0.001, 0.003  # seconds


async def beat(heard: TextIO) -> None:
    at, worked = time.monotonic(), time.process_time()
    while True:
        await asyncio.sleep(BEAT)
        now, work = time.monotonic(), time.process_time()
        late = min(now - at, work - worked)
        if late > LATE:
            heard.write(f"{now} {late}\n")
            heard.flush()
        at, worked = now, work


def addresses(routes: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of each route, including those of mounted applications."""
    for route in routes:
        path = before + getattr(route, "path", "")
        if router := getattr(route, "original_router", None):  # FastAPI's wrapper of an included router
            yield from addresses(router.routes, before + route.include_context.prefix)
        elif hasattr(route, "methods"):
            yield from ((method, path) for method in route.methods or ("GET",) if method not in {"HEAD", "OPTIONS"})
        else:
            build = getattr(getattr(route, "app", None), "build", None)  # the JSON API, which is built when first asked
            yield from addresses(getattr(build() if build else route, "routes", None) or (), path)


class Server(uvicorn.Server):
    async def serve(self, sockets: Any = None) -> None:
        file = Path(os.environ["HEART_FILE"])
        routes = sorted(set(addresses(self.config.app.routes)))  # type: ignore[union-attr] # ours is one with routes
        file.with_suffix(".routes").write_text(json.dumps(routes))
        heard = file.open("w")  # noqa: ASYNC230 - once, before anybody comes; it is open until the end
        beating = asyncio.create_task(beat(heard))
        await super().serve(sockets)
        beating.cancel()


if __name__ == "__main__":
    uvicorn.Server = Server  # type: ignore[misc] # the one that main.py starts
    sys.exit(main.main())

"""Benchmarks: `python -m tests.bench` measures what a reply costs and prints one table; figures can be chosen by name.

    python -m tests.bench cpu payload        # these two alone; names: see FIGURES

CPU is that of the product's process alone, user and system; the model server, the people and the baselines run in
processes of their own. On a busy machine ratios and CPU can be trusted, wall-clock milliseconds cannot.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from tests.bench import replies
from tests.bench.admin import admin
from tests.bench.backup import backup
from tests.bench.block import block
from tests.bench.crowd import crowd
from tests.bench.first import first
from tests.bench.first_visit import first_visit
from tests.bench.flood import flood
from tests.bench.gallery import gallery
from tests.bench.light import light
from tests.bench.long_dialog import long_dialog
from tests.bench.loop import loop
from tests.bench.lore.activation import activation
from tests.bench.lore.card_files import cards
from tests.bench.memory import memory
from tests.bench.photo import photo
from tests.bench.reload import reload
from tests.bench.remember import remember
from tests.bench.several.instances import instances
from tests.bench.table import HEAD, Line
from tests.bench.turns import turns
from tests.bench.upstream import Upstream

OF_TALKS = {"cpu": replies.cpu, "late": replies.late, "payload": replies.payload}
"""Figures that come from the same five people."""
OTHERS: dict[str, Callable[[Upstream], Awaitable[list[Line]]]] = {
    "first": first,
    "turns": turns,
    "reload": reload,
    "memory": memory,
    "light": light,
    "first_visit": first_visit,
    "crowd": crowd,
    "block": block,
    "admin": admin,
    "gallery": gallery,
    "photo": photo,
    "flood": flood,
    "long_dialog": long_dialog,
    "activation": activation,
    "cards": cards,
    "backup": backup,
    "remember": remember,
    "loop": loop,
    "many": instances,
}
FIGURES = [*OF_TALKS, *OTHERS]


async def measure(names: list[str], upstream: Upstream) -> bool:
    """Print each line as soon as it is measured. Returns whether every aim was reached."""
    lines: list[Line] = []

    def show(more: list[Line]) -> None:
        lines.extend(more)
        print(*more, sep="\n", flush=True)

    print(HEAD, flush=True)
    if of_talks := [OF_TALKS[name] for name in names if name in OF_TALKS]:
        talks = await replies.talk(upstream)
        for figure in of_talks:
            show(figure(talks))
    for name in names:
        if name in OTHERS:
            show(await OTHERS[name](upstream))
    return all(line.verdict != "MISSED" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="What a reply costs, as a table.")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {', '.join(FIGURES)}; all of them by default")
    names = parser.parse_args().figures or FIGURES
    if unknown := set(names) - set(FIGURES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    begun = time.monotonic()
    with Upstream() as upstream:
        reached = asyncio.run(measure(names, upstream))
    print(f"\n{time.monotonic() - begun:.0f} s; {'every aim reached' if reached else 'not every aim was reached'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

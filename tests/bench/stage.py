"""Benchmark set-up: a fresh product with people in it, and measurements of its process."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.rows import Seat, seat
from tests.bench.upstream import Upstream
from tests.e2e.product import Product

CPU_OF_ALL_THREADS = 2  # CPUCLOCK_SCHED of linux/posix-timers.h
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Stage:
    url: str
    seats: list[Seat]
    process: int
    database: Path
    """The file."""

    def cpu(self) -> float:
        """CPU seconds (user and system) so far."""
        return cpu_of(self.process)

    def cpu_of_all(self) -> float:
        """The same with the processes that it starts, to a hundredth."""
        ticks = sum(_ticks(self.process)) + sum(sum(_ticks(child)[:2]) for child in _children(self.process))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Resident memory in bytes."""
        return resident(self.process)


def cpu_of(process: int) -> float:
    """CPU seconds (user and system) of a process so far.

    From the kernel's clock of that process, whose number is derived from the process id: /proc counts in hundredths.
    """
    return time.clock_gettime(~process << 3 | CPU_OF_ALL_THREADS)


def _ticks(process: int) -> list[int]:
    """User and system time of a process, and of its child processes that have ended, in clock ticks."""
    return [int(each) for each in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]]


def _children(process: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{process}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def resident(process: int) -> int:
    """Resident memory of a process in bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE


@asynccontextmanager
async def stage(upstream: Upstream, talks: Sequence[int], **settings: str) -> AsyncGenerator[Stage]:
    """`talks`: for each person, the number of turns already in their dialog."""
    with TemporaryDirectory() as folder:
        model = {"BASE_URL": upstream.url, "API_KEY": "key", "LLM_MODEL": "model"}
        product = Product(Path(folder), LOG_LEVEL="WARNING", **model | settings)
        product.data.mkdir()
        database = product.data / "beseda.db"
        seats = await seat(f"sqlite:///{database}", talks)
        product.start()
        try:
            yield Stage(product.url, seats, product.pid, database)
        finally:
            product.stop()

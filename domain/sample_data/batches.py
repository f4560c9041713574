"""Sample data, shared context of one run of the generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from storage.database import Database


@dataclass(frozen=True)
class Work:
    """`told` is called with what was added since its last call; `now` is one moment for everything."""

    database: Database
    chance: Random
    now: datetime
    told: Callable[[int], None]


def batches(count: int, most: int) -> Iterator[int]:
    """The batch sizes that `count` is split into, each at most `most`."""
    while count > 0:
        yield min(count, most)
        count -= most

"""What a filling works with, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from storage.database import Database


@dataclass(frozen=True)
class Work:
    """`told` hears how much has been added since it was told last; `now` is one moment for everything."""

    database: Database
    chance: Random
    now: datetime
    told: Callable[[int], None]


def batches(count: int, most: int) -> Iterator[int]:
    """The sizes of the parts that `count` falls into."""
    while count > 0:
        yield min(count, most)
        count -= most

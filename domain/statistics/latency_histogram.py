"""Latency histogram: users' waits for the first word of a reply, in histograms that can be added up.

Each bucket is 8 % wider than the one before, so a percentile is at most 4 % off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil, log

from domain.statistics.packed_ints import packed, unpacked

GROWTH = 1.08
_LOG = log(GROWTH)


def histogram(waits: Iterable[int]) -> bytes:
    """A histogram of milliseconds, in the form that `add` reads."""
    counts = Counter(round(log(max(wait, 1)) / _LOG) for wait in waits)
    return packed(number for pair in sorted(counts.items()) for number in pair)


def add(counts: Counter[int], data: bytes) -> None:
    """Add an hour's histogram to `counts`."""
    numbers = unpacked(data).tolist()
    for step, count in zip(numbers[::2], numbers[1::2], strict=True):
        counts[step] += count


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """The latency in milliseconds within which `share` (0..1) of the first words came; None if there were none."""
    rank = ceil(share * sum(counts.values()))
    for step in sorted(counts):
        rank -= counts[step]
        if rank <= 0:
            return round(GROWTH**step)
    return None

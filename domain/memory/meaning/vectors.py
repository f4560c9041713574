"""Vectors of texts: how they are stored and compared; pure code."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import hypot, log, sqrt
from operator import mul
from statistics import fmean

FEWEST = 12
"""Minimum number of vectors for an estimate of their usual likeness."""
MARGIN = 0.75
"""Standard deviations by which a vector must exceed the likeness expected of the nearest among as many unrelated ones.
"""


def packed(vector: Sequence[float]) -> bytes:
    """Pack a vector, scaled to length one, as half-precision floats of two bytes each. An empty one, which marks a
    refused text, stays empty.
    """
    length = hypot(*vector) or 1.0
    return struct.pack(f"<{len(vector)}e", *(number / length for number in vector))


def unpacked(kept: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(kept) // 2}e", kept)


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine similarity of two vectors of length one; 0 if their dimensions differ, as those of different models
    do.
    """
    return sum(map(mul, one, other)) if len(one) == len(other) else 0.0


def standing_out(question: Sequence[float], kept: Sequence[tuple[int, bytes]], most: int) -> list[int]:
    """The numbers of the vectors that are nearer the question than chance explains, the nearest first, without
    duplicates. Each takes a hundredth of a millisecond: call it in a thread.

    Models differ in how alike they make texts of the same meaning, and with some any two texts score 0.8. So a vector
    is compared with the others instead of a fixed threshold.
    """
    asked = unpacked(packed(question))
    best: dict[int, float] = {}
    for number, vector in kept:
        if vector:
            best[number] = max(best.get(number, -1.0), likeness(asked, unpacked(vector)))
    if len(best) < FEWEST:
        return []
    scored = sorted(((alike, number) for number, alike in best.items()), reverse=True)
    others = [alike for alike, _number in scored[1:]]
    usual = fmean(others)
    deviation = sqrt(fmean((alike - usual) ** 2 for alike in others))
    least = usual + deviation * (sqrt(2 * log(len(scored))) + MARGIN)
    return [number for alike, number in scored[:most] if alike > least]

"""Vectors of texts: how they are kept, and how alike two are; pure code."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import hypot, log, sqrt
from operator import mul
from statistics import fmean

FEWEST = 12
"""Of fewer vectors nobody can say how alike they usually are."""
MARGIN = 0.75
"""How far one has to stand out beyond the nearest of as many that have nothing to do with the question, in standard
deviations.
"""


def packed(vector: Sequence[float]) -> bytes:
    """Of length one, in half precision: two bytes a number. Of a text that is refused one there is an empty one."""
    length = hypot(*vector) or 1.0
    return struct.pack(f"<{len(vector)}e", *(number / length for number in vector))


def unpacked(kept: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(kept) // 2}e", kept)


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two of length one; vectors of different lengths are of different models, and alike in nothing."""
    return sum(map(mul, one, other)) if len(one) == len(other) else 0.0


def standing_out(question: Sequence[float], kept: Sequence[tuple[int, bytes]], most: int) -> list[int]:
    """The numbers of those that are more alike than any would be by chance, the most first; none twice. It takes a
    hundredth of a millisecond for each: in a thread.

    How alike what means the same is differs by model: of some all texts are at 0.8. So the measure are the others.
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

"""Lists of whole numbers as bytes: what an hour keeps of the many."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


def packed(numbers: Iterable[int]) -> bytes:
    """Numbers from 0 to 2³²-1, four bytes each."""
    return array("I", numbers).tobytes()


def unpacked(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data)
    return numbers

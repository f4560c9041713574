"""Packed integers: lists of whole numbers as bytes, as hourly totals store them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


def packed(numbers: Iterable[int]) -> bytes:
    """Pack numbers from 0 to 2³²-1, four bytes each."""
    return array("I", numbers).tobytes()


def unpacked(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data)
    return numbers

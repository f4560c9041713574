"""Sample data, skewed random choice: few get much."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def one_of(chance: Random, several: Sequence[T], bias: float) -> T:
    """Choose at random, earlier items more often than later ones, the more so the further `bias` is above 1."""
    return several[int(len(several) * chance.random() ** bias)]

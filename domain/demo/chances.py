"""Chances as they are in life: few have much."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def one_of(chance: Random, several: Sequence[T], bias: float) -> T:
    """Those in front more often than those behind, by more the further `bias` is above 1."""
    return several[int(len(several) * chance.random() ** bias)]

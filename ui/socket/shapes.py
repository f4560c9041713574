"""Argument schemas: kinds, lengths and numbers of an event's arguments, checked before anybody works with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

LARGEST_NUMBER = 2**53 - 1
"""The largest whole number that a browser can name exactly."""


class Shape(Protocol):
    @property
    def longest(self) -> int:
        """How many characters the longest string in it may have."""

    def fits(self, value: object) -> bool: ...


@dataclass(frozen=True)
class Text:
    longest: int

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and len(value) <= self.longest


@dataclass(frozen=True)
class OneOf:
    words: frozenset[str]

    @property
    def longest(self) -> int:
        return max(map(len, self.words))

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and value in self.words


@dataclass(frozen=True)
class Number:
    """A whole one."""

    least: int = -LARGEST_NUMBER
    most: int = LARGEST_NUMBER
    longest: int = 0

    def fits(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most


@dataclass(frozen=True)
class Amount:
    """A number that need not be whole."""

    longest: int = 0

    def fits(self, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


@dataclass(frozen=True)
class Flag:
    longest: int = 0

    def fits(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True)
class Maybe:
    """The shape, or nothing."""

    shape: Shape

    @property
    def longest(self) -> int:
        return self.shape.longest

    def fits(self, value: object) -> bool:
        return value is None or self.shape.fits(value)


@dataclass(frozen=True)
class Record:
    """These names and no others."""

    fields: Mapping[str, Shape]

    @property
    def longest(self) -> int:
        return max((shape.longest for shape in self.fields.values()), default=0)

    def fits(self, value: object) -> bool:
        if not isinstance(value, dict) or value.keys() != self.fields.keys():
            return False
        return all(shape.fits(value[name]) for name, shape in self.fields.items())


@dataclass(frozen=True)
class Small:
    """Whatever it is, there is little of it: so many characters in a string, so many values, so deep a nesting."""

    longest: int = 300
    most: int = 300
    deepest: int = 4

    def fits(self, value: object) -> bool:
        left, level = self.most, [value]
        for _ in range(self.deepest + 1):
            inner: list[object] = []
            for each in level:
                if isinstance(each, str) and len(each) > self.longest:
                    return False
                if isinstance(each, dict):
                    inner += [*each, *each.values()]
                elif isinstance(each, list):
                    inner += each
            left -= len(level)
            if left < 0:
                return False
            if not inner:
                return True
            level = inner
        return False


Takes = Mapping[str, Shape | None]
"""Of one of our components: each event it listens for, and what that brings; None stands for no argument at all."""

"""Argument schemas: kinds, lengths and numbers of an event's arguments, checked before anybody works with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

LARGEST_NUMBER = 2**53 - 1
"""Largest integer that a browser represents exactly."""


class Shape(Protocol):
    @property
    def longest(self) -> int:
        """The maximum length of a string in it."""

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
    """An integer."""

    least: int = -LARGEST_NUMBER
    most: int = LARGEST_NUMBER
    longest: int = 0

    def fits(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most


@dataclass(frozen=True)
class Amount:
    """A number, with or without a fraction."""

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
    """An object with these keys and no others."""

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
    """Any small value: limits on the characters in a string, the number of values and the depth of nesting."""

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
"""Events that one of our components listens for, with the shape of their argument; None means no argument."""

"""Events of memory: published on the bus (storage/bus.py). `about` is the dialog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WordsBehind:
    """Somebody looks at a dialog whose words are not all indexed."""

    about: int


@dataclass(frozen=True)
class MemoryChanged:
    """What is remembered of a dialog changed: open pages look again."""

    about: int

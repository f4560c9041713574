"""Events of memory: published on the bus (storage/bus.py). `about` is the dialog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WordsBehind:
    """Somebody opened a dialog whose words are not all indexed."""

    about: int


@dataclass(frozen=True)
class MemoryChanged:
    """A dialog's memory changed, so open pages read it again."""

    about: int

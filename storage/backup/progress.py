"""Progress of a long command (interface): its steps, and how much of each is done."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    def begin(self, what: str, total: int | None = None) -> None:
        """Begin a step of `total` units (bytes, rows, files), if that is known."""

    def advance(self, count: int) -> None:
        """Count `count` more of them as done."""

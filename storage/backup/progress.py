"""What a long command tells of its progress."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    def begin(self, what: str, total: int | None = None) -> None:
        """A step begins: so many bytes or rows, if that is known."""

    def advance(self, count: int) -> None:
        """So many more of them are done."""

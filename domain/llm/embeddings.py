"""Embeddings interface (port): texts as vectors, so that what means the same is found in other words."""

from __future__ import annotations

from typing import Protocol


class Embeddings(Protocol):
    """None instead of a vector: the server has none to give, for now or at all. It is never waited for long."""

    @property
    def name(self) -> str:
        """The model name stored with each vector: those of different models cannot be compared."""

    async def of_text(self, text: str) -> list[float] | None: ...

    async def of_question(self, text: str) -> list[float] | None: ...

"""Embeddings interface (port): texts as vectors, so that the same meaning is found in other words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Embedding:
    """A vector, and the tokens it took. It is empty if the server refuses the text for good."""

    vector: Sequence[float]
    model: str
    tokens: int


class Embeddings(Protocol):
    """None in place of an embedding: the server has none to give, for now or at all. No call waits long."""

    @property
    def name(self) -> str:
        """The model name stored with each vector: those of different models cannot be compared."""

    async def of_text(self, text: str) -> Embedding | None: ...

    async def of_question(self, text: str) -> Embedding | None: ...

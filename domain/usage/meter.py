"""Meter (metrics port): figures about replies for the operator of the server."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Gets figures only, never a person, a dialog, a title or an address. Fast; nothing of it raises."""

    def reply_ended(self, state: str, model: str, *, seconds: float, first_text: float | None) -> None:
        """A reply is stored in its final state, `seconds` after it was asked for."""

    def tokens_used(self, model: str, tokens_in: int, tokens_out: int, cost: int) -> None:
        """A reply, or writing help, was paid for; `cost` in millionths of a rouble."""

    def model_failed(self, code: str) -> None:
        """The model failed once (domain/llm/faults.py), whether or not it is asked again."""

    def place_granted(self, waited: float) -> None:
        """Somebody got a place at the model after so many seconds in the queue."""


class NoMeter:
    """Metrics are off."""

    def reply_ended(self, state: str, model: str, *, seconds: float, first_text: float | None) -> None:
        pass

    def tokens_used(self, model: str, tokens_in: int, tokens_out: int, cost: int) -> None:
        pass

    def model_failed(self, code: str) -> None:
        pass

    def place_granted(self, waited: float) -> None:
        pass

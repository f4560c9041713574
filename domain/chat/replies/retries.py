"""Retry policy of a reply, for faults that come before its first word."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from domain.llm.concurrency import ModelPlaces, ModelQueueFull
from domain.llm.faults import KnownFault, Loading, Overloaded, PlaceLost, TooLong, Unavailable

LONG_PROMPT = 700
"""Minimum tokens of a prompt that may be too long if the server refuses it for an unknown reason."""
MOST_HALVINGS = 5
MOST_GUESSES = 2
"""Maximum halvings if the server has not said that the prompt is too long."""


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff: `retries` further attempts, the first after `pause` seconds and each later one after twice
    as long. If an overloaded provider asks for more than `longest` seconds, the user is told instead. While a model is
    being loaded, it is asked every `loading` seconds.
    """

    retries: int = 2
    pause: float = 0.5
    longest: float = 10
    loading: float = 2


class Retries:
    """The retries of one reply. `part` is how much of the room the next prompt may take, 0 to 1: it is halved after the
    server found the prompt too long, or may have.
    """

    def __init__(self, policy: RetryPolicy, places: ModelPlaces, load_patience: float) -> None:
        self.part = 1.0
        self._policy = policy
        self._places = places
        self._attempt = 0
        self._halvings = 0
        self._loaded_by = asyncio.get_running_loop().time() + load_patience

    def wait_after(self, fault: KnownFault, prompt_tokens: int) -> float | None:
        """Seconds until the reply may be asked for again; None if that would not help."""
        match fault:
            case ModelQueueFull():  # our own queue: slowing the others down would only make it longer
                return None
            case Overloaded():
                return self._after_overload(fault)
            case Loading():
                return self._policy.loading if asyncio.get_running_loop().time() < self._loaded_by else None
            case TooLong():
                return self._shorten(fault, prompt_tokens)
            case Unavailable() | PlaceLost() if self._attempt < self._policy.retries:
                self._attempt += 1
                return self._backoff() * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
            case _:
                may_be_shortened = (
                    fault.may_be_too_long and prompt_tokens >= LONG_PROMPT and self._halvings < MOST_GUESSES
                )
                return self._shorten(fault, prompt_tokens) if may_be_shortened else None

    def _after_overload(self, fault: Overloaded) -> float | None:
        self._attempt += 1
        wait = fault.retry_after or self._backoff()
        self._places.back_off(min(wait, self._policy.longest))
        return 0 if self._attempt <= self._policy.retries and wait <= self._policy.longest else None

    def _shorten(self, fault: KnownFault, prompt_tokens: int) -> float | None:
        """Shorten the next prompt by half. The first time this is not needed if the server has told its window and the
        prompt was longer, or how many tokens it really had: by now the model object knows.
        """
        self._halvings += 1
        told = fault if isinstance(fault, TooLong) and self._halvings == 1 else None
        if not (told and (told.is_measured or (told.window and told.window < prompt_tokens))):
            self.part /= 2
        return 0 if self._halvings <= MOST_HALVINGS else None

    def _backoff(self) -> float:
        return float(self._policy.pause * 2 ** (self._attempt - 1))

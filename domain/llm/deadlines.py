"""Timeouts for a model: how long to wait for the first chunk, for the next ones, and for the whole reply.

The HTTP client's own timeouts are reset by keep-alive comments and do not bound a whole stream, so we measure the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from domain.llm.faults import CutOff, KnownFault, ModelTimeout
from domain.llm.port import Ending


@dataclass(frozen=True)
class Timeouts:
    """Timeouts in seconds: until the first chunk, between two chunks, and from the request to the end."""

    first: float = 30
    gap: float = 20
    whole: float = 120


async def with_timeouts(pieces: AsyncGenerator[str | Ending], deadlines: Timeouts) -> AsyncGenerator[str | Ending]:
    """The same chunks, or `ModelTimeout` on a timeout before the first of them and `CutOff` after it.

    Closing this generator closes the inner one; cancellation from outside passes through unchanged.
    """
    clock = asyncio.get_running_loop().time
    last_moment = clock() + deadlines.whole
    patience = deadlines.first
    fault: type[KnownFault] = ModelTimeout
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout_at(min(clock() + patience, last_moment)):
                    piece = await anext(pieces, None)
            except TimeoutError as error:
                raise fault from error
            if piece is None:
                return
            yield piece
            patience, fault = deadlines.gap, CutOff

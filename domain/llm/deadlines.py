"""Timeouts for a model: for its first sign of life, for a silence, and for the whole reply.

Any byte of an answer is a sign of life: its head, a heartbeat, a thought. The HTTP client's own timeouts do not bound a
whole stream, so the time is measured here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.addresses.private_hosts import is_private
from domain.llm.faults import CutOff, KnownFault, ModelTimeout, ThoughtOnly
from domain.llm.port import Ending, Sign
from domain.llm.server_load import ServerLoad

FIRST, FIRST_NEARBY = 30.0, 300.0
SILENCE, SILENCE_NEARBY = 30.0, 120.0
"""Seconds, until the first sign of life and in a silence. A model on one's own machine may have to be loaded first, and
a slow processor may have to read a long prompt.
"""
SHORTEST_WHOLE = 120.0
TOKENS_A_SECOND, TOKENS_A_SECOND_NEARBY = 8.0, 1.5
"""Speed of the slowest model that may finish a reply; a provider's writes ten times as fast."""


@dataclass(frozen=True)
class Timeouts:
    """Timeouts in seconds: until the first sign of life, in a silence, and from that first sign to the end."""

    first: float = FIRST
    silence: float = SILENCE
    whole: float = SHORTEST_WHOLE


def timeouts_for(address: str, reply_tokens: int, first: float = 0, silence: float = 0, whole: float = 0) -> Timeouts:
    """The timeouts as set. Those not set (0) depend on where the server is, and on the longest reply."""
    nearby = is_private(urlsplit(address).hostname or "")
    speed = TOKENS_A_SECOND_NEARBY if nearby else TOKENS_A_SECOND
    return Timeouts(
        first=first or (FIRST_NEARBY if nearby else FIRST),
        silence=silence or (SILENCE_NEARBY if nearby else SILENCE),
        whole=whole or max(SHORTEST_WHOLE, reply_tokens / speed),
    )


async def with_timeouts(
    pieces: AsyncGenerator[str | Sign | Ending], deadlines: Timeouts, load: ServerLoad | None = None
) -> AsyncGenerator[str | Sign | Ending]:
    """The same chunks, or `ModelTimeout` on a timeout before the first text and `CutOff` after it.

    `load` tells what else the same server is doing: while another reply shows signs of life, waiting for this one's
    first sign counts as waiting in the server's queue. Closing this generator closes the inner one; cancellation passes
    through unchanged.
    """
    load = load or ServerLoad()
    async with aclosing(pieces):
        with load.request() as request:
            piece = await _first(pieces, deadlines.first, load)
            fault: type[KnownFault] = ModelTimeout
            clock = asyncio.get_running_loop().time
            last_moment = clock() + deadlines.whole
            while piece is not None:
                request.sign(has_text=isinstance(piece, str))
                if isinstance(piece, str):
                    fault = CutOff
                elif piece is Sign.TAKEN_BACK:
                    fault = ModelTimeout
                elif piece is Sign.THINKING and fault is ModelTimeout:
                    fault = ThoughtOnly
                yield piece
                try:
                    async with asyncio.timeout_at(min(clock() + deadlines.silence, last_moment)):
                        piece = await anext(pieces, None)
                except TimeoutError as error:
                    raise fault from error


async def _first(
    pieces: AsyncGenerator[str | Sign | Ending], patience: float, load: ServerLoad
) -> str | Sign | Ending | None:
    """The first piece that comes. The wait is counted from the server's last sign of life in any reply."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    waiting = asyncio.ensure_future(anext(pieces, None))
    try:
        while not waiting.done():
            last_moment = max(begun, load.last_sign) + patience
            if last_moment <= clock():
                raise ModelTimeout from TimeoutError()
            await asyncio.wait({waiting}, timeout=last_moment - clock())
        return waiting.result()
    finally:
        if not waiting.done():
            waiting.cancel()
            await asyncio.wait({waiting})

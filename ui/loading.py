"""Loading while people wait: what is loaded late comes in a thread, and the garbage collector keeps out of its way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading_for_good() -> Iterator[None]:
    """Around what makes much that stays: with so much coming, collections would stop everybody for tens of
    milliseconds, again and again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # it stays
        gc.enable()

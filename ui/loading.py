"""Late loading while people wait: it runs in a thread, and the garbage collector is kept out of its way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading_for_good() -> Iterator[None]:
    """Wrap code that creates many lasting objects: with so many, collections would stop everybody for tens of
    milliseconds, again and again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # the new objects stay alive
        gc.enable()

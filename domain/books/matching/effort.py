"""Effort: how much looking for keys a reply may cost. A hostile book on a hostile text ends, too, and soon."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)

AT_LEAST = 50_000
FOR_A_CHARACTER = 10
"""Many times what a large book takes of a talk that was not written against it."""
MOST_SECONDS = 1.0
"""Of this thread: what it waits for the others is no reason to forget what fires."""
LOOKS_AT_THE_CLOCK = 100


class Effort:
    """What may still be done, in words compared. Without a text to be looked through there is no end."""

    def __init__(self) -> None:
        self.made = 0
        self.is_over = False
        self._most = float("inf")
        self._until = float("inf")
        self._next_look = LOOKS_AT_THE_CLOCK

    def allow(self, characters: int) -> None:
        """So much as a text of that length, or that much more of it, is worth."""
        if self._most == float("inf"):
            self._most = AT_LEAST
            self._until = time.thread_time() + MOST_SECONDS
        self._most += FOR_A_CHARACTER * characters

    def make(self, much: int) -> bool:
        """Whether that may be done."""
        if self.is_over:
            return False
        self.made += much
        if self.made >= self._next_look or self.made > self._most:
            self._look()
        return not self.is_over

    def _look(self) -> None:
        self._next_look = self.made + LOOKS_AT_THE_CLOCK
        if self.made > self._most or time.thread_time() > self._until:
            self.is_over = True
            log.warning("A lorebook has too many keys for its text: the rest of them count as not found.")

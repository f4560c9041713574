"""Effort: the limit on key matching for one reply, so that even a hostile book on a hostile text finishes soon."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)

AT_LEAST = 50_000
FOR_A_CHARACTER = 10
"""Words compared per character of text, at most: many times what a large book needs for an ordinary chat."""
MOST_SECONDS = 1.0
"""Maximum CPU time of this thread, in seconds: waiting for other threads is no reason to stop matching."""
LOOKS_AT_THE_CLOCK = 100


class Effort:
    """The work that may still be done, in words compared. It is unlimited until `allow` announces a text."""

    def __init__(self) -> None:
        self.made = 0
        self.is_over = False
        self._most = float("inf")
        self._until = float("inf")
        self._next_look = LOOKS_AT_THE_CLOCK

    def allow(self, characters: int) -> None:
        """Raise the limit by what a text of this many characters is worth. The first call starts the limits."""
        if self._most == float("inf"):
            self._most = AT_LEAST
            self._until = time.thread_time() + MOST_SECONDS
        self._most += FOR_A_CHARACTER * characters

    def make(self, much: int) -> bool:
        """Count this much work, and tell whether it may be done."""
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

"""Stray pages: their socket reached a process that does not know them, so that they reload themselves."""

from __future__ import annotations

import logging
import time
from collections import deque

from domain.token_buckets import LINES_ABOUT_PROXIES, TokenBuckets

log = logging.getLogger(__name__)

WITHIN = 60  # seconds
MANY = 5
REMEMBERED = 100
NOT_STICKY = (
    "%d sockets within a minute came from pages that this instance has not built, some of them again and again: a "
    "proxy in front of several instances has to send a browser always to the same one, by a cookie (examples in "
    "deploy/)"
)


class StrayPages:
    """After a restart every open page strays once. One whose tab comes back as another stray is led in circles."""

    def __init__(self, rates: TokenBuckets) -> None:
        self._rates = rates
        self._last: deque[tuple[float, str]] = deque(maxlen=REMEMBERED)

    def add(self, tab_id: str) -> None:
        moment = time.monotonic()
        while self._last and self._last[0][0] < moment - WITHIN:
            self._last.popleft()
        self._last.append((moment, tab_id))
        tabs = {tab for _moment, tab in self._last}
        if len(self._last) > MANY and len(tabs) < len(self._last) and self._rates.take(LINES_ABOUT_PROXIES):
            log.warning(NOT_STICKY, len(self._last))

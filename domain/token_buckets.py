"""Throttling: one table of rates, each a token bucket in the memory of this process.

For events that a socket delivers by the thousand, such as actions on an open page: a rate allows short bursts and then
an even pace, and whoever is too fast loses one action, not a minute. Where a time to retry can be named, use a rate
limit: domain/rate_limits.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SWEPT_EVERY = 1000
"""Number of tokens taken between two sweeps of the buckets that are full again."""


@dataclass(frozen=True)
class Rate:
    """`burst` at once, `per_second` in the long run."""

    name: str
    per_second: float
    burst: int


GESTURES_OF_SOCKET = Rate("gestures_of_socket", 40, 120)
"""A held key repeats up to 33 times a second, and sends the value of its field each time."""
GESTURES_OF_PERSON = Rate("gestures_of_person", 40, 120)
GESTURES_FROM_IP = Rate("gestures_from_ip", 200, 600)
"""For visitors who are not logged in: a school or an office shares one IP address."""
SOCKETS_FROM_IP = Rate("sockets_from_ip", 50, 600)
"""Sockets opened: when the network is back, everybody behind it reconnects at once."""
FLOOD_OF_SOCKET = Rate("flood_of_socket", 100, 600)
"""Above this rate the socket is disconnected: no human is so fast."""
MALFORMED_OF_SOCKET = Rate("malformed_of_socket", 0.1, 5)
"""Messages that no page of ours sends; beyond this rate the socket is closed."""
NOTICES_OF_SOCKET = Rate("notices_of_socket", 0.2, 1)
"""Notices to a user that they are too fast."""
LINES_ABOUT_SOCKETS = Rate("lines_about_sockets", 1, 20)
"""Log lines about misbehaving sockets, for all of them together."""
LINES_ABOUT_PAGES = Rate("lines_about_pages", 0.2, 20)
"""Log lines about failures in browsers, for all of them together."""
LINES_ABOUT_PROXIES = Rate("lines_about_proxies", 0.1, 3)
"""Log lines about what a proxy does not forward, since one page asks again and again."""

ALL = (
    GESTURES_OF_SOCKET,
    GESTURES_OF_PERSON,
    GESTURES_FROM_IP,
    SOCKETS_FROM_IP,
    FLOOD_OF_SOCKET,
    MALFORMED_OF_SOCKET,
    NOTICES_OF_SOCKET,
    LINES_ABOUT_SOCKETS,
    LINES_ABOUT_PAGES,
    LINES_ABOUT_PROXIES,
)


class TokenBucket:
    """A token bucket: refilled evenly, up to `burst`."""

    def __init__(self, per_second: float, burst: float, moment: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._at = moment

    def take(self, moment: float) -> bool:
        """Take a token; returns whether there was one left."""
        self._fill(moment)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def is_full(self, moment: float) -> bool:
        """Whether the bucket is full again, so that it can be forgotten."""
        self._fill(moment)
        return self._tokens >= self._burst

    def _fill(self, moment: float) -> None:
        self._tokens = min(self._burst, self._tokens + (moment - self._at) * self._per_second)
        self._at = moment


class TokenBuckets:
    """One token bucket per rate and key. `per_second` overrides the table by the rate's name; the burst follows in
    proportion.
    """

    def __init__(
        self, per_second: Mapping[str, float] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = dict(per_second or {})
        self._clock = clock
        self._buckets: dict[tuple[str, object], TokenBucket] = {}
        self._until_sweep = SWEPT_EVERY

    def take(self, rate: Rate, who: object = None) -> bool:
        """Take a token from the bucket of `who`; if it returns False, nothing was taken."""
        moment = self._clock()
        self._sweep(moment)
        key = (rate.name, who)
        if (bucket := self._buckets.get(key)) is None:
            bucket = self._buckets[key] = self._new(rate, moment)
        return bucket.take(moment)

    def __len__(self) -> int:
        return len(self._buckets)

    def _new(self, rate: Rate, moment: float) -> TokenBucket:
        per_second = self._per_second.get(rate.name, rate.per_second)
        return TokenBucket(per_second, max(1, rate.burst * per_second / rate.per_second), moment)

    def _sweep(self, moment: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = SWEPT_EVERY
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.is_full(moment)}

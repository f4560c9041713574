"""Load of a model's server: the replies it is writing for us, and whether it writes them side by side at all.

Many servers on one's own machine work on one request and let the others wait, which looks like a server that is silent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

LONG_WRITING = 0.5  # seconds: shorter replies may come one after the other by chance
AT_THE_SAME_TIME = 0.1  # seconds: the end of one reply and the beginning of the next may arrive together
WAITS_THAT_TELL = 3
"""Number of replies that began only once another had ended, with none beside another, that show a queue at the server.
"""


class ServerLoad:
    def __init__(self) -> None:
        self.last_sign = float("-inf")
        """Time of the server's last sign of life, by the event loop's clock."""
        self.writes_side_by_side = False
        self._requests: set[RequestInFlight] = set()
        self._waits = 0

    @property
    def writes_one_at_a_time(self) -> bool:
        return self._waits >= WAITS_THAT_TELL and not self.writes_side_by_side

    @contextmanager
    def request(self) -> Iterator[RequestInFlight]:
        request = RequestInFlight(self)
        self._requests.add(request)
        try:
            yield request
        finally:
            self._requests.discard(request)
            for other in self._requests:
                other.waited_for_another |= request.was_written_while_waiting(other)

    def sign(self) -> None:
        self.last_sign = _now()

    def text_of(self, request: RequestInFlight) -> None:
        if any(other.was_begun_beside(request) for other in self._requests if other is not request):
            self.writes_side_by_side = True

    def first_text_of(self, request: RequestInFlight) -> None:
        if not request.waited_for_another:
            return
        self._waits += 1
        if self._waits == WAITS_THAT_TELL and self.writes_one_at_a_time:
            log.warning(
                "The model's server seems to write one reply at a time. LLM_CONCURRENCY=1 makes the queue ours: then "
                "people see how many are ahead of them."
            )


class RequestInFlight:
    def __init__(self, load: ServerLoad) -> None:
        self._load = load
        self._begun = _now()
        self._first_sign: float | None = None
        self._first_text: float | None = None
        self.waited_for_another = False

    def sign(self, *, has_text: bool) -> None:
        self._load.sign()
        self._first_sign = self._first_sign or _now()
        if has_text:
            self._load.text_of(self)
        if has_text and self._first_text is None:
            self._first_text = _now()
            self._load.first_text_of(self)

    def was_begun_beside(self, older: RequestInFlight) -> bool:
        """Whether this reply was begun after the older one, which is still being written well afterwards."""
        if self._first_text is None or older._first_text is None or older._first_text > self._first_text:
            return False
        return _now() - self._first_text >= AT_THE_SAME_TIME

    def was_written_while_waiting(self, other: RequestInFlight) -> bool:
        """Whether this reply was being written for long, and the other heard nothing at all meanwhile."""
        if self._first_text is None or other._first_sign is not None:
            return False
        return _now() - max(self._first_text, other._begun) >= LONG_WRITING


def _now() -> float:
    return asyncio.get_running_loop().time()
